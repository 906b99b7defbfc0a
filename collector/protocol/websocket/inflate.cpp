#include "collector/protocol/websocket/inflate.h"

#include <zlib.h>

#include <algorithm>
#include <array>

namespace chieng::collector::websocket {

struct MessageInflater::State {
  z_stream stream{};
  bool good = false;
  State() { good = inflateInit2(&stream, -MAX_WBITS) == Z_OK; }
  ~State() {
    if (good) (void)inflateEnd(&stream);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  // False where the data is broken.
  bool run(Bytes in, std::size_t limit, std::string& out) {
    std::array<char, 4096> piece;
    // zlib does not write to its input.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(in.data()));
    stream.avail_in = static_cast<uInt>(in.size());
    while (true) {
      stream.next_out = reinterpret_cast<Bytef*>(piece.data());
      stream.avail_out = piece.size();
      const int result = ::inflate(&stream, Z_SYNC_FLUSH);
      const std::size_t n = piece.size() - stream.avail_out;
      if (out.size() + n > limit) return false;
      out.append(piece.data(), n);
      if (result == Z_STREAM_END) return inflateReset(&stream) == Z_OK;
      if (result == Z_BUF_ERROR || (result == Z_OK && stream.avail_out > 0)) return true;
      if (result != Z_OK) return false;
    }
  }
};

MessageInflater::MessageInflater(bool keep_window) : keep_window_(keep_window) {}
MessageInflater::~MessageInflater() = default;

bool MessageInflater::inflate(Bytes message, std::size_t limit, std::string& out) {
  if (broken_) return false;
  if (!state_) state_ = std::make_unique<State>();
  // What the sender took off the end (RFC 7692 7.2.2).
  constexpr std::array kTail = {std::byte{0}, std::byte{0}, std::byte{0xff}, std::byte{0xff}};
  const bool good =
      state_->good && state_->run(message, limit, out) && state_->run(kTail, limit, out);
  if (!keep_window_)
    state_.reset();
  else if (!good)
    broken_ = true;
  return good;
}

}  // namespace chieng::collector::websocket
