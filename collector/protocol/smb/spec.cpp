#include "collector/protocol/smb/spec.h"

#include <array>

#include "collector/protocol/dcerpc/transaction.h"

namespace chieng::collector::smb {
namespace {

constexpr std::array<std::uint8_t, 2> kDone = {1, 1};

constexpr std::array kBuffers = {
    BufferSpec{.name = "smb.named_pipe",
               .sides = Sides::to_server,
               .ready = kDone,
               .aliases = {"smb_named_pipe"}},
    BufferSpec{
        .name = "smb.share", .sides = Sides::to_server, .ready = kDone, .aliases = {"smb_share"}},
    BufferSpec{.name = "smb.ntlmssp_user",
               .sides = Sides::to_server,
               .ready = kDone,
               .privacy = FieldClass::personal},
    BufferSpec{.name = "smb.ntlmssp_domain", .sides = Sides::to_server, .ready = kDone},
    dcerpc::kStubDataBuffer,
    dcerpc::kInterfacesBuffer,
    BufferSpec{.name = "file.data",
               .ready = kDone,
               .multi = true,
               .streaming = true,
               .aliases = {"file_data"},
               .privacy = FieldClass::content},
    BufferSpec{.name = "file.name", .ready = kDone, .multi = true, .aliases = {"file_name"}},
    BufferSpec{.name = "file.md5", .ready = kDone, .multi = true},
    BufferSpec{.name = "file.sha1", .ready = kDone, .multi = true},
    BufferSpec{.name = "file.sha256", .ready = kDone, .multi = true},
};
static_assert(kBuffers.size() == static_cast<std::size_t>(Buffer::file_sha256) + 1);

constexpr std::array kIntegers = {
    IntegerSpec{.name = "smb.version", .ready = kDone, .bits = 8},
    dcerpc::kOpnumInteger,
    IntegerSpec{.name = "filesize", .ready = kDone, .bits = 64, .multi = true},
};
static_assert(kIntegers.size() == static_cast<std::size_t>(Integer::filesize) + 1);

constexpr std::string_view kEvents[] = {"internal_error",
                                        "malformed_data",
                                        "record_overflow",
                                        "malformed_ntlmssp_request",
                                        "malformed_ntlmssp_response",
                                        "duplicate_negotiate",
                                        "negotiate_malformed_dialects",
                                        "file_overlap",
                                        "request_to_client",
                                        "response_to_server",
                                        "negotiate_max_read_size_too_large",
                                        "read_request_too_large",
                                        "read_response_too_large",
                                        "read_queue_size_exceeded",
                                        "read_queue_cnt_exceeded",
                                        "negotiate_max_write_size_too_large",
                                        "write_request_too_large",
                                        "write_queue_size_exceeded",
                                        "write_queue_cnt_exceeded",
                                        "too_many_transactions"};
static_assert(std::size(kEvents) == static_cast<std::size_t>(Event::too_many_transactions) + 1);

constexpr std::string_view kFrames[] = {"nbss.pdu",  "nbss.hdr",  "nbss.data", "smb1.pdu",
                                        "smb1.hdr",  "smb1.data", "smb2.pdu",  "smb2.hdr",
                                        "smb2.data", "smb3.pdu",  "smb3.hdr",  "smb3.data"};
static_assert(std::size(kFrames) == static_cast<std::size_t>(Frame::smb3_data) + 1);

}  // namespace

const ProtocolSpec kSpec{.name = "smb",
                         .rule_names = {"smb", "dcerpc"},  // DCERPC travels in pipes, too
                         .transport = TransportMask::tcp,
                         .complete = kDone,
                         .buffers = kBuffers,
                         .integers = kIntegers,
                         .event_prefix = "smb",
                         .events = kEvents,
                         .frames = kFrames};

}  // namespace chieng::collector::smb
