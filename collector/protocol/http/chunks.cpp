#include "collector/protocol/http/chunks.h"

#include <algorithm>

#include "collector/protocol/http/text.h"

namespace chieng::collector::http {

std::size_t ChunkReader::step(std::string_view in, bool at_end, Body& body) {
  switch (state_) {
    case State::size:
      return read_size(in, at_end);
    case State::data: {
      const std::size_t n = std::min<std::uint64_t>(left_, in.size());
      body.data(as_bytes(in.substr(0, n)));
      left_ -= n;
      if (left_ == 0) state_ = State::data_end;
      return n;
    }
    case State::data_end: {
      const std::size_t lf = in.find('\n');
      if (lf == std::string_view::npos) return in.size();
      state_ = State::size;
      return lf + 1;
    }
    case State::last:
    case State::abandoned:
      return 0;
  }
  return 0;
}

std::size_t ChunkReader::read_size(std::string_view in, bool at_end) {
  const std::size_t lf = in.find('\n');
  if (lf == std::string_view::npos && !at_end && in.size() < kMaxSizeLine) return 0;
  const std::string_view line = in.substr(0, lf);
  const std::size_t used = lf == std::string_view::npos ? in.size() : lf + 1;
  std::size_t i = 0;
  while (i < line.size() && is_space(line[i])) ++i;
  if (i == line.size()) return used;
  std::uint64_t size = 0;
  const std::size_t first = i;
  for (; i < line.size() && hex_value(line[i]) >= 0; ++i)
    size = std::min(size << 4 | static_cast<std::uint64_t>(hex_value(line[i])), kMaxChunk + 1);
  if (i == first) {
    invalid_ = true;
    state_ = State::abandoned;
    return 0;
  }
  if (line.find(';', i) != std::string_view::npos) extension_ = true;
  if (size > kMaxChunk) {
    invalid_ = true;
    return used;
  }
  left_ = size;
  state_ = size == 0 ? State::last : State::data;
  return used;
}

}  // namespace chieng::collector::http
