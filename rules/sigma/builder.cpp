#include "rules/sigma/builder.h"

#include <algorithm>
#include <utility>

#include "rules/sigma/fold.h"

namespace chieng::sigma {
namespace {

// Shorter literals occur in most values: testing the pattern at once is cheaper than a hit for
// each.
constexpr std::size_t shortest_literal = 4;

}  // namespace

std::uint32_t Builder::field(std::string_view name) {
  const auto [at, added] =
      fields_.try_emplace(std::string(name), static_cast<std::uint32_t>(set_->fields.size()));
  if (added) set_->fields.emplace_back(name);
  return at->second;
}

NodeId Builder::node(Node::Kind kind, std::uint32_t value, const std::vector<NodeId>& children) {
  Node out{kind, value, static_cast<std::uint32_t>(set_->children.size()),
           static_cast<std::uint32_t>(children.size())};
  set_->children.insert(set_->children.end(), children.begin(), children.end());
  set_->nodes.push_back(out);
  return static_cast<NodeId>(set_->nodes.size() - 1);
}

NodeId Builder::predicate(Predicate predicate, const std::string& key) {
  std::string full = std::to_string(predicate.field) + ':' +
                     std::to_string(static_cast<int>(predicate.test)) + ':' + key;
  if (const auto at = predicates_.find(full); at != predicates_.end()) return at->second;
  set_->predicates.push_back(std::move(predicate));
  const NodeId id =
      node(Node::Kind::predicate, static_cast<std::uint32_t>(set_->predicates.size() - 1), {});
  predicates_.emplace(std::move(full), id);
  return id;
}

NodeId Builder::group(Node::Kind kind, const std::vector<NodeId>& children) {
  return children.size() == 1 ? children.front() : node(kind, 0, children);
}

NodeId Builder::negate(NodeId child) {
  return node(Node::Kind::negate, 0, {child});
}

NodeId Builder::search(std::string_view name, NodeId child) {
  set_->names.emplace_back(name);
  return node(Node::Kind::search, static_cast<std::uint32_t>(set_->names.size() - 1), {child});
}

Status Builder::build_texts() {
  set_->texts.resize(set_->fields.size());
  set_->filtered.resize(set_->predicates.size());
  for (std::size_t i = 0; i < set_->predicates.size(); ++i) {
    const Predicate& predicate = set_->predicates[i];
    if (predicate.test != Predicate::Test::text) continue;
    const std::string literal = predicate.pattern.longest_text();
    if (literal.size() < shortest_literal) continue;
    set_->texts[predicate.field].literals.add(literal, false, static_cast<std::uint32_t>(i));
    set_->filtered[i] = true;
  }
  for (FieldTexts& field : set_->texts) {
    if (field.literals.empty()) continue;
    CHIENG_CHECK(field.literals.build());
    field.filtered = true;
  }
  return {};
}

Result<std::shared_ptr<const RuleSet>> Builder::finish() {
  for (std::uint32_t i = 1; i < set_->fields.size(); ++i) {
    set_->exact_fields.emplace(set_->fields[i], i);
    set_->folded_fields[fold(set_->fields[i])].push_back(i);
  }
  CHIENG_CHECK(build_texts());
  return std::shared_ptr<const RuleSet>(std::move(set_));
}

}  // namespace chieng::sigma
