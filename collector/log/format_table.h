// The log format table, compiled. Immutable.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "collector/log/formats.h"
#include "collector/log/line_pattern.h"
#include "core/config/yaml.h"

namespace chieng::collector {

// What a pattern does with the memory of its process (or of the key that it captures).
struct MemoryUse {
  bool learn_peer = false;  // remember this line's peer
  bool use_peer = false;    // a line without a peer takes the remembered one
  bool once = false;        // no failure if one was counted for the process already
  std::string mark, needs;  // remember a word; matches only where it is remembered
};

struct FormatPattern {
  std::string id;  // "sshd.failed-password"
  std::vector<LinePattern> match, unless;
  Outcome outcome = Outcome::unknown;
  std::string category, action, reason;
  MemoryUse memory;
  bool needs_peer =
      true;  // a failure without a peer tells nothing about anybody: the pattern is passed over
};

struct Example {
  std::string line, pattern, src, user;
  int at = 0;  // line in the table's file
};

struct Format {
  std::string service;
  std::vector<std::string> programs;  // exact names; those with a slash or not
  std::vector<LinePattern> program_patterns;
  bool untagged = false;  // lines without a program may be of this format
  bool fallback = false;  // tried for every program, after the others
  std::string product, sigma_category;
  std::vector<std::string> sigma_services;
  std::vector<FormatPattern> patterns;
  std::vector<Example> examples;
};

class FormatTable {
 public:
  std::vector<Format> formats;
  [[nodiscard]] const Format* find(std::string_view service) const;
  // Formats that may know a line of this program (empty: none named), best first.
  void candidates(std::string_view program, std::vector<const Format*>& out) const;
};

// Adds a document's format, replacing one of the same service. Errors carry "name:line".
[[nodiscard]] Status add_format(const YamlNode& document, std::string_view name,
                                FormatTable& table);

}  // namespace chieng::collector
