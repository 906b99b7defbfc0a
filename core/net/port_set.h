// A set of ports: one bit each. 8 KiB, so share equal sets.
#pragma once

#include <bitset>
#include <cstdint>

namespace chieng {

class PortSet {
 public:
  [[nodiscard]] static PortSet any() {
    PortSet out;
    out.bits_.set();
    return out;
  }
  void add(std::uint16_t first, std::uint16_t last) {
    for (std::uint32_t p = first; p <= last; ++p) bits_.set(p);
  }
  [[nodiscard]] bool contains(std::uint16_t port) const { return bits_.test(port); }
  [[nodiscard]] bool is_any() const { return bits_.all(); }
  [[nodiscard]] bool empty() const { return bits_.none(); }
  [[nodiscard]] std::size_t count() const { return bits_.count(); }
  [[nodiscard]] PortSet minus(const PortSet& other) const {
    PortSet out = *this;
    out.bits_ &= ~other.bits_;
    return out;
  }
  [[nodiscard]] PortSet united(const PortSet& other) const {
    PortSet out = *this;
    out.bits_ |= other.bits_;
    return out;
  }
  friend bool operator==(const PortSet&, const PortSet&) = default;

 private:
  std::bitset<65536> bits_;
};

}  // namespace chieng
