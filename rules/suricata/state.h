// What rules remember between packets: with a flow and with a transaction, which one worker owns,
// and by address, which shared_state.h shares among workers.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/inspect/rule_metadata.h"
#include "core/net/address.h"
#include "core/time/timestamp.h"
#include "rules/suricata/signature.h"

namespace chieng::suricata {

// Names of bits across rule sets: a number stays good when the set is exchanged. Grows with the
// names of all sets.
class NameTable {
 public:
  std::uint32_t number(const std::string& name) {
    const auto [at, fresh] =
        numbers_.try_emplace(name, static_cast<std::uint32_t>(numbers_.size()));
    if (fresh) names_.push_back(&at->first);
    return at->second;
  }
  [[nodiscard]] std::string_view name(std::uint32_t number) const { return *names_[number]; }

 private:
  std::vector<const std::string*> names_;  // of the map's keys, which stay where they are
  std::map<std::string, std::uint32_t> numbers_;
};

// Kept with a flow. Bounded by the names that rules have; values of variables by kValueLimit.
struct FlowMemory final : RuleMetadata {
  static constexpr std::size_t kValueLimit = 1024;
  static constexpr std::size_t kMostEntropies = 16;
  explicit FlowMemory(const NameTable& table) : names(&table) {}

  const NameTable* names;  // the detector's, which outlives the flow's use of this
  std::vector<std::uint32_t> bits;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> integers;
  std::vector<std::pair<std::uint32_t, std::string>> variables;
  std::vector<std::pair<std::string, double>> entropies;  // by buffer
  std::string packet_variables;  // JSON array of objects, while an alert's event is written

  [[nodiscard]] bool has(std::uint32_t bit) const;
  void set(std::uint32_t bit);
  void unset(std::uint32_t bit);
  [[nodiscard]] std::optional<std::uint32_t> integer(std::uint32_t name) const;
  void set_integer(std::uint32_t name, std::uint32_t value);
  [[nodiscard]] const std::string* variable(std::uint32_t name) const;
  void set_variable(std::uint32_t name, std::string_view value);
  void set_entropy(std::string_view buffer, double bits);

  void write_metadata(JsonWriter& out, bool values) const override;
  [[nodiscard]] bool has_metadata() const override {
    return !bits.empty() || !integers.empty() || !variables.empty() || !entropies.empty() ||
           !packet_variables.empty();
  }
};

// Kept with a transaction: rules that may still match, and those that did.
struct TxMemory final : RuleState {
  struct Entry {
    std::uint32_t rule = 0;
    std::uint32_t lists = 0;  // bits of those that matched; the highest is the payload's
    bool checked = false;     // header and conditions held
    bool once = false;  // found by a literal of a field that does not grow: conditions count as
                        // they are then
    bool done = false;  // matched, or never will
  };
  struct Side {
    bool started = false;
    std::uint32_t revision = 0;
    std::vector<Entry> entries;
    std::vector<std::uint64_t> scanned;  // by domain: what was there at the last scan
  };
  std::uint64_t set_number = 0;  // of the rule set that the entries are of
  Side sides[2];
};

// Bits on addresses with an end (hostbits, xbits). At most kLimit; beyond it ended ones go, then
// none is added.
class AddressBits {
 public:
  static constexpr std::size_t kLimit = 4096;
  struct Key {
    std::uint32_t name;
    IpAddress a, b;
    friend bool operator==(const Key&, const Key&) = default;
    [[nodiscard]] std::size_t hash() const;
  };
  [[nodiscard]] bool has(const Key& key, Timestamp now) const;
  void set(const Key& key, Timestamp until, Timestamp now);
  void unset(const Key& key) { until_.erase(key); }
  [[nodiscard]] std::size_t size() const { return until_.size(); }

 private:
  struct Hash {
    std::size_t operator()(const Key& k) const { return k.hash(); }
  };
  std::unordered_map<Key, Timestamp, Hash> until_;
};

[[nodiscard]] std::size_t hash_address(const IpAddress& address);

}  // namespace chieng::suricata
