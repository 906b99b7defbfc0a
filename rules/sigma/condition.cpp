#include "rules/sigma/condition.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/record/record.h"

namespace chieng::sigma {
namespace {

constexpr int deepest = 64;

bool word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '*' || c == '.';
}

// * stands for any run of characters, anywhere in the pattern.
bool name_matches(std::string_view pattern, std::string_view name) {
  const std::size_t star = pattern.find('*');
  if (star == pattern.npos) return pattern == name;
  if (!name.starts_with(pattern.substr(0, star))) return false;
  const std::string_view rest = pattern.substr(star + 1);
  for (std::size_t at = star; at <= name.size(); ++at)
    if (name_matches(rest, name.substr(at))) return true;
  return false;
}

class ConditionParser {
 public:
  ConditionParser(std::string_view text, const Searches& searches, Builder& builder)
      : text_(text), searches_(searches), builder_(builder) {
    advance();
  }

  Result<NodeId> parse() {
    CHIENG_TRY(const NodeId out, alternatives(0));
    if (!word_.empty()) return complain("stands where the condition should end");
    return out;
  }

 private:
  void advance() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
      ++at_;
    const std::size_t begin = at_;
    while (at_ < text_.size() && word_character(text_[at_])) ++at_;
    if (at_ == begin && at_ < text_.size()) ++at_;
    word_ = text_.substr(begin, at_ - begin);
  }
  bool take(std::string_view keyword) {
    if (!equal_ignoring_case(word_, keyword)) return false;
    advance();
    return true;
  }
  std::unexpected<Error> complain(std::string_view what) const {
    return fail(ErrorCode::parse,
                fmt::format("condition: {}", word_.empty() ? "it ends too early"
                                                           : fmt::format("\"{}\" {}", word_, what)),
                std::string(word_));
  }

  Result<NodeId> alternatives(int depth) {
    std::vector<NodeId> parts;
    do {
      CHIENG_TRY(const NodeId part, conjunction(depth));
      parts.push_back(part);
    } while (take("or"));
    return builder_.any(parts);
  }
  Result<NodeId> conjunction(int depth) {
    std::vector<NodeId> parts;
    do {
      CHIENG_TRY(const NodeId part, negation(depth));
      parts.push_back(part);
    } while (take("and"));
    return builder_.all(parts);
  }
  Result<NodeId> negation(int depth) {
    if (depth > deepest)
      return fail(ErrorCode::limit, fmt::format("condition: nested deeper than {}", deepest));
    if (take("not")) {
      CHIENG_TRY(const NodeId inner, negation(depth + 1));
      return builder_.negate(inner);
    }
    if (take("(")) {
      CHIENG_TRY(const NodeId inner, alternatives(depth + 1));
      if (!take(")")) return complain("stands where \")\" should");
      return inner;
    }
    return selector();
  }

  Result<NodeId> selector() {
    const std::string_view word = word_;
    if (word == "|")
      return fail(
          ErrorCode::unsupported,
          "condition: aggregation after \"|\" is no longer part of Sigma; write a correlation",
          "|");
    if (word.empty() || !word_character(word.front()))
      return complain("is not the name of a search");
    advance();
    if (equal_ignoring_case(word_, "of")) return quantifier(word);
    const auto at = std::ranges::find(searches_, word,
                                      [](const auto& s) -> std::string_view { return s.first; });
    if (at == searches_.end())
      return fail(ErrorCode::parse, fmt::format("condition: no search is called \"{}\"", word),
                  std::string(word));
    return at->second;
  }
  Result<NodeId> quantifier(std::string_view count) {
    advance();  // "of"
    const bool all = equal_ignoring_case(count, "all");
    if (!all && count != "1" && !equal_ignoring_case(count, "any"))
      return fail(ErrorCode::parse,
                  fmt::format("condition: \"{} of\": only 1, any and all can be counted", count),
                  std::string(count));
    const std::string_view pattern = word_;
    if (pattern.empty() || !word_character(pattern.front()))
      return complain("is not the name of searches");
    advance();
    const bool them = equal_ignoring_case(pattern, "them");
    std::vector<NodeId> found;
    for (const auto& [name, node] : searches_) {
      const bool hidden = name.starts_with('_') && (them || !pattern.starts_with('_'));
      if (!hidden && (them || name_matches(pattern, name))) found.push_back(node);
    }
    if (found.empty())
      return fail(ErrorCode::parse,
                  fmt::format("condition: no search has a name like \"{}\"", pattern),
                  std::string(pattern));
    return all ? builder_.all(found) : builder_.any(found);
  }

  std::string_view text_;
  const Searches& searches_;
  Builder& builder_;
  std::size_t at_ = 0;
  std::string_view word_;
};

}  // namespace

Result<NodeId> compile_condition(std::string_view text, const Searches& searches,
                                 Builder& builder) {
  return ConditionParser(text, searches, builder).parse();
}

}  // namespace chieng::sigma
