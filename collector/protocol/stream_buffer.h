// The beginning of a message whose end has not come yet, for parsers of binary protocols: join new
// bytes to what is held, read whole messages, keep the rest. The parser bounds what it keeps.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "core/bytes/bytes.h"

namespace chieng::collector {

class StreamBuffer {
 public:
  // What is held, followed by data; without a copy where nothing is held. Good until keep().
  [[nodiscard]] Bytes join(Bytes data) {
    if (held_.empty()) return data;
    held_.insert(held_.end(), data.begin(), data.end());
    return held_;
  }
  // Keeps what follows the first `used` bytes of what join() gave.
  void keep(Bytes joined, std::size_t used) {
    const auto from = static_cast<std::ptrdiff_t>(used);
    if (held_.empty())
      held_.assign(joined.begin() + from, joined.end());
    else
      held_.erase(held_.begin(), held_.begin() + from);
  }
  // Gives what is held and data to next(Bytes), message by message: it returns the bytes that it
  // used, 0 where more are needed. What it did not use is kept.
  template <class Next>
  void consume(Bytes data, Next next) {
    const Bytes in = join(data);
    std::size_t used = 0;
    while (used < in.size()) {
      const std::size_t n = next(in.subspan(used));
      if (n == 0) break;
      used += n;
    }
    keep(in, std::min(used, in.size()));
  }
  void clear() { held_.clear(); }
  [[nodiscard]] bool empty() const { return held_.empty(); }
  [[nodiscard]] std::size_t size() const { return held_.size(); }

 private:
  std::vector<std::byte> held_;
};

}  // namespace chieng::collector
