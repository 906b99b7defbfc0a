// A Sigma string as its parts: text, * (any run) and ? (one character), taken apart before
// modifiers add to it. Compares the whole value. Immutable once built; matching allocates nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace chieng::sigma {

class TextPattern {
 public:
  // With wildcards and escapes: \* \? \\ are literal, a backslash before anything else is itself.
  [[nodiscard]] static TextPattern parse(std::string_view value);
  [[nodiscard]] static TextPattern literal(std::string_view text);  // every byte as it is

  void open_front();  // * before, unless there is one
  void open_back();
  void spread_dashes();  // windash: each - or / at a word's start stands for any of the dashes
  void fold();           // for case-insensitive use: the value has to be folded too

  [[nodiscard]] bool matches(std::string_view value) const;
  [[nodiscard]] bool plain() const;        // no wildcard, no dash
  [[nodiscard]] bool any() const;          // * alone: whatever is there
  [[nodiscard]] std::string text() const;  // of a plain one
  [[nodiscard]] std::string key() const;   // equal for equal patterns
  [[nodiscard]] std::string longest_text()
      const;  // has to occur in every value that matches; may be empty

 private:
  struct Atom {
    enum class Kind : std::uint8_t { text, one, dash } kind = Kind::text;
    std::string text;
  };
  using Segment = std::vector<Atom>;  // what stands between two stars; may be empty

  static std::size_t match_here(const Segment& segment, std::string_view value, std::size_t at);
  static std::size_t find(const Segment& segment, std::string_view value, std::size_t from,
                          std::size_t& end);
  static bool match_end(const Segment& segment, std::string_view value, std::size_t from);
  void append_text(std::string_view text);
  static void spread_dashes(Segment& segment);

  std::vector<Segment> segments_{1};  // one more than there are stars
};

}  // namespace chieng::sigma
