// The handshake's bytes of one side, put together of pieces in any order.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/bytes/bytes.h"

namespace chieng::collector::quic {

// Bounded: kMaxBytes, in which pieces have to lie, and kMaxRanges holes. Bytes that come twice are
// taken as they came first.
class CryptoStream {
 public:
  static constexpr std::size_t kMaxBytes = 65535, kMaxRanges = 64;

  // False: beyond the bound; the piece is left out.
  bool add(std::uint64_t offset, Bytes data);
  [[nodiscard]] Bytes start() const;  // what is there without a hole from the beginning

 private:
  struct Range {
    std::size_t begin, end;
  };
  std::string bytes_;
  std::vector<Range> ranges_;  // filled, in order, neither overlapping nor touching
};

}  // namespace chieng::collector::quic
