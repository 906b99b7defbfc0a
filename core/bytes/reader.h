// A bounded reader over captured bytes: every parser of outside input reads through it, so that no
// length from the wire is trusted. It never throws; a read past the end fails, and the reader stays
// failed ("sticky"), so a parser may read a whole fixed header and test once.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
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

  std::uint8_t u8() { return fixed<std::uint8_t>(); }
  std::uint16_t u16() { return of_network(fixed<std::uint16_t>()); }  // network byte order
  std::uint32_t u24() { return static_cast<std::uint32_t>(u8()) << 16 | u16(); }
  std::uint32_t u32() { return of_network(fixed<std::uint32_t>()); }
  std::uint64_t u64() { return of_network(fixed<std::uint64_t>()); }
  std::uint16_t u16le() { return of_little(fixed<std::uint16_t>()); }
  std::uint32_t u32le() { return of_little(fixed<std::uint32_t>()); }
  std::uint64_t u64le() { return of_little(fixed<std::uint64_t>()); }

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
  template <class T>
  T fixed() {
    T value = 0;
    const Bytes in = take(sizeof value);
    if (in.size() == sizeof value) std::memcpy(&value, in.data(), sizeof value);
    return value;
  }
  template <class T>
  static T of_network(T value) {
    return std::endian::native == std::endian::little ? std::byteswap(value) : value;
  }
  template <class T>
  static T of_little(T value) {
    return std::endian::native == std::endian::big ? std::byteswap(value) : value;
  }

  Bytes bytes_;
  std::size_t position_ = 0;
  bool failed_ = false;
};

}  // namespace chieng
