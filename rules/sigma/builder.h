// Puts a rule set together: gives equal predicates one number, keeps expression nodes in flat
// arrays, and at the end builds each field's database of literals. Lives while rules load; one
// thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/error/result.h"
#include "rules/sigma/compiled.h"

namespace chieng::sigma {

class Builder {
 public:
  Builder() : set_(std::make_unique<RuleSet>()) { fields_.emplace("", 0); }

  [[nodiscard]] std::uint32_t field(std::string_view name);
  // key tells predicates of one field apart; the first label stays.
  [[nodiscard]] NodeId predicate(Predicate predicate, const std::string& key);
  [[nodiscard]] NodeId all(const std::vector<NodeId>& children) {
    return group(Node::Kind::all, children);
  }
  [[nodiscard]] NodeId any(const std::vector<NodeId>& children) {
    return group(Node::Kind::any, children);
  }
  [[nodiscard]] NodeId negate(NodeId child);
  [[nodiscard]] NodeId search(std::string_view name, NodeId child);
  void add(Rule rule) { set_->rules.push_back(std::move(rule)); }
  [[nodiscard]] std::size_t rules() const { return set_->rules.size(); }

  [[nodiscard]] Result<std::shared_ptr<const RuleSet>> finish();

 private:
  NodeId group(Node::Kind kind, const std::vector<NodeId>& children);
  NodeId node(Node::Kind kind, std::uint32_t value, const std::vector<NodeId>& children);
  Status build_texts();

  std::unique_ptr<RuleSet> set_;
  std::unordered_map<std::string, std::uint32_t> fields_;
  std::unordered_map<std::string, NodeId> predicates_;
};

}  // namespace chieng::sigma
