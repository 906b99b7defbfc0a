// What rules become: predicates and expression nodes shared in flat arrays, and the rules over
// them.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/inspect/inspector.h"
#include "rules/engine/literal_set.h"
#include "rules/sigma/log_source_map.h"
#include "rules/sigma/predicate.h"

namespace chieng::sigma {

using NodeId = std::uint32_t;

struct Node {
  enum class Kind : std::uint8_t { predicate, all, any, negate, search };
  Kind kind = Kind::predicate;
  std::uint32_t value = 0;             // predicate: its number; search: its name's number
  std::uint32_t first = 0, count = 0;  // children, in RuleSet::children
};

struct Rule {
  RuleInfo info;
  RuleSource source;
  NodeId condition = 0;
};

// One field's text tests as a database: scanning the folded value names the tests worth trying.
struct FieldTexts {
  matching::LiteralSet literals;
  bool filtered = false;  // literals is built and used
};

// Immutable after load; shared by all threads.
class RuleSet {
 public:
  std::vector<std::string> fields{""};  // as rules write them; 0 is the whole event
  std::vector<Predicate> predicates;
  std::vector<bool> filtered;     // by predicate: only tried when its field's database names it
  std::vector<FieldTexts> texts;  // by field
  std::vector<Node> nodes;
  std::vector<NodeId> children;
  std::vector<std::string> names;  // of searches
  std::vector<Rule> rules;
  std::unordered_map<std::string, std::uint32_t> exact_fields;
  std::unordered_map<std::string, std::vector<std::uint32_t>> folded_fields;

  [[nodiscard]] std::span<const NodeId> children_of(const Node& node) const {
    return std::span(children).subspan(node.first, node.count);
  }
};

}  // namespace chieng::sigma
