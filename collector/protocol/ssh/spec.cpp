#include "collector/protocol/ssh/spec.h"

namespace chieng::collector::ssh {
namespace {

constexpr std::uint8_t kBanner = static_cast<std::uint8_t>(Progress::banner);
constexpr std::uint8_t kKeys = static_cast<std::uint8_t>(Progress::keys);
constexpr std::uint8_t kComplete = static_cast<std::uint8_t>(Progress::complete);

// In the order of Buffer.
constexpr BufferSpec kBuffers[] = {
    {.name = "ssh.proto", .ready = {kBanner, kBanner}, .aliases = {"ssh_proto"}},
    {.name = "ssh.software", .ready = {kBanner, kBanner}, .aliases = {"ssh_software"}},
    {.name = "ssh.hassh",
     .sides = Sides::to_server,
     .ready = {kKeys, kKeys},
     .aliases = {"ssh-hassh"}},
    {.name = "ssh.hassh.string",
     .sides = Sides::to_server,
     .ready = {kKeys, kKeys},
     .aliases = {"ssh-hassh-string"}},
    {.name = "ssh.hassh.server",
     .sides = Sides::to_client,
     .ready = {kKeys, kKeys},
     .aliases = {"ssh-hassh-server"}},
    {.name = "ssh.hassh.server.string",
     .sides = Sides::to_client,
     .ready = {kKeys, kKeys},
     .aliases = {"ssh-hassh-server-string"}},
};

constexpr std::string_view kEvents[] = {"invalid_banner", "long_banner", "invalid_record",
                                        "long_kex_record"};
constexpr std::string_view kFrames[] = {"record.hdr", "record.data", "record.pdu"};

}  // namespace

constinit const ProtocolSpec kSpec{.name = "ssh",
                                   .rule_names = {"ssh"},
                                   .transport = TransportMask::tcp,
                                   .complete = {kComplete, kComplete},
                                   .buffers = kBuffers,
                                   .event_prefix = "ssh",
                                   .events = kEvents,
                                   .frames = kFrames};

}  // namespace chieng::collector::ssh
