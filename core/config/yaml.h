// YAML as a tree that knows its lines, so that every complaint can name one. The only place that
// includes yaml-cpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/error/result.h"

namespace chieng {

struct YamlMember;

struct YamlNode {
  enum class Kind : std::uint8_t { null, scalar, sequence, map };
  Kind kind = Kind::null;
  bool quoted = false;  // a scalar written with quotes (or as a block): always text, never number,
                        // bool or null
  std::string scalar;
  std::vector<YamlNode> items;      // sequence
  std::vector<YamlMember> members;  // map, in file order; keys are unique
  int line = 0, column = 0;         // from 1

  [[nodiscard]] const YamlNode* find(std::string_view key) const;  // nullptr: absent or not a map
  [[nodiscard]] bool is_map() const { return kind == Kind::map; }
  [[nodiscard]] bool is_sequence() const { return kind == Kind::sequence; }
  [[nodiscard]] bool is_scalar() const { return kind == Kind::scalar; }
  [[nodiscard]] bool is_null() const { return kind == Kind::null; }
  // A sequence's scalars, or the one scalar; empty for null. False where an item is not a scalar.
  [[nodiscard]] bool texts(std::vector<std::string>& out) const;
};

struct YamlMember {
  std::string first;  // the key
  YamlNode second;
};

struct YamlLimits {
  std::size_t bytes = std::size_t{16} << 20;
  std::size_t nodes = 1'000'000;  // counted with aliases expanded, against "billion laughs"
  int depth = 64;
};

// Every document of the text. Errors carry "name:line:column". Duplicate keys are an error.
[[nodiscard]] Result<std::vector<YamlNode>> parse_yaml(std::string_view text, std::string_view name,
                                                       const YamlLimits& limits = {});

}  // namespace chieng
