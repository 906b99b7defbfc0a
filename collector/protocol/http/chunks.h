// The chunked transfer coding (RFC 9112 7.1), read as leniently as the most lenient receivers do.
#pragma once

#include <cstdint>
#include <string_view>

#include "collector/protocol/http/body.h"

namespace chieng::collector::http {

class ChunkReader {
 public:
  static constexpr std::size_t kMaxSizeLine = 4096;
  static constexpr std::uint64_t kMaxChunk = 0x7fffffff;

  enum class State : std::uint8_t {
    size,       // a size line is next
    data,       // inside a chunk
    data_end,   // behind one: everything up to the line's end is dropped
    last,       // the last chunk was read: trailers follow
    abandoned,  // no size where one should be: the rest is the body as it is
  };

  void start() { state_ = State::size, extension_ = invalid_ = false; }
  // Bytes used; 0: more is needed (or the state is last or abandoned).
  [[nodiscard]] std::size_t step(std::string_view in, bool at_end, Body& body);
  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] bool extension() const { return extension_; }  // some size line had one
  [[nodiscard]] bool invalid() const { return invalid_; }      // some size was not one

 private:
  std::size_t read_size(std::string_view in, bool at_end);

  State state_ = State::size;
  std::uint64_t left_ = 0;
  bool extension_ = false, invalid_ = false;
};

}  // namespace chieng::collector::http
