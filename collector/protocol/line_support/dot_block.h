// A block of lines that a line of one dot ends; a dot in front of another line is doubled
// (RFC 5321 4.5.2, RFC 1939 3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace chieng::collector {

// Belongs to one direction of a flow; holds nothing.
class DotBlock {
 public:
  // Hands the content to out in pieces (std::string_view), line ends included, doubled dots single.
  // Returns how much of in belongs to the block: less than all of it only once it has ended.
  template <typename Out>
  std::size_t data(std::string_view in, Out&& out) {
    std::size_t used = 0;
    while (used < in.size() && state_ != State::ended) used += step(in.substr(used), out);
    return used;
  }
  // Bytes were lost: it is not known whether a line begins here.
  void lost() { state_ = State::text; }
  void restart() { state_ = State::line_start; }
  [[nodiscard]] bool ended() const { return state_ == State::ended; }

 private:
  enum class State : std::uint8_t { line_start, dot, dot_cr, text, ended };

  template <typename Out>
  std::size_t step(std::string_view in, Out&& out) {
    if (state_ == State::line_start && in.front() == '.') {
      state_ = State::dot;
      return 1;
    }
    if (state_ == State::dot && in.front() == '\r') {
      state_ = State::dot_cr;
      return 1;
    }
    if ((state_ == State::dot || state_ == State::dot_cr) && in.front() == '\n') {
      state_ = State::ended;
      return 1;
    }
    if (state_ == State::dot_cr) out(std::string_view("\r"));
    return text(in, out);
  }
  // Up to the next line that starts with a dot.
  template <typename Out>
  std::size_t text(std::string_view in, Out&& out) {
    const std::size_t at = in.find("\n.");
    const std::size_t n = at == std::string_view::npos ? in.size() : at + 1;
    state_ = in[n - 1] == '\n' ? State::line_start : State::text;
    out(in.substr(0, n));
    return n;
  }

  State state_ = State::line_start;
};

}  // namespace chieng::collector
