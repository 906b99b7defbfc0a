#include "collector/protocol/nfs/spec.h"

#include <array>

#include "collector/protocol/nfs/names.h"

namespace chieng::collector::nfs {
namespace {

constexpr std::array<std::uint8_t, 2> kReady = {kCalled, 0};

constexpr BufferSpec kBuffers[] = {
    {.name = "file.data",
     .ready = kReady,
     .multi = true,
     .streaming = true,
     .aliases = {"file_data"},
     .privacy = FieldClass::content},
    {.name = "file.name", .ready = kReady, .multi = true, .aliases = {"file_name"}},
    {.name = "file.md5", .ready = kReady, .multi = true},
    {.name = "file.sha1", .ready = kReady, .multi = true},
    {.name = "file.sha256", .ready = kReady, .multi = true},
};

const IntegerSpec kIntegers[] = {
    {.name = "nfs.procedure_number", .sides = Sides::to_server, .ready = kReady},
    {.name = "nfs.procedure_name",
     .sides = Sides::to_server,
     .ready = kReady,
     .names = procedure_names()},
    {.name = "nfs.version_number", .sides = Sides::to_server, .ready = kReady},
    {.name = "filesize", .ready = kReady, .bits = 64, .multi = true},
};

constexpr std::string_view kEvents[] = {"malformed_data", "too_many_transactions"};
constexpr std::string_view kFrames[] = {"rpc.pdu",  "rpc.hdr",    "rpc.data", "rpc.creds",
                                        "nfs.pdu",  "nfs.status", "nfs4.pdu", "nfs4.hdr",
                                        "nfs4.ops", "nfs4.status"};

}  // namespace

const ProtocolSpec kSpec{.name = "nfs",
                         .rule_names = {"nfs"},
                         .transport = TransportMask::both,
                         .complete = {kCallsDone, kAnswered},
                         .buffers = kBuffers,
                         .integers = kIntegers,
                         .event_prefix = "nfs",
                         .events = kEvents,
                         .frames = kFrames};

}  // namespace chieng::collector::nfs
