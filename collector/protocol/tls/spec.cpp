#include "collector/protocol/tls/spec.h"

namespace chieng::collector::tls {
namespace {

constexpr std::uint8_t kHello = static_cast<std::uint8_t>(Progress::hello);
constexpr std::uint8_t kCertificate = static_cast<std::uint8_t>(Progress::certificate);
constexpr std::uint8_t kComplete = static_cast<std::uint8_t>(Progress::complete);

constexpr BufferSpec certificate(std::string_view name, std::string_view alias,
                                 std::string_view other = {}) {
  return {.name = name, .ready = {kCertificate, kCertificate}, .aliases = {alias, other}};
}
constexpr BufferSpec hello(std::string_view name, Sides sides, std::string_view alias,
                           bool lowercase = false) {
  return {.name = name,
          .sides = sides,
          .ready = {kHello, kHello},
          .aliases = {alias},
          .lowercase = lowercase};
}

// In the order of Buffer.
constexpr BufferSpec kBuffers[] = {
    hello("tls.sni", Sides::to_server, "tls_sni"),
    certificate("tls.cert_subject", "tls_cert_subject"),
    certificate("tls.cert_issuer", "tls_cert_issuer"),
    certificate("tls.cert_serial", "tls_cert_serial"),
    certificate("tls.cert_fingerprint", "tls_cert_fingerprint"),
    {.name = "tls.certs",
     .ready = {kCertificate, kCertificate},
     .multi = true,
     .aliases = {"tls_certs"}},
    {.name = "tls.subjectaltname", .ready = {kCertificate, kCertificate}, .multi = true},
    {.name = "tls.alpn", .ready = {kHello, kHello}, .multi = true},
    hello("tls.random", Sides::both, ""),
    hello("tls.random_time", Sides::both, ""),
    hello("tls.random_bytes", Sides::both, ""),
    hello("ja3.hash", Sides::to_server, "ja3_hash"),
    hello("ja3.string", Sides::to_server, "ja3_string"),
    hello("ja3s.hash", Sides::to_client, "ja3s_hash"),
    hello("ja3s.string", Sides::to_client, "ja3s_string"),
    hello("ja4.hash", Sides::to_server, "ja4_hash"),
};

constexpr NamedValue kVersions[] = {{"1.0", 0x0301},    {"1.1", 0x0302},    {"1.2", 0x0303},
                                    {"1.3", 0x0304},    {"sslv2", 0x0002},  {"sslv3", 0x0300},
                                    {"tls1.0", 0x0301}, {"tls1.1", 0x0302}, {"tls1.2", 0x0303},
                                    {"tls1.3", 0x0304}};

constexpr NamedValue kPeriods[] = {{"early", 0}, {"valid", 1}, {"expired", 2}};

constexpr IntegerSpec kIntegers[] = {
    {.name = "tls.version", .ready = {kHello, kHello}, .bits = 16, .names = kVersions},
    {.name = "tls.cert_chain_len", .ready = {kCertificate, kCertificate}, .bits = 32},
    {.name = "tls.cert_notbefore",
     .ready = {kCertificate, kCertificate},
     .bits = 64,
     .aliases = {"tls_cert_notbefore"}},
    {.name = "tls.cert_notafter",
     .ready = {kCertificate, kCertificate},
     .bits = 64,
     .aliases = {"tls_cert_notafter"}},
    {.name = "tls.cert_period",
     .ready = {kCertificate, kCertificate},
     .bits = 8,
     .names = kPeriods},
};

#define CHIENG_TLS_EVENT_TEXT(name) std::string_view(#name),
constexpr std::string_view kEvents[] = {CHIENG_TLS_EVENTS(CHIENG_TLS_EVENT_TEXT)};
#undef CHIENG_TLS_EVENT_TEXT

}  // namespace

// In the order of the parser's Frame.
constexpr std::string_view kFrames[] = {"pdu",       "hdr",      "data",    "alert",
                                        "heartbeat", "ssl2.hdr", "ssl2.pdu"};

constinit const ProtocolSpec kSpec{.name = "tls",
                                   .rule_names = {"tls", "ssl"},
                                   .transport = TransportMask::tcp,
                                   .complete = {kComplete, kComplete},
                                   .buffers = kBuffers,
                                   .integers = kIntegers,
                                   .event_prefix = "tls",
                                   .events = kEvents,
                                   .frames = kFrames};

}  // namespace chieng::collector::tls
