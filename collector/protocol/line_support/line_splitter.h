// Cuts a stream into lines.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace chieng::collector {

// Belongs to one direction of a flow. Holds at most max bytes of a line that is not whole.
class LineSplitter {
 public:
  struct Line {
    std::string_view text;  // without its end (CRLF or LF); valid until the next call
    bool cut = false;       // longer than max: the rest was dropped
    bool torn = false;      // the first one behind a loss: perhaps only the end of a line
  };

  explicit LineSplitter(std::size_t max) : max_(max) {}

  // Takes the next line off the front of data. Nothing: all of data was taken and held.
  [[nodiscard]] std::optional<Line> next(std::string_view& data);
  // What is held when nothing will follow.
  [[nodiscard]] std::optional<Line> rest();
  // Bytes were lost: the line that is held is no longer one.
  void lost();
  [[nodiscard]] bool is_empty() const { return held_.empty(); }  // a line begins with the next byte

 private:
  void hold(std::string_view data);

  std::size_t max_;
  std::string held_, line_;
  bool cut_ = false, torn_ = false;
};

}  // namespace chieng::collector
