// Settings of a program: a table of known keys, filled from a YAML file and from --set key=value.
// Unknown keys and wrong values are refused with file, line, key and the accepted values. Immutable
// after loading.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/yaml.h"
#include "core/error/result.h"

namespace chieng {

enum class SettingKind : std::uint8_t {
  boolean,   // true/false, yes/no, on/off
  integer,   // within [minimum, maximum]
  size,      // bytes: 4096, 64kb, 100mb, 1gb (powers of 1024)
  duration,  // milliseconds: 500ms, 30s, 5m, 2h, 1d
  text,
  choice,  // one of choices
  texts,   // a list of texts, or one text
  tree,    // a structure that its owner checks (lists of maps)
};

struct SettingSpec {
  std::string_view key;  // dotted path, as in "stream.midstream"
  SettingKind kind;
  std::string_view initial;  // default, in the form a user would write; lists: comma-separated
  std::string_view doc;      // one sentence
  std::vector<std::string_view> choices = {};
  std::int64_t minimum = 0;
  std::int64_t maximum = INT64_MAX;
};

class Settings {
 public:
  // specs must outlive the object.
  explicit Settings(std::span<const SettingSpec> specs);

  // All faults of the file, not only the first, joined by line ends.
  [[nodiscard]] Status load(std::string_view yaml, std::string_view file_name);
  [[nodiscard]] Status load_file(const std::string& path);
  [[nodiscard]] Status set(std::string_view key, std::string_view value);  // --set key=value

  [[nodiscard]] bool boolean(std::string_view key) const;
  [[nodiscard]] std::int64_t integer(
      std::string_view key) const;  // also size (bytes) and duration (ms)
  [[nodiscard]] const std::string& text(std::string_view key) const;  // also choice
  [[nodiscard]] const std::vector<std::string>& texts(std::string_view key) const;
  [[nodiscard]] const YamlNode* tree(std::string_view key) const;  // nullptr: not given
  [[nodiscard]] bool given(std::string_view key) const;            // by file or --set
  [[nodiscard]] std::string where(std::string_view key) const;     // "file:line" or "--set"

  // The table as commented YAML: documentation and a file to start from.
  [[nodiscard]] static std::string reference(std::span<const SettingSpec> specs);

 private:
  struct Value {
    std::int64_t number = 0;
    std::string text;
    std::vector<std::string> texts;
    YamlNode tree;
    std::string where;
    bool given = false;
  };
  [[nodiscard]] const SettingSpec* spec(std::string_view key) const;
  [[nodiscard]] Status assign(const SettingSpec& spec, const YamlNode& node, std::string where);
  void walk(const YamlNode& map, const std::string& prefix, std::string_view file,
            std::string& faults);
  [[nodiscard]] const Value& value(std::string_view key,
                                   std::initializer_list<SettingKind> kinds) const;

  std::span<const SettingSpec> specs_;
  std::map<std::string, Value, std::less<>> values_;
};

}  // namespace chieng
