#include "rules/sigma/item.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/record/record.h"
#include "rules/sigma/modifiers.h"

namespace chieng::sigma {
namespace {

struct Scalar {
  enum class Kind : std::uint8_t { text, integer, boolean, null } kind = Kind::text;
  std::string_view text;
  std::int64_t integer = 0;
  bool boolean = false;
};

// A plain scalar by YAML's core schema; a quoted one is text.
Scalar typed(const YamlNode& node) {
  Scalar out;
  out.text = node.scalar;
  if (node.is_null()) out.kind = Scalar::Kind::null;
  if (node.is_null() || node.quoted) return out;
  if (equal_ignoring_case(out.text, "true") || equal_ignoring_case(out.text, "false")) {
    out.kind = Scalar::Kind::boolean;
    out.boolean = out.text.size() == 4;
    return out;
  }
  std::string_view digits = out.text;
  const bool hex = digits.starts_with("0x");
  digits.remove_prefix(hex ? 2 : digits.starts_with('+') ? 1 : 0);
  const auto [stop, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), out.integer, hex ? 16 : 10);
  if (error == std::errc{} && stop == digits.data() + digits.size())
    out.kind = Scalar::Kind::integer;
  return out;
}

// "cidr" and IPv4-mapped forms: an error where bits behind the prefix are set.
Result<AddressRange> network(std::string_view text) {
  CHIENG_TRY(AddressRange range, parse_range(text));
  const std::size_t slash = text.find('/');
  if (slash == text.npos) return range;
  const auto written = parse_address(text.substr(0, slash));
  if (!written || *written != range.first)
    return fail(ErrorCode::invalid_argument,
                fmt::format("\"{}\": bits behind the prefix are set; the network is {}{}", text,
                            to_string(range.first), text.substr(slash)));
  return range;
}

class ItemCompiler {
 public:
  ItemCompiler(std::string_view key, const Placeholders& placeholders, Builder& builder)
      : key_(key), placeholders_(placeholders), builder_(builder) {}

  Result<NodeId> compile(const YamlNode& value) {
    CHIENG_CHECK(read_key());
    std::vector<NodeId> nodes;
    if (value.is_sequence()) {
      if (value.items.empty()) return complain("the list is empty");
      for (const YamlNode& item : value.items) {
        CHIENG_TRY(const NodeId node, one(item));
        nodes.push_back(node);
      }
    } else {
      CHIENG_TRY(const NodeId node, one(value));
      nodes.push_back(node);
    }
    const NodeId out = modifiers_.all ? builder_.all(nodes) : builder_.any(nodes);
    return modifiers_.negate ? builder_.negate(out) : out;
  }

 private:
  Status read_key() {
    std::vector<std::string_view> names;
    std::string_view rest = key_;
    const std::string_view field = rest.substr(0, rest.find('|'));
    for (std::size_t bar = rest.find('|'); bar != rest.npos; bar = rest.find('|')) {
      rest.remove_prefix(bar + 1);
      names.push_back(rest.substr(0, rest.find('|')));
    }
    keyword_ = field.empty();
    field_ = builder_.field(field);
    auto modifiers = parse_modifiers(names, keyword_);
    if (!modifiers) return complain(modifiers.error().text);
    modifiers_ = *modifiers;
    return {};
  }

  std::unexpected<Error> complain(std::string text) const {
    return fail(ErrorCode::parse, std::move(text), std::string(key_));
  }

  Predicate make(Predicate::Test test, std::string_view shown) const {
    Predicate out;
    out.test = test;
    out.field = field_;
    out.label = key_.empty() ? fmt::format("'{}'", shown) : fmt::format("{}: '{}'", key_, shown);
    return out;
  }

  Result<NodeId> one(const YamlNode& node) {
    if (node.is_map() || node.is_sequence())
      return complain("a value has to be text, a number, true, false or null");
    const Scalar value = typed(node);
    if (modifiers_.exists) return exists(value);
    if (value.kind == Scalar::Kind::null) return null();
    if (modifiers_.regex) return regex(value);
    if (modifiers_.network) return address(value);
    if (modifiers_.other_field) return other_field(value);
    if (modifiers_.comparison || modifiers_.part) return number(value);
    const bool whole =
        modifiers_.placement == Placement::whole && modifiers_.base64 == Base64::none;
    if (value.kind == Scalar::Kind::integer && whole) return integer(value);
    return text(value);
  }

  Result<NodeId> exists(const Scalar& value) {
    if (value.kind != Scalar::Kind::boolean) return complain("exists takes true or false");
    Predicate out = make(Predicate::Test::exists, value.text);
    out.wanted = value.boolean;
    return builder_.predicate(std::move(out), value.boolean ? "1" : "0");
  }

  Result<NodeId> null() {
    if (keyword_) return complain("null is no keyword");
    if (!modifiers_.textual() || modifiers_.placement != Placement::whole)
      return complain("null takes no modifiers");
    return builder_.predicate(make(Predicate::Test::null, "null"), "");
  }

  Result<NodeId> regex(const Scalar& value) {
    const auto& flags = modifiers_.regex_flags;
    auto pattern = RulePattern::compile(value.text, flags);
    if (!pattern) return complain(fmt::format("\"{}\": {}", value.text, pattern.error().text));
    Predicate out = make(Predicate::Test::regex, value.text);
    out.regex = std::move(*pattern);
    return builder_.predicate(std::move(out),
                              fmt::format("{}{}{}:{}", int{flags.caseless}, int{flags.multiline},
                                          int{flags.dotall}, value.text));
  }

  Result<NodeId> address(const Scalar& value) {
    auto range = network(value.text);
    if (!range) return complain(range.error().text);
    Predicate out = make(Predicate::Test::network, value.text);
    out.range = *range;
    return builder_.predicate(std::move(out),
                              to_string(range->first) + "-" + to_string(range->last));
  }

  Result<NodeId> other_field(const Scalar& value) {
    if (value.text.empty()) return complain("fieldref takes the name of a field");
    Predicate out = make(Predicate::Test::other_field, value.text);
    out.other_field = builder_.field(value.text);
    out.placement = modifiers_.placement;
    out.cased = modifiers_.cased;
    return builder_.predicate(
        std::move(out),
        fmt::format("{}{}:{}", static_cast<int>(out.placement), int{out.cased}, value.text));
  }

  Result<NodeId> number(const Scalar& value) {
    const auto wanted = decimal(value.text);
    if (!wanted) return complain(fmt::format("\"{}\" is not a decimal number", value.text));
    Predicate out =
        make(modifiers_.part ? Predicate::Test::time : Predicate::Test::compare, value.text);
    out.number = *wanted;
    out.comparison = modifiers_.comparison.value_or(Comparison::equal);
    out.part = modifiers_.part.value_or(TimePart::minute);
    return builder_.predicate(std::move(out),
                              fmt::format("{}:{}:{}", static_cast<int>(out.comparison),
                                          static_cast<int>(out.part), *wanted));
  }

  Result<NodeId> integer(const Scalar& value) {
    Predicate out = make(keyword_ ? Predicate::Test::token : Predicate::Test::integer, value.text);
    out.integer = value.integer;
    out.text = std::to_string(value.integer);
    const std::string key = out.text;
    return builder_.predicate(std::move(out), key);
  }

  Result<NodeId> text(const Scalar& value) {
    std::vector<std::string> texts{std::string(value.text)};
    if (modifiers_.expand) {
      auto expanded = expand_placeholders(value.text, placeholders_);
      if (!expanded) return complain(expanded.error().text);
      texts = std::move(*expanded);
    }
    std::vector<NodeId> nodes;
    for (const std::string& t : texts) {
      auto patterns = text_patterns(t, modifiers_, keyword_);
      if (!patterns) return complain(patterns.error().text);
      for (ValuePattern& p : *patterns) nodes.push_back(pattern(std::move(p), t));
    }
    return builder_.any(nodes);
  }

  NodeId pattern(ValuePattern value, std::string_view shown) {
    Predicate out = make(value.cased ? Predicate::Test::cased_text : Predicate::Test::text, shown);
    if (!value.cased && value.pattern.plain()) {
      out.text = bare_guid(value.pattern.text());
      if (!out.text.empty()) out.test = Predicate::Test::guid;
    }
    std::string key = out.test == Predicate::Test::guid ? out.text : value.pattern.key();
    out.pattern = std::move(value.pattern);
    return builder_.predicate(std::move(out), key);
  }

  std::string_view key_;
  const Placeholders& placeholders_;
  Builder& builder_;
  bool keyword_ = false;
  std::uint32_t field_ = 0;
  Modifiers modifiers_;
};

Result<NodeId> compile_map(const YamlNode& map, const Placeholders& placeholders,
                           Builder& builder) {
  if (map.members.empty()) return fail(ErrorCode::parse, "the search is empty");
  std::vector<NodeId> nodes;
  for (const auto& [key, value] : map.members) {
    CHIENG_TRY(const NodeId node, compile_item(key, value, placeholders, builder));
    nodes.push_back(node);
  }
  return builder.all(nodes);
}

}  // namespace

Result<NodeId> compile_item(std::string_view key, const YamlNode& value,
                            const Placeholders& placeholders, Builder& builder) {
  return ItemCompiler(key, placeholders, builder).compile(value);
}

Result<NodeId> compile_search(const YamlNode& search, const Placeholders& placeholders,
                              Builder& builder) {
  if (search.is_map()) return compile_map(search, placeholders, builder);
  if (!search.is_sequence()) return compile_item("", search, placeholders, builder);
  if (search.items.empty()) return fail(ErrorCode::parse, "the list is empty");
  std::vector<NodeId> nodes;
  for (const YamlNode& item : search.items) {
    CHIENG_TRY(const NodeId node, item.is_map() ? compile_map(item, placeholders, builder)
                                                : compile_item("", item, placeholders, builder));
    nodes.push_back(node);
  }
  return builder.any(nodes);
}

}  // namespace chieng::sigma
