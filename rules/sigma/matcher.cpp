#include <unordered_map>

#include "rules/sigma/compiled.h"
#include "rules/sigma/event_view.h"
#include "rules/sigma/rule_set.h"

namespace chieng::sigma {
namespace {

// Kinds of events remembered with their rules; a hostile log can invent any number of channels.
constexpr std::size_t most_sources = 1024;
constexpr std::size_t most_explained = 16;

}  // namespace

struct Matcher::State {
  explicit State(std::shared_ptr<const RuleSet> set) : rules(std::move(set)), event(*rules) {}

  const std::vector<std::uint32_t>& rules_for(const Record& record);
  bool holds(NodeId node);
  void explain(NodeId node, std::string_view search);

  std::shared_ptr<const RuleSet> rules;
  EventView event;
  std::unordered_map<std::string, std::vector<std::uint32_t>> by_source;
  std::string key;
  std::vector<MatchedValue> explanation;
};

const std::vector<std::uint32_t>& Matcher::State::rules_for(const Record& record) {
  source_key(key, record);
  if (const auto at = by_source.find(key); at != by_source.end()) return at->second;
  if (by_source.size() >= most_sources) by_source.clear();
  std::vector<std::uint32_t>& out = by_source[key];
  const EventSource source = source_of(record);
  for (std::uint32_t i = 0; i < rules->rules.size(); ++i)
    if (applies(rules->rules[i].source, source)) out.push_back(i);
  return out;
}

// Depth is bounded by what the condition parser and the YAML reader accept.
bool Matcher::State::holds(NodeId id) {
  const Node& node = rules->nodes[id];
  const auto children = rules->children_of(node);
  switch (node.kind) {
    case Node::Kind::predicate:
      return event.holds(node.value);
    case Node::Kind::all:
      for (const NodeId child : children)
        if (!holds(child)) return false;
      return true;
    case Node::Kind::any:
      for (const NodeId child : children)
        if (holds(child)) return true;
      return false;
    case Node::Kind::negate:
      return !holds(children.front());
    case Node::Kind::search:
      return holds(children.front());
  }
  return false;
}

// What made the condition true: of alternatives the first that holds, of negations nothing.
void Matcher::State::explain(NodeId id, std::string_view search) {
  const Node& node = rules->nodes[id];
  const auto children = rules->children_of(node);
  switch (node.kind) {
    case Node::Kind::predicate: {
      if (explanation.size() >= most_explained || !event.holds(node.value)) return;
      const Predicate& predicate = rules->predicates[node.value];
      explanation.push_back(
          {search, rules->fields[predicate.field], predicate.label, event.matched(node.value)});
      return;
    }
    case Node::Kind::all:
      for (const NodeId child : children) explain(child, search);
      return;
    case Node::Kind::any:
      for (const NodeId child : children)
        if (holds(child)) return explain(child, search);
      return;
    case Node::Kind::negate:
      return;
    case Node::Kind::search:
      return explain(children.front(), rules->names[node.value]);
  }
}

Matcher::Matcher(std::shared_ptr<const RuleSet> rules)
    : state_(std::make_unique<State>(std::move(rules))) {}
Matcher::~Matcher() = default;
Matcher::Matcher(Matcher&&) noexcept = default;
Matcher& Matcher::operator=(Matcher&&) noexcept = default;

void Matcher::match(const Record& record, const OnMatch& on_match) {
  const auto& candidates = state_->rules_for(record);
  if (candidates.empty()) return;
  state_->event.begin(record);
  for (const std::uint32_t number : candidates) {
    const Rule& rule = state_->rules->rules[number];
    if (!state_->holds(rule.condition)) continue;
    state_->explanation.clear();
    state_->explain(rule.condition, {});
    on_match(rule.info, state_->explanation);
  }
}

}  // namespace chieng::sigma
