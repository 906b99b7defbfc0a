#include "collector/protocol/quic/spec.h"

namespace chieng::collector::quic {
namespace {

constexpr BufferSpec buffer(std::string_view name, Sides sides, std::string_view alias) {
  return {.name = name, .sides = sides, .ready = {1, 1}, .aliases = {alias}};
}

// In the order of Buffer.
constexpr BufferSpec kBuffers[] = {
    buffer("quic.version", Sides::both, ""),
    buffer("quic.sni", Sides::to_server, ""),
    buffer("quic.ua", Sides::to_server, ""),
    buffer("quic.cyu.hash", Sides::to_server, ""),
    buffer("quic.cyu.string", Sides::to_server, ""),
    buffer("ja3.hash", Sides::to_server, "ja3_hash"),
    buffer("ja3.string", Sides::to_server, "ja3_string"),
    buffer("ja3s.hash", Sides::to_client, "ja3s_hash"),
    buffer("ja3s.string", Sides::to_client, "ja3s_string"),
    buffer("ja4.hash", Sides::to_server, "ja4_hash"),
    buffer("tls.sni", Sides::to_server, "tls_sni"),
    {.name = "tls.alpn", .ready = {1, 1}, .multi = true},
};

constexpr std::string_view kEvents[] = {"failed_decrypt", "error_on_data", "crypto_frag_too_long"};

}  // namespace

constinit const ProtocolSpec kSpec{.name = "quic",
                                   .rule_names = {"quic"},
                                   .transport = TransportMask::udp,
                                   .complete = {1, 1},
                                   .buffers = kBuffers,
                                   .event_prefix = "quic",
                                   .events = kEvents};

}  // namespace chieng::collector::quic
