// Walks the records of one segment from an offset; damaged places are stepped over. Reads in blocks
// of 256 KiB.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "transport/spool/format.h"

namespace chieng {

class RecordScanner {
 public:
  struct Found {
    std::uint64_t offset = 0;
    RecordHeader header;
    bool after_damage = false;  // a header before it could not be read
    [[nodiscard]] std::uint64_t end() const { return offset + header.stored_bytes(); }
  };

  // fd stays the caller's. Nothing at or beyond end is looked at.
  RecordScanner(int fd, std::uint64_t offset, std::uint64_t end)
      : fd_(fd), at_(offset), end_(end) {}
  void extend(std::uint64_t end) { end_ = end; }  // the writer went on
  // The next header whose checksum holds; nothing at the end. A record whose body goes beyond the
  // end is found too.
  [[nodiscard]] std::optional<Found> next();
  // False: the body is cut or its checksum does not match.
  [[nodiscard]] bool body(const Found& found, std::string& out);
  [[nodiscard]] std::uint64_t position() const { return at_; }
  [[nodiscard]] bool damage_seen() const {
    return damage_;
  }  // bytes that are neither a record nor zeros

 private:
  [[nodiscard]] Bytes look(std::uint64_t offset, std::size_t size);

  int fd_;
  std::uint64_t at_, end_;
  std::string block_;
  std::uint64_t block_at_ = 0;
  bool damage_ = false;
};

}  // namespace chieng
