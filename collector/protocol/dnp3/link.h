// DNP3's data link layer (IEEE 1815 clause 9): frames with a CRC after the header and after every
// 16 bytes of user data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/bytes/bytes.h"

namespace chieng::collector::dnp3 {

struct LinkHeader {
  static constexpr std::size_t kSize = 10;
  std::uint8_t length = 0;  // of control, addresses and user data; at least 5
  std::uint8_t control = 0;
  std::uint16_t dst = 0, src = 0;
  [[nodiscard]] bool from_master() const { return (control & 0x80) != 0; }
  [[nodiscard]] std::uint8_t function() const { return control & 15; }
  // Confirmed or unconfirmed user data of the initiating side.
  [[nodiscard]] bool has_user_data() const {
    return (control & 0x40) != 0 && (function() == 3 || function() == 4);
  }
  [[nodiscard]] std::size_t user_size() const { return length < 5 ? 0 : length - 5u; }
  // Of the whole frame with its CRCs.
  [[nodiscard]] std::size_t frame_size() const {
    return kSize + user_size() + (user_size() + 15) / 16 * 2;
  }
};

inline constexpr std::uint16_t kStart = 0x0564;

[[nodiscard]] std::uint16_t crc(Bytes data);
// frame begins with the two start bytes and holds LinkHeader::kSize bytes.
[[nodiscard]] LinkHeader read_header(Bytes frame);
[[nodiscard]] bool header_crc_ok(Bytes frame);
// Appends the user data without its CRCs; false where one of them is wrong.
[[nodiscard]] bool append_user_data(Bytes frame, const LinkHeader& header, std::string& out);

}  // namespace chieng::collector::dnp3
