// IP addresses, prefixes and sets. IPv4 and IPv6 never compare equal, not even when mapped.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes/bytes.h"
#include "core/error/result.h"

namespace chieng {

struct IpAddress {
  std::uint8_t version = 0;              // 4, 6, or 0: none
  std::array<std::uint8_t, 16> bytes{};  // network order; IPv4 in the first four, the rest zero

  [[nodiscard]] static IpAddress v4(std::uint32_t host_order);
  [[nodiscard]] static IpAddress from_bytes(Bytes raw);  // 4 or 16 bytes; otherwise none
  [[nodiscard]] bool is_set() const { return version != 0; }
  [[nodiscard]] std::size_t size() const { return version == 4 ? 4 : version == 6 ? 16 : 0; }
  [[nodiscard]] Bytes raw() const { return as_bytes(bytes.data(), size()); }
  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;
};

[[nodiscard]] std::optional<IpAddress> parse_address(std::string_view text);
// Canonical text (RFC 5952 for IPv6), for people, entities and keys.
[[nodiscard]] std::string to_string(const IpAddress& address);
// EVE's text: IPv6 as eight groups of four digits, nothing left out.
void append_eve(std::string& out, const IpAddress& address);
[[nodiscard]] std::string to_eve(const IpAddress& address);

enum class AddressScope : std::uint8_t {
  internet,
  site
};  // site: private, CGN, link-local, ULA, loopback
[[nodiscard]] AddressScope scope_of(const IpAddress& address);

struct AddressRange {  // first <= last, one version
  IpAddress first, last;
  [[nodiscard]] bool contains(const IpAddress& a) const {
    return a.version == first.version && first.bytes <= a.bytes && a.bytes <= last.bytes;
  }
};
// "10.0.0.0/8", "10.0.0.0/255.0.0.0" (contiguous), "a-b", or one address.
[[nodiscard]] Result<AddressRange> parse_range(std::string_view text);

// An immutable set of addresses: sorted, merged ranges; a look-up is a binary search.
class AddressSet {
 public:
  AddressSet() = default;
  explicit AddressSet(std::vector<AddressRange> ranges);  // any order, may overlap
  [[nodiscard]] static AddressSet any();
  [[nodiscard]] AddressSet minus(const AddressSet& other) const;
  [[nodiscard]] AddressSet united(const AddressSet& other) const;
  [[nodiscard]] bool contains(const IpAddress& address) const;
  [[nodiscard]] bool is_any() const;
  [[nodiscard]] bool empty() const { return ranges_.empty(); }
  [[nodiscard]] const std::vector<AddressRange>& ranges() const { return ranges_; }
  friend bool operator==(const AddressSet& a, const AddressSet& b);

 private:
  std::vector<AddressRange> ranges_;
};

}  // namespace chieng
