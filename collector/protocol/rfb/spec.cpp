#include "collector/protocol/rfb/spec.h"

namespace chieng::collector::rfb {
namespace {

constexpr std::uint8_t kSecurity = static_cast<std::uint8_t>(Progress::security);
constexpr std::uint8_t kResult = static_cast<std::uint8_t>(Progress::result);
constexpr std::uint8_t kComplete = static_cast<std::uint8_t>(Progress::complete);

constexpr BufferSpec kBuffers[] = {
    {.name = "rfb.name", .sides = Sides::to_client, .ready = {kComplete, kComplete}},
};

constexpr NamedValue kResults[] = {
    {"ok", 0}, {"fail", 1}, {"toomany", 2}, {"unknown", kUnknownResult}};

constexpr IntegerSpec kIntegers[] = {
    {.name = "rfb.sectype", .sides = Sides::to_server, .ready = {kSecurity, kSecurity}},
    {.name = "rfb.secresult",
     .sides = Sides::to_client,
     .ready = {kResult, kResult},
     .names = kResults},
};

constexpr std::string_view kEvents[] = {"unimplemented_security_type", "unknown_security_result",
                                        "malformed_message", "confused_state", "too_long_string"};

constexpr std::string_view kFrames[] = {"pdu"};

}  // namespace

constinit const ProtocolSpec kSpec{.name = "rfb",
                                   .rule_names = {"rfb"},
                                   .transport = TransportMask::tcp,
                                   .complete = {kComplete, kComplete},
                                   .buffers = kBuffers,
                                   .integers = kIntegers,
                                   .event_prefix = "rfb",
                                   .events = kEvents,
                                   .frames = kFrames};

}  // namespace chieng::collector::rfb
