// The patterns of the log format table: a small language of literal text, classes, groups and typed
// names that match a whole message. Backtracking with a bound on steps, so that no message can cost
// more than a fixed amount; nothing of a message is ever taken as pattern. The language is
// described in packaging/content/log-formats/README.md.
#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/error/result.h"

namespace chieng::collector {

inline constexpr std::size_t max_message =
    16'384;  // longer messages are matched by their first bytes
inline constexpr std::size_t max_steps = 400'000;

// One run's captures and working memory; reused.
class PatternScratch {
 public:
  struct Capture {
    bool set = false;
    std::string_view text;
  };
  [[nodiscard]] Capture capture(std::size_t name) const;  // by place in LinePattern::names()

 private:
  friend class LinePattern;
  struct Choice {
    std::uint32_t instruction, position, undo;
  };
  struct Undo {
    std::uint32_t slot, value;
  };
  std::string_view text_;
  std::vector<std::uint32_t> slots_;  // begin and end of each name
  std::vector<Choice> choices_;
  std::vector<Undo> undo_;
};

class LinePattern {
 public:
  [[nodiscard]] static Result<LinePattern> compile(std::string_view pattern);
  // Whether the whole text matches. What needs more than max_steps does not.
  [[nodiscard]] bool matches(std::string_view text, PatternScratch& scratch) const;
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

 private:
  friend class PatternCompiler;
  enum class Op : std::uint8_t { text, any, set, fork, jump, open, close, address, name, end };
  struct Instruction {
    Op op = Op::end;
    std::uint32_t
        a = 0,
        b = 0;  // fork: first and second choice; text, set: which; open, close: which name
  };
  bool step(const Instruction& in, std::uint32_t& pc, std::uint32_t& at, PatternScratch& s) const;
  static void set_slot(PatternScratch& s, std::uint32_t slot, std::uint32_t value);

  std::vector<Instruction> program_;
  std::vector<std::string> texts_;
  std::vector<std::bitset<256>> sets_;
  std::vector<std::string> names_;
  std::string required_;  // occurs in every match; empty: nothing known
  bool ignore_case_ = false;
};

}  // namespace chieng::collector
