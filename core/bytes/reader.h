// A bounded reader over captured bytes: every parser of outside input reads through it, so that no
// length from the wire is trusted. It never throws; a read past the end fails, and the reader stays
// failed ("sticky"), so a parser may read a whole fixed header and test once.
#pragma once

#include <cstdint>
#include <optional>

#include "core/bytes/bytes.h"

namespace chieng {

class Reader {
 public:
  explicit Reader(Bytes bytes) : bytes_(bytes) {}

  [[nodiscard]] bool ok() const { return !failed_; }
  [[nodiscard]] std::size_t position() const { return position_; }
  [[nodiscard]] std::size_t remaining() const { return failed_ ? 0 : bytes_.size() - position_; }
  [[nodiscard]] bool at_end() const { return remaining() == 0; }
  [[nodiscard]] Bytes rest() const { return failed_ ? Bytes{} : bytes_.subspan(position_); }

  std::uint8_t u8() { return static_cast<std::uint8_t>(big(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(big(2)); }  // network byte order
  std::uint32_t u24() { return static_cast<std::uint32_t>(big(3)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(big(4)); }
  std::uint64_t u64() { return big(8); }
  std::uint16_t u16le() { return static_cast<std::uint16_t>(little(2)); }
  std::uint32_t u32le() { return static_cast<std::uint32_t>(little(4)); }
  std::uint64_t u64le() { return little(8); }

  // The next n bytes; an empty span and a failed reader where fewer are left.
  Bytes take(std::size_t n) {
    if (failed_ || n > bytes_.size() - position_) {
      failed_ = true;
      return {};
    }
    const Bytes out = bytes_.subspan(position_, n);
    position_ += n;
    return out;
  }
  void skip(std::size_t n) { (void)take(n); }
  [[nodiscard]] std::optional<std::uint8_t> peek() const {
    if (remaining() == 0) return std::nullopt;
    return std::to_integer<std::uint8_t>(bytes_[position_]);
  }
  // A reader of the next n bytes alone.
  Reader sub(std::size_t n) {
    Reader out(take(n));
    out.failed_ = failed_;
    return out;
  }

 private:
  std::uint64_t big(std::size_t n) {
    std::uint64_t v = 0;
    for (const std::byte b : take(n)) v = v << 8 | std::to_integer<std::uint64_t>(b);
    return v;
  }
  std::uint64_t little(std::size_t n) {
    const Bytes in = take(n);
    std::uint64_t v = 0;
    for (std::size_t i = in.size(); i-- > 0;) v = v << 8 | std::to_integer<std::uint64_t>(in[i]);
    return v;
  }

  Bytes bytes_;
  std::size_t position_ = 0;
  bool failed_ = false;
};

}  // namespace chieng
