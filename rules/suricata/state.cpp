#include "rules/suricata/state.h"

#include <algorithm>

namespace chieng::suricata {

bool FlowMemory::has(std::uint32_t bit) const {
  return std::ranges::find(bits, bit) != bits.end();
}
void FlowMemory::set(std::uint32_t bit) {
  if (!has(bit)) bits.push_back(bit);
}
void FlowMemory::unset(std::uint32_t bit) {
  std::erase(bits, bit);
}

std::optional<std::uint32_t> FlowMemory::integer(std::uint32_t name) const {
  for (const auto& [key, value] : integers)
    if (key == name) return value;
  return std::nullopt;
}
void FlowMemory::set_integer(std::uint32_t name, std::uint32_t value) {
  for (auto& [key, old] : integers)
    if (key == name) {
      old = value;
      return;
    }
  integers.emplace_back(name, value);
}

const std::string* FlowMemory::variable(std::uint32_t name) const {
  for (const auto& [key, value] : variables)
    if (key == name) return &value;
  return nullptr;
}
void FlowMemory::set_variable(std::uint32_t name, std::string_view value) {
  value = value.substr(0, kValueLimit);
  for (auto& [key, old] : variables)
    if (key == name) {
      old = value;
      return;
    }
  variables.emplace_back(name, value);
}

void FlowMemory::set_entropy(std::string_view buffer, double bits_per_byte) {
  for (auto& [key, old] : entropies)
    if (key == buffer) {
      old = bits_per_byte;
      return;
    }
  if (entropies.size() < kMostEntropies) entropies.emplace_back(buffer, bits_per_byte);
}

void FlowMemory::write_metadata(JsonWriter& out, bool values) const {
  // Names of flow integers and variables are kept with a prefix of four letters: "int:", "var:".
  const auto bare = [this](std::uint32_t name) { return names->name(name).substr(4); };
  if (!bits.empty()) {
    out.key("flowbits").begin_array();
    for (const std::uint32_t bit : bits) out.value(names->name(bit));
    out.end_array();
  }
  if (!variables.empty() && values) {
    out.key("flowvars").begin_array();
    for (const auto& [name, value] : variables)
      out.begin_object().field(bare(name), value).end_object();
    out.end_array();
  }
  if (!packet_variables.empty() && values) out.key("pktvars").raw(packet_variables);
  if (!integers.empty()) {
    out.key("flowints").begin_object();
    for (const auto& [name, value] : integers) out.field(bare(name), value);
    out.end_object();
  }
  if (!entropies.empty()) {
    out.key("entropy").begin_object();
    for (const auto& [buffer, bits_per_byte] : entropies) out.field(buffer, bits_per_byte);
    out.end_object();
  }
}

std::size_t hash_address(const IpAddress& address) {
  std::size_t out = 1469598103934665603u ^ address.version;
  for (const std::uint8_t b : address.bytes) out = (out ^ b) * 1099511628211u;
  return out;
}

std::size_t AddressBits::Key::hash() const {
  return name * 0x9e3779b97f4a7c15u ^ hash_address(a) ^ (hash_address(b) << 1);
}
bool AddressBits::has(const Key& key, Timestamp now) const {
  const auto at = until_.find(key);
  return at != until_.end() && now < at->second;
}
void AddressBits::set(const Key& key, Timestamp until, Timestamp now) {
  if (until_.size() >= kLimit && !until_.contains(key)) {
    std::erase_if(until_, [&](const auto& entry) { return entry.second <= now; });
    if (until_.size() >= kLimit) return;
  }
  until_[key] = until;
}

}  // namespace chieng::suricata
