// Hand-made frames for tests: Ethernet, IPv4 or IPv6, TCP, UDP, ICMP, with right checksums.
#pragma once

#include <string>
#include <string_view>

#include "collector/capture/frame.h"
#include "collector/packet/checksum.h"

namespace chieng::collector::test {

inline std::string be16(unsigned v) {
  return {static_cast<char>(v >> 8), static_cast<char>(v)};
}
inline std::string be32(std::uint32_t v) {
  return be16(v >> 16) + be16(v & 0xffff);
}
inline std::string hex(std::string_view text) {
  std::string compact, out;
  for (const char c : text)
    if (c != ' ' && c != '\n') compact += c;
  return from_hex(compact, out) ? out : std::string();
}

inline std::uint16_t checksum(std::string_view data) {
  InternetChecksum sum;
  sum.add(as_bytes(data));
  return __builtin_bswap16(sum.finish());
}

struct Ends {
  std::string src = hex("0a000001"), dst = hex("0a000002");
  std::uint16_t src_port = 40000, dst_port = 80;
  [[nodiscard]] Ends reversed() const { return {dst, src, dst_port, src_port}; }
};

inline std::string ipv4(const Ends& e, unsigned proto, std::string_view data, unsigned id = 1,
                        unsigned fragment = 0, std::string_view options = {}) {
  std::string header;
  header += static_cast<char>(0x40 | (5 + options.size() / 4));
  header += '\0';
  header +=
      be16(static_cast<unsigned>(20 + options.size() + data.size())) + be16(id) + be16(fragment);
  header += '\x40';
  header += static_cast<char>(proto);
  header += be16(0) + e.src + e.dst + std::string(options);
  header.replace(10, 2, be16(checksum(header)));
  return header + std::string(data);
}

inline std::string ipv6(const Ends& e, unsigned next, std::string_view data) {
  return be32(0x60000000) + be16(static_cast<unsigned>(data.size())) + static_cast<char>(next) +
         '\x40' + e.src + e.dst + std::string(data);
}

inline std::string pseudo(const Ends& e, unsigned proto, std::size_t size) {
  return e.src + e.dst + be16(proto) + be16(static_cast<unsigned>(size));
}

inline std::string tcp(const Ends& e, std::uint32_t seq, std::uint32_t ack, unsigned flags,
                       std::string_view data = {}, unsigned window = 65535,
                       std::string_view options = {}) {
  std::string out = be16(e.src_port) + be16(e.dst_port) + be32(seq) + be32(ack);
  out += static_cast<char>((5 + options.size() / 4) << 4);
  out += static_cast<char>(flags);
  out += be16(window) + be16(0) + be16(0) + std::string(options) + std::string(data);
  out.replace(16, 2, be16(checksum(pseudo(e, 6, out.size()) + out)));
  return out;
}

inline std::string udp(const Ends& e, std::string_view data) {
  std::string out = be16(e.src_port) + be16(e.dst_port) +
                    be16(static_cast<unsigned>(8 + data.size())) + be16(0) + std::string(data);
  out.replace(6, 2, be16(checksum(pseudo(e, 17, out.size()) + out)));
  return out;
}

inline std::string icmp(unsigned type, unsigned code, std::string_view rest) {
  std::string out;
  out += static_cast<char>(type);
  out += static_cast<char>(code);
  out += be16(0) + std::string(rest);
  out.replace(2, 2, be16(checksum(out)));
  return out;
}

inline std::string ethernet(std::string_view payload, unsigned type = 0x0800) {
  return hex("020000000002 020000000001") + be16(type) + std::string(payload);
}

inline Frame frame(std::string_view bytes, std::int64_t micros = 1'000'000, int link_type = 1) {
  return {as_bytes(bytes), static_cast<std::uint32_t>(bytes.size()), Timestamp{micros}, link_type};
}

}  // namespace chieng::collector::test
