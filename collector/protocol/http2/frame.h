// HTTP/2 frames (RFC 9113 section 4 and 6).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/bytes/reader.h"
#include "core/inspect/catalogue.h"

namespace chieng::collector::http2 {

enum class FrameType : std::uint8_t {
  data,
  headers,
  priority,
  rst_stream,
  settings,
  push_promise,
  ping,
  goaway,
  window_update,
  continuation,
};

inline constexpr std::size_t kFrameHeader = 9;
inline constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

namespace flag {
inline constexpr std::uint8_t end_stream = 0x01, ack = 0x01, end_headers = 0x04, padded = 0x08,
                              priority = 0x20;
}

struct FrameHeader {
  std::uint32_t length = 0;
  std::uint8_t type = 0, flags = 0;
  std::uint32_t stream = 0;
  bool reserved = false;  // the reserved bit was set
  [[nodiscard]] bool is(FrameType t) const { return type == static_cast<std::uint8_t>(t); }
  [[nodiscard]] bool has(std::uint8_t f) const { return (flags & f) != 0; }
};
// Nothing where fewer than kFrameHeader bytes are there.
[[nodiscard]] std::optional<FrameHeader> read_frame_header(Bytes data);

struct Setting {
  std::uint16_t id = 0;
  std::uint32_t value = 0;
};
inline constexpr std::size_t kKnownSettings = 9;  // ids 1 to 9; 7 is nobody's

// The text between padding and priority of HEADERS, PUSH_PROMISE and CONTINUATION frames.
struct HeaderFrame {
  Bytes block;
  std::optional<std::uint8_t> weight;
  std::uint32_t promised = 0;  // stream of a PUSH_PROMISE
};
// Nothing where lengths contradict each other.
[[nodiscard]] std::optional<HeaderFrame> read_header_frame(const FrameHeader& header,
                                                           Bytes payload);
// Settings up to the first that nobody knows.
[[nodiscard]] std::vector<Setting> read_settings(Bytes payload);
// What a DATA frame carries without its padding.
[[nodiscard]] Bytes unpadded(const FrameHeader& header, Bytes payload);

[[nodiscard]] std::span<const NamedValue> frame_type_names();
[[nodiscard]] std::span<const NamedValue> error_names();
// As EVE spells it: "NoError"; empty where the code has no name.
[[nodiscard]] std::string_view error_text(std::uint32_t code);
[[nodiscard]] std::string_view setting_text(std::uint16_t id);  // "SETTINGSENABLEPUSH"

}  // namespace chieng::collector::http2
