#include "core/config/settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cstdlib>

#include "core/file/file.h"

namespace chieng {
namespace {

struct Unit {
  std::string_view suffix;
  std::int64_t factor;
};
constexpr Unit kSizes[] = {{"", 1},          {"b", 1},        {"k", 1 << 10},  {"kb", 1 << 10},
                           {"kib", 1 << 10}, {"m", 1 << 20},  {"mb", 1 << 20}, {"mib", 1 << 20},
                           {"g", 1 << 30},   {"gb", 1 << 30}, {"gib", 1 << 30}};
constexpr Unit kDurations[] = {
    {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

bool parse_number(std::string_view text, std::span<const Unit> units, std::int64_t& out) {
  const std::string word = lower(text);
  const char* end = word.data() + word.size();
  const auto [rest, error] = std::from_chars(word.data(), end, out);
  if (error != std::errc{}) return false;
  const std::string_view suffix(rest, static_cast<std::size_t>(end - rest));
  const auto unit = std::ranges::find(units, suffix, &Unit::suffix);
  return unit != units.end() && !__builtin_mul_overflow(out, unit->factor, &out);
}

bool parse_boolean(std::string_view text, std::int64_t& out) {
  const std::string word = lower(text);
  const bool yes = word == "true" || word == "yes" || word == "on" || word == "1";
  const bool no = word == "false" || word == "no" || word == "off" || word == "0";
  out = yes ? 1 : 0;
  return yes || no;
}

std::string accepted(const SettingSpec& spec) {
  const bool bounded = spec.minimum != 0 || spec.maximum != INT64_MAX;
  switch (spec.kind) {
    case SettingKind::boolean:
      return "true or false";
    case SettingKind::integer:
      return bounded ? fmt::format("a whole number from {} to {}", spec.minimum, spec.maximum)
                     : "a whole number, 0 or more";
    case SettingKind::size:
      return "a size such as 4096, 64kb, 100mb or 1gb";
    case SettingKind::duration:
      return "a time such as 500ms, 30s, 5m, 2h or 1d";
    case SettingKind::text:
      return "a text";
    case SettingKind::choice:
      return fmt::format("one of: {}", fmt::join(spec.choices, ", "));
    case SettingKind::texts:
      return "a list of texts";
    case SettingKind::tree:
      return "a list or map, see the reference";
  }
  return "";
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const auto comma = text.find(',');
    std::string_view item = text.substr(0, comma);
    while (item.starts_with(' ')) item.remove_prefix(1);
    if (!item.empty()) out.emplace_back(item);
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  return out;
}

// The known key nearest to a mistyped one, by edit distance; empty where none is near.
std::string nearest(std::span<const SettingSpec> specs, std::string_view key) {
  std::string best;
  std::size_t best_distance = 4;
  for (const SettingSpec& spec : specs) {
    std::vector<std::size_t> row(key.size() + 1);
    for (std::size_t i = 0; i < row.size(); ++i) row[i] = i;
    for (std::size_t j = 1; j <= spec.key.size(); ++j) {
      std::size_t diagonal = row[0]++;
      for (std::size_t i = 1; i <= key.size(); ++i) {
        const std::size_t keep = diagonal + (key[i - 1] != spec.key[j - 1]);
        diagonal = row[i];
        row[i] = std::min({keep, row[i] + 1, row[i - 1] + 1});
      }
    }
    if (row.back() < best_distance) {
      best_distance = row.back();
      best = spec.key;
    }
  }
  return best;
}

}  // namespace

Settings::Settings(std::span<const SettingSpec> specs) : specs_(specs) {
  for (const SettingSpec& s : specs_) {
    YamlNode node;
    if (!s.initial.empty()) {
      node.kind = YamlNode::Kind::scalar;
      node.scalar = s.initial;
    }
    if (s.kind == SettingKind::tree) node = {};  // initial says only how an empty one is written
    const bool empty_text =
        s.initial.empty() && (s.kind == SettingKind::text || s.kind == SettingKind::choice);
    if (empty_text) node.kind = YamlNode::Kind::scalar;
    const Status fine = empty_text ? Status{} : assign(s, node, "default");
    if (empty_text) values_[std::string(s.key)] = {};
    assert(fine && "a default has to be a valid value");
    (void)fine;
    values_[std::string(s.key)].given = false;
  }
}

const SettingSpec* Settings::spec(std::string_view key) const {
  const auto at = std::ranges::find(specs_, key, &SettingSpec::key);
  return at == specs_.end() ? nullptr : &*at;
}

Status Settings::assign(const SettingSpec& s, const YamlNode& node, std::string where) {
  Value v;
  v.where = std::move(where);
  v.given = true;
  bool fine = node.is_scalar();
  v.text = node.scalar;
  switch (s.kind) {
    case SettingKind::boolean:
      fine = fine && parse_boolean(node.scalar, v.number);
      break;
    case SettingKind::integer: {
      static constexpr Unit plain[] = {{"", 1}};
      fine = fine && parse_number(node.scalar, plain, v.number);
      break;
    }
    case SettingKind::size:
      fine = fine && parse_number(node.scalar, kSizes, v.number);
      break;
    case SettingKind::duration:
      fine = fine && parse_number(node.scalar, kDurations, v.number);
      break;
    case SettingKind::text:
      break;
    case SettingKind::choice:
      fine = fine && std::ranges::find(s.choices, node.scalar) != s.choices.end();
      break;
    case SettingKind::texts:
      if (node.is_scalar()) v.texts = split_list(node.scalar);
      fine = node.is_scalar() || node.texts(v.texts);
      break;
    case SettingKind::tree:
      v.tree = node;
      fine = true;
      break;
  }
  const bool numeric = s.kind == SettingKind::integer || s.kind == SettingKind::size ||
                       s.kind == SettingKind::duration;
  if (fine && numeric) fine = v.number >= s.minimum && v.number <= s.maximum;
  if (!fine) {
    const std::string got = node.is_scalar() ? fmt::format("\"{}\"", node.scalar)
                            : node.is_null() ? "nothing"
                                             : "a list or map";
    return fail(ErrorCode::invalid_argument,
                fmt::format("{} is {}; accepted is {}", s.key, got, accepted(s)), v.where);
  }
  values_[std::string(s.key)] = std::move(v);
  return {};
}

void Settings::walk(const YamlNode& map, const std::string& prefix, std::string_view file,
                    std::string& faults) {
  const auto complain = [&](const std::string& text) {
    faults += (faults.empty() ? "" : "\n") + text;
  };
  for (const auto& [name, node] : map.members) {
    const std::string key = prefix.empty() ? name : prefix + "." + name;
    const std::string where = fmt::format("{}:{}", file, node.line);
    if (const SettingSpec* s = spec(key)) {
      if (const Status status = assign(*s, node, where); !status)
        complain(status.error().message());
      continue;
    }
    const bool known_prefix = std::ranges::any_of(
        specs_, [&](const SettingSpec& s) { return s.key.starts_with(key + "."); });
    if (known_prefix && (node.is_map() || node.is_null())) {
      walk(node, key, file, faults);
      continue;
    }
    const std::string hint = nearest(specs_, key);
    complain(fmt::format("{}: {}", where,
                         known_prefix ? fmt::format("{} has to be a map of settings", key)
                         : hint.empty()
                             ? fmt::format("unknown setting {}", key)
                             : fmt::format("unknown setting {}; did you mean {}?", key, hint)));
  }
}

Status Settings::load(std::string_view yaml, std::string_view file_name) {
  CHIENG_TRY(const std::vector<YamlNode> documents, parse_yaml(yaml, file_name));
  std::string faults;
  for (const YamlNode& document : documents) {
    if (document.is_map())
      walk(document, "", file_name, faults);
    else if (!document.is_null())
      faults +=
          fmt::format("{}:{}: settings have to be \"key: value\" lines", file_name, document.line);
  }
  if (!faults.empty()) return fail(ErrorCode::invalid_argument, faults);
  return {};
}

Status Settings::load_file(const std::string& path) {
  CHIENG_TRY(const std::string text, read_file(path, std::size_t{16} << 20));
  return load(text, path);
}

Status Settings::set(std::string_view key, std::string_view value) {
  const SettingSpec* s = spec(key);
  if (s == nullptr) {
    const std::string hint = nearest(specs_, key);
    return fail(ErrorCode::invalid_argument,
                hint.empty() ? fmt::format("unknown setting {}", key)
                             : fmt::format("unknown setting {}; did you mean {}?", key, hint),
                "--set");
  }
  if (s->kind == SettingKind::tree || (s->kind == SettingKind::texts && value.starts_with('['))) {
    CHIENG_TRY(const std::vector<YamlNode> parsed, parse_yaml(value, "--set " + std::string(key)));
    return assign(*s, parsed.empty() ? YamlNode{} : parsed.front(), "--set");
  }
  YamlNode node;
  node.kind = YamlNode::Kind::scalar;
  node.scalar = value;
  return assign(*s, node, "--set");
}

const Settings::Value& Settings::value(std::string_view key,
                                       std::initializer_list<SettingKind> kinds) const {
  const SettingSpec* s = spec(key);
  // A key that is not in the table is a mistake in our code, not in the user's file.
  if (s == nullptr || std::ranges::find(kinds, s->kind) == kinds.end()) std::abort();
  return values_.find(key)->second;
}

bool Settings::boolean(std::string_view key) const {
  return value(key, {SettingKind::boolean}).number != 0;
}
std::int64_t Settings::integer(std::string_view key) const {
  return value(key, {SettingKind::integer, SettingKind::size, SettingKind::duration}).number;
}
const std::string& Settings::text(std::string_view key) const {
  return value(key, {SettingKind::text, SettingKind::choice}).text;
}
const std::vector<std::string>& Settings::texts(std::string_view key) const {
  return value(key, {SettingKind::texts}).texts;
}
const YamlNode* Settings::tree(std::string_view key) const {
  const Value& v = value(key, {SettingKind::tree});
  return v.given ? &v.tree : nullptr;
}
bool Settings::given(std::string_view key) const {
  const auto at = values_.find(key);
  return at != values_.end() && at->second.given;
}
std::string Settings::where(std::string_view key) const {
  const auto at = values_.find(key);
  return at == values_.end() ? std::string{} : at->second.where;
}

std::string Settings::reference(std::span<const SettingSpec> specs) {
  std::string out;
  std::vector<std::string> open;  // the maps that are open at this line
  for (const SettingSpec& s : specs) {
    std::vector<std::string> path;
    for (std::string_view rest = s.key; !rest.empty();) {
      const auto dot = rest.find('.');
      path.emplace_back(rest.substr(0, dot));
      rest = dot == std::string_view::npos ? std::string_view{} : rest.substr(dot + 1);
    }
    std::size_t common = 0;
    while (common < open.size() && common + 1 < path.size() && open[common] == path[common])
      ++common;
    open.assign(path.begin(), path.end() - 1);
    for (std::size_t i = common; i < open.size(); ++i)
      out += std::string(2 * i, ' ') + open[i] + ":\n";
    const std::string indent(2 * open.size(), ' ');
    out += fmt::format("{0}# {1} Accepted: {2}.\n{0}{3}: {4}\n", indent, s.doc, accepted(s),
                       path.back(),
                       s.kind == SettingKind::texts ? fmt::format("[{}]", s.initial)
                       : s.initial.empty()          ? "\"\""
                                                    : s.initial);
  }
  return out;
}

}  // namespace chieng
