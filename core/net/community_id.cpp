#include <cstring>
#include <utility>

#include "core/hash/digest.h"
#include "core/net/flow_key.h"

namespace chieng {
namespace {

constexpr std::uint8_t kIcmp = 1;
constexpr std::uint8_t kIcmpv6 = 58;

// The message that answers a type, or -1 where the flow is one-way (the specification's tables).
int counterpart(std::uint8_t proto, std::uint16_t type) {
  static constexpr std::pair<int, int> v4[] = {{8, 0},   {0, 8},  {13, 14}, {14, 13}, {15, 16},
                                               {16, 15}, {10, 9}, {9, 10},  {17, 18}, {18, 17}};
  static constexpr std::pair<int, int> v6[] = {{128, 129}, {129, 128}, {133, 134}, {134, 133},
                                               {135, 136}, {136, 135}, {130, 131}, {131, 130},
                                               {144, 145}, {145, 144}, {139, 140}, {140, 139}};
  if (proto == kIcmp)
    for (const auto& [a, b] : v4)
      if (a == type) return b;
  if (proto == kIcmpv6)
    for (const auto& [a, b] : v6)
      if (a == type) return b;
  return -1;
}

void put16(std::string& out, std::uint16_t v) {
  out += static_cast<char>(v >> 8);
  out += static_cast<char>(v & 0xff);
}

}  // namespace

std::string community_id(const IpAddress& src, const IpAddress& dst, std::uint16_t src_port,
                         std::uint16_t dst_port, std::uint8_t proto, bool has_ports,
                         std::uint16_t seed) {
  const IpAddress* a = &src;
  const IpAddress* b = &dst;
  bool one_way = false;
  if (proto == kIcmp || proto == kIcmpv6) {
    const int answer = counterpart(proto, src_port);
    one_way = answer < 0;
    if (!one_way) dst_port = static_cast<std::uint16_t>(answer);
  }
  if (!one_way && (*b < *a || (*a == *b && has_ports && dst_port < src_port))) {
    std::swap(a, b);
    std::swap(src_port, dst_port);
  }
  std::string data;
  put16(data, seed);
  data.append(as_text(a->raw()));
  data.append(as_text(b->raw()));
  data += static_cast<char>(proto);
  data += '\0';
  if (has_ports) {
    put16(data, src_port);
    put16(data, dst_port);
  }
  return "1:" + to_base64(as_bytes(digest(DigestKind::sha1, as_bytes(data))));
}

}  // namespace chieng
