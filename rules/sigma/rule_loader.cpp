#include "rules/sigma/rule_loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "core/hash/digest.h"
#include "rules/sigma/condition.h"
#include "rules/sigma/fold.h"
#include "rules/sigma/item.h"

namespace chieng::sigma {
namespace {

std::string scalar(const YamlNode& document, std::string_view key) {
  const YamlNode* node = document.find(key);
  return node != nullptr && node->is_scalar() ? node->scalar : std::string{};
}

std::vector<std::string> list(const YamlNode& document, std::string_view key) {
  std::vector<std::string> out;
  if (const YamlNode* node = document.find(key); node != nullptr && !node->texts(out)) out.clear();
  return out;
}

Result<RuleStatus> status_of(const YamlNode& document) {
  const std::string text = fold(scalar(document, "status"));
  if (text.empty() || text == "test") return RuleStatus::test;
  if (text == "stable") return RuleStatus::stable;
  if (text == "experimental") return RuleStatus::experimental;
  if (text == "deprecated") return RuleStatus::deprecated;
  if (text == "unsupported") return RuleStatus::unsupported;
  return fail(
      ErrorCode::parse,
      fmt::format("status \"{}\": known are stable, test, experimental, deprecated, unsupported",
                  text),
      "status");
}

// EVE's severity. The specification leaves a missing level open; it counts as low.
Result<std::uint8_t> priority_of(std::string_view level) {
  const std::string text = fold(level);
  if (text == "critical" || text == "high") return std::uint8_t{1};
  if (text == "medium") return std::uint8_t{2};
  if (text == "low" || text.empty()) return std::uint8_t{3};
  if (text == "informational") return std::uint8_t{4};
  return fail(
      ErrorCode::parse,
      fmt::format("level \"{}\": known are informational, low, medium, high, critical", text),
      "level");
}

Result<RuleSource> source_of(const YamlNode& document) {
  const YamlNode* node = document.find("logsource");
  if (node == nullptr || !node->is_map())
    return fail(ErrorCode::parse, "logsource is missing", "logsource");
  RuleSource out{fold(scalar(*node, "product")), fold(scalar(*node, "category")),
                 fold(scalar(*node, "service"))};
  if (out.product.empty() && out.category.empty() && out.service.empty())
    return fail(ErrorCode::parse, "logsource has to name a product, a category or a service",
                "logsource");
  return out;
}

Result<Searches> compile_searches(const YamlNode& detection, const LoadOptions& options,
                                  Builder& builder) {
  Searches out;
  for (const auto& [name, node] : detection.members) {
    if (name == "condition") continue;
    if (name == "timeframe")
      return fail(ErrorCode::unsupported,
                  "timeframe is no longer part of Sigma; write a correlation", "timeframe");
    auto compiled = compile_search(node, options.placeholders, builder);
    if (!compiled) {
      Error error = std::move(compiled).error();
      error.context = error.context.empty() ? name : fmt::format("{}.{}", name, error.context);
      return std::unexpected(std::move(error));
    }
    out.emplace_back(name, builder.search(name, *compiled));
  }
  if (out.empty()) return fail(ErrorCode::parse, "detection has no search", "detection");
  return out;
}

// A list of conditions means any of them.
Result<NodeId> condition_of(const YamlNode& detection, const Searches& searches, Builder& builder) {
  const YamlNode* condition = detection.find("condition");
  std::vector<std::string> texts;
  if (condition == nullptr || !condition->texts(texts) || texts.empty())
    return fail(ErrorCode::parse, "detection has no condition", "condition");
  std::vector<NodeId> nodes;
  for (const std::string& text : texts) {
    CHIENG_TRY(const NodeId node, compile_condition(text, searches, builder));
    nodes.push_back(node);
  }
  return builder.any(nodes);
}

void add_metadata(const YamlNode& document, RuleInfo& info) {
  for (const std::string_view key : {"level", "status", "date", "modified"})
    if (std::string value = scalar(document, key); !value.empty())
      info.metadata.emplace_back(key, std::move(value));
  for (std::string& text : list(document, "falsepositives"))
    info.metadata.emplace_back("falsepositive", std::move(text));
}

}  // namespace

Result<bool> load_document(const YamlNode& document, std::string_view text, std::string_view file,
                           const LoadOptions& options, Builder& builder) {
  if (!document.is_map())
    return fail(ErrorCode::parse, "this document is not a Sigma rule: its top level is no map");
  if (document.find("correlation") != nullptr)
    return fail(ErrorCode::unsupported, "correlation rules are not supported yet", "correlation");
  if (document.find("filter") != nullptr)
    return fail(ErrorCode::unsupported, "filters are not supported yet", "filter");
  CHIENG_TRY(const RuleStatus status, status_of(document));
  if (status < options.least_status) return false;

  Rule rule;
  RuleInfo& info = rule.info;
  info.message = scalar(document, "title");
  if (info.message.empty()) return fail(ErrorCode::parse, "the rule has no title", "title");
  CHIENG_TRY(rule.source, source_of(document));
  CHIENG_TRY(info.priority, priority_of(scalar(document, "level")));
  const YamlNode* detection = document.find("detection");
  if (detection == nullptr || !detection->is_map())
    return fail(ErrorCode::parse, "the rule has no detection", "detection");
  CHIENG_TRY(const Searches searches, compile_searches(*detection, options, builder));
  CHIENG_TRY(rule.condition, condition_of(*detection, searches, builder));

  info.engine = RuleEngine::sigma;
  info.source = options.source;
  info.rule_id = scalar(document, "id");
  info.category = rule.source.category.empty() ? rule.source.service : rule.source.category;
  info.author = scalar(document, "author");
  info.license = scalar(document, "license");
  info.references = list(document, "references");
  info.tags = list(document, "tags");
  add_metadata(document, info);
  info.text = text;
  info.text_hash = digest_hex(DigestKind::sha256, as_bytes(text));
  info.file = file;
  info.line = document.line;
  builder.add(std::move(rule));
  return true;
}

}  // namespace chieng::sigma
