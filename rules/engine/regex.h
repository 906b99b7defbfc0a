// A regular expression in PCRE2, byte mode, JIT-compiled where the machine allows it.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "core/bytes/bytes.h"
#include "core/error/result.h"

namespace chieng::matching {

struct RegexFlags {
  bool caseless = false, multiline = false, dotall = false, extended = false;
  bool anchored = false, dollar_end_only = false, ungreedy = false;
  bool utf = false;  // by characters of UTF-8 instead of bytes; bytes that are none match nothing
};

enum class RegexOutcome : std::uint8_t { none, found, limit };

// What one thread needs to run any number of expressions: match data and limits. Reused; never
// grows.
class RegexScratch {
 public:
  RegexScratch();
  ~RegexScratch();
  RegexScratch(RegexScratch&&) noexcept;
  RegexScratch& operator=(RegexScratch&&) noexcept;

  // Of the last match that was found: group 0 is the whole; nothing where the group took no part.
  struct Group {
    bool set = false;
    std::size_t begin = 0, end = 0;
  };
  [[nodiscard]] Group group(unsigned number) const;

 private:
  friend class Regex;
  struct State;
  std::unique_ptr<State> state_;
};

// Immutable once compiled; shared by threads, each with a scratch of its own.
class Regex {
 public:
  [[nodiscard]] static Result<Regex> compile(std::string_view pattern, RegexFlags flags);
  ~Regex();
  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;

  // The first match that starts at or after `start`. limit: the expression needed more steps than a
  // hostile subject may cost; nothing is known of it then.
  [[nodiscard]] RegexOutcome find(Bytes subject, std::size_t start, RegexScratch& scratch) const;
  [[nodiscard]] unsigned groups() const;
  // The number of a named group, 0 where there is none.
  [[nodiscard]] unsigned group_number(std::string_view name) const;

 private:
  struct State;
  explicit Regex(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace chieng::matching
