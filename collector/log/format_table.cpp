#include "collector/log/format_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>

namespace chieng::collector {
namespace {

class FormatReader {
 public:
  explicit FormatReader(std::string_view name) : name_(name) {}

  Result<Format> read(const YamlNode& document) {
    CHIENG_CHECK(only(document, {"service", "programs", "untagged", "fallback", "sigma", "category",
                                 "patterns"}));
    CHIENG_TRY(format_.service, text(document, "service"));
    if (format_.service.empty()) return complain(document, "\"service\" is missing");
    CHIENG_TRY(category_, text(document, "category"));
    CHIENG_TRY(format_.untagged, flag(document, "untagged"));
    CHIENG_TRY(format_.fallback, flag(document, "fallback"));
    CHIENG_CHECK(programs(document));
    CHIENG_CHECK(sigma(document));
    const YamlNode* patterns = document.find("patterns");
    if (patterns == nullptr || !patterns->is_sequence() || patterns->items.empty())
      return complain(document, "\"patterns\" has to be a list");
    for (const YamlNode& node : patterns->items) CHIENG_CHECK(pattern(node));
    return std::move(format_);
  }

 private:
  std::unexpected<Error> complain(const YamlNode& at, std::string what) const {
    return fail(ErrorCode::parse, std::move(what), fmt::format("{}:{}", name_, at.line));
  }

  Status only(const YamlNode& map, std::initializer_list<std::string_view> known) const {
    if (!map.is_map()) return complain(map, "a map is expected here");
    for (const auto& [key, value] : map.members)
      if (std::ranges::find(known, key) == known.end())
        return complain(value, fmt::format("\"{}\" is not known here; known are {}", key,
                                           fmt::join(known, ", ")));
    return {};
  }
  Result<std::string> text(const YamlNode& map, std::string_view key) const {
    const YamlNode* node = map.find(key);
    if (node == nullptr) return std::string{};
    if (!node->is_scalar()) return complain(*node, fmt::format("\"{}\" has to be text", key));
    return node->scalar;
  }
  Result<bool> flag(const YamlNode& map, std::string_view key) const {
    CHIENG_TRY(const std::string value, text(map, key));
    if (value.empty() || value == "false") return false;
    if (value == "true") return true;
    return complain(*map.find(key), fmt::format("\"{}\" is true or false", key));
  }
  Result<std::vector<std::string>> texts(const YamlNode& map, std::string_view key) const {
    std::vector<std::string> out;
    const YamlNode* node = map.find(key);
    if (node != nullptr && !node->texts(out))
      return complain(*node, fmt::format("\"{}\" has to be text or a list of texts", key));
    return out;
  }
  Result<std::vector<LinePattern>> compiled(const YamlNode& map, std::string_view key) const {
    CHIENG_TRY(const auto list, texts(map, key));
    std::vector<LinePattern> out;
    for (const std::string& one : list) {
      auto pattern = LinePattern::compile(one);
      if (!pattern) return complain(*map.find(key), pattern.error().text);
      out.push_back(std::move(*pattern));
    }
    return out;
  }

  Status programs(const YamlNode& document) {
    CHIENG_TRY(const auto list, texts(document, "programs"));
    for (const std::string& one : list) {
      if (one.find_first_of("\\[({*+?.|") == one.npos) {
        format_.programs.push_back(one);
        continue;
      }
      auto pattern = LinePattern::compile(one);
      if (!pattern) return complain(*document.find("programs"), pattern.error().text);
      format_.program_patterns.push_back(std::move(*pattern));
    }
    if (list.empty() && !format_.untagged && !format_.fallback)
      return complain(document,
                      "nothing tells which lines are of this format: name programs, or set "
                      "untagged or fallback");
    return {};
  }

  Status sigma(const YamlNode& document) {
    const YamlNode* node = document.find("sigma");
    if (node == nullptr) return {};
    CHIENG_CHECK(only(*node, {"product", "category", "services"}));
    CHIENG_TRY(format_.product, text(*node, "product"));
    CHIENG_TRY(format_.sigma_category, text(*node, "category"));
    CHIENG_TRY(format_.sigma_services, texts(*node, "services"));
    return {};
  }

  Status pattern(const YamlNode& node) {
    CHIENG_CHECK(only(node, {"id", "match", "unless", "outcome", "category", "action", "reason",
                             "memory", "peer", "examples"}));
    FormatPattern out;
    CHIENG_TRY(const std::string id, text(node, "id"));
    if (id.empty()) return complain(node, "\"id\" is missing");
    out.id = format_.service + '.' + id;
    if (std::ranges::find(format_.patterns, out.id, &FormatPattern::id) != format_.patterns.end())
      return complain(node, fmt::format("the id \"{}\" stands twice", id));
    CHIENG_TRY(out.match, compiled(node, "match"));
    if (out.match.empty()) return complain(node, "\"match\" is missing");
    CHIENG_TRY(out.unless, compiled(node, "unless"));
    CHIENG_TRY(out.category, text(node, "category"));
    if (out.category.empty()) out.category = category_;
    CHIENG_TRY(out.action, text(node, "action"));
    CHIENG_TRY(out.reason, text(node, "reason"));
    CHIENG_CHECK(outcome(node, out));
    CHIENG_CHECK(memory(node, out));
    CHIENG_CHECK(examples(node, out.id));
    format_.patterns.push_back(std::move(out));
    return {};
  }

  Status outcome(const YamlNode& node, FormatPattern& out) const {
    CHIENG_TRY(const std::string value, text(node, "outcome"));
    if (value == "failure")
      out.outcome = Outcome::failure;
    else if (value == "success")
      out.outcome = Outcome::success;
    else if (!value.empty() && value != "unknown")
      return complain(*node.find("outcome"), "\"outcome\" is failure, success or unknown");
    CHIENG_TRY(const std::string peer, text(node, "peer"));
    if (!peer.empty() && peer != "optional")
      return complain(*node.find("peer"), "\"peer\" can only be optional");
    out.needs_peer = out.outcome == Outcome::failure && peer.empty();
    return {};
  }

  Status memory(const YamlNode& node, FormatPattern& out) const {
    const YamlNode* map = node.find("memory");
    if (map == nullptr) return {};
    CHIENG_CHECK(only(*map, {"learn", "use", "once", "mark", "needs"}));
    CHIENG_TRY(out.memory.learn_peer, flag(*map, "learn"));
    CHIENG_TRY(out.memory.use_peer, flag(*map, "use"));
    CHIENG_TRY(out.memory.once, flag(*map, "once"));
    CHIENG_TRY(out.memory.mark, text(*map, "mark"));
    CHIENG_TRY(out.memory.needs, text(*map, "needs"));
    return {};
  }

  Status examples(const YamlNode& node, const std::string& id) {
    const YamlNode* list = node.find("examples");
    if (list == nullptr) return {};
    if (!list->is_sequence()) return complain(*list, "\"examples\" has to be a list");
    for (const YamlNode& one : list->items) {
      Example out{.line = one.scalar, .pattern = id, .src = {}, .user = {}, .at = one.line};
      if (one.is_map()) {
        CHIENG_CHECK(only(one, {"line", "src", "user"}));
        CHIENG_TRY(out.line, text(one, "line"));
        CHIENG_TRY(out.src, text(one, "src"));
        CHIENG_TRY(out.user, text(one, "user"));
      }
      format_.examples.push_back(std::move(out));
    }
    return {};
  }

  std::string_view name_;
  Format format_;
  std::string category_;
};

bool knows(const Format& format, std::string_view program) {
  if (std::ranges::find(format.programs, program) != format.programs.end()) return true;
  PatternScratch scratch;
  return std::ranges::any_of(format.program_patterns,
                             [&](const LinePattern& p) { return p.matches(program, scratch); });
}

}  // namespace

const Format* FormatTable::find(std::string_view service) const {
  const auto at = std::ranges::find(formats, service, &Format::service);
  return at == formats.end() ? nullptr : &*at;
}

void FormatTable::candidates(std::string_view program, std::vector<const Format*>& out) const {
  out.clear();
  for (const Format& format : formats)
    if (!format.fallback && (program.empty() ? format.untagged : knows(format, program)))
      out.push_back(&format);
  for (const Format& format : formats)
    if (format.fallback) out.push_back(&format);
}

Status add_format(const YamlNode& document, std::string_view name, FormatTable& table) {
  CHIENG_TRY(Format format, FormatReader(name).read(document));
  const auto at = std::ranges::find(table.formats, format.service, &Format::service);
  if (at != table.formats.end())
    *at = std::move(format);
  else
    table.formats.push_back(std::move(format));
  return {};
}

}  // namespace chieng::collector
