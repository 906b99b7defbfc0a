// A gzip member's header (RFC 1952), read by hand: only magic and method have to be right, so that
// receivers that overlook a bad checksum or reserved flag are followed.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/bytes/bytes.h"

namespace chieng::collector::http {

// Fed in pieces; keeps a few bytes of state.
class GzipHeader {
 public:
  enum class State : std::uint8_t { more, done, invalid };
  // Takes header bytes off the front of in.
  State feed(Bytes& in);

 private:
  enum class Part : std::uint8_t { fixed, extra_size, extra, name, comment, crc, done };
  State step(std::uint8_t byte);
  void next();  // the first part from part_ on that the flags ask for

  Part part_ = Part::fixed;
  std::uint8_t flags_ = 0;
  std::uint32_t at_ = 0;    // in the part
  std::uint32_t size_ = 0;  // of FEXTRA
};

}  // namespace chieng::collector::http
