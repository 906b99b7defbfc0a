// A file in a transfer as events show it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/inspect/catalogue.h"

namespace chieng {

// A file seen in a transfer. The views are good as long as its transaction is not fed.
struct FileView {
  std::string_view name;
  std::uint64_t size = 0;
  std::uint64_t tx_id = 0;
  Direction direction = Direction::to_client;  // of the file's bytes
  enum class State : std::uint8_t { closed, truncated, error, unknown } state = State::closed;
  bool gaps = false, stored = false;
  std::string_view md5, sha1, sha256;                   // lower-case hex; empty where not computed
  std::optional<std::uint64_t> range_start, range_end;  // of a partial transfer (Content-Range)
};

}  // namespace chieng
