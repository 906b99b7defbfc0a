#include <array>
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

// What is hashed: the seed, two addresses, the protocol, a zero, two ports.
class Input {
 public:
  void put(std::byte b) { bytes_[size_++] = b; }
  void put16(std::uint16_t v) {
    put(static_cast<std::byte>(v >> 8));
    put(static_cast<std::byte>(v & 0xff));
  }
  void put(Bytes bytes) {
    for (const std::byte b : bytes) put(b);
  }
  [[nodiscard]] Bytes view() const { return Bytes(bytes_).first(size_); }

 private:
  std::array<std::byte, 2 + 2 * 16 + 2 + 4> bytes_{};
  std::size_t size_ = 0;
};

}  // namespace

void append_community_id(std::string& out, const IpAddress& src, const IpAddress& dst,
                         std::uint16_t src_port, std::uint16_t dst_port, std::uint8_t proto,
                         bool has_ports, std::uint16_t seed) {
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
  Input data;
  data.put16(seed);
  data.put(a->raw());
  data.put(b->raw());
  data.put(std::byte{proto});
  data.put(std::byte{0});
  if (has_ports) {
    data.put16(src_port);
    data.put16(dst_port);
  }
  std::array<std::byte, kLongestDigest> hash;
  const std::size_t size = digest_to(DigestKind::sha1, data.view(), hash);
  out += "1:";
  append_base64(out, Bytes(hash).first(size));
}

std::string community_id(const IpAddress& src, const IpAddress& dst, std::uint16_t src_port,
                         std::uint16_t dst_port, std::uint8_t proto, bool has_ports,
                         std::uint16_t seed) {
  std::string out;
  append_community_id(out, src, dst, src_port, dst_port, proto, has_ports, seed);
  return out;
}

}  // namespace chieng
