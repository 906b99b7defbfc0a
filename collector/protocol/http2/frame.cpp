#include "collector/protocol/http2/frame.h"

namespace chieng::collector::http2 {
namespace {

constexpr std::array kFrameTypes = {
    NamedValue{"DATA", 0},          NamedValue{"HEADERS", 1},    NamedValue{"PRIORITY", 2},
    NamedValue{"RSTSTREAM", 3},     NamedValue{"SETTINGS", 4},   NamedValue{"PUSHPROMISE", 5},
    NamedValue{"PING", 6},          NamedValue{"GOAWAY", 7},     NamedValue{"WINDOWUPDATE", 8},
    NamedValue{"CONTINUATION", 9},  NamedValue{"RST_STREAM", 3}, NamedValue{"PUSH_PROMISE", 5},
    NamedValue{"WINDOW_UPDATE", 8},
};

// RFC 9113 section 7
constexpr std::array kErrors = {
    NamedValue{"NO_ERROR", 0},
    NamedValue{"PROTOCOL_ERROR", 1},
    NamedValue{"INTERNAL_ERROR", 2},
    NamedValue{"FLOW_CONTROL_ERROR", 3},
    NamedValue{"SETTINGS_TIMEOUT", 4},
    NamedValue{"STREAM_CLOSED", 5},
    NamedValue{"FRAME_SIZE_ERROR", 6},
    NamedValue{"REFUSED_STREAM", 7},
    NamedValue{"CANCEL", 8},
    NamedValue{"COMPRESSION_ERROR", 9},
    NamedValue{"CONNECT_ERROR", 10},
    NamedValue{"ENHANCE_YOUR_CALM", 11},
    NamedValue{"INADEQUATE_SECURITY", 12},
    NamedValue{"HTTP_1_1_REQUIRED", 13},
};
constexpr std::array<std::string_view, kErrors.size()> kErrorTexts = {
    "NoError",      "ProtocolError",   "InternalError",      "FlowControlError", "SettingsTimeout",
    "StreamClosed", "FrameSizeError",  "RefusedStream",      "Cancel",           "CompressionError",
    "ConnectError", "EnhanceYourCalm", "InadequateSecurity", "Http11Required"};

// RFC 9113 6.5.2, RFC 8441, RFC 9218
constexpr std::array<std::string_view, kKnownSettings + 1> kSettingTexts = {
    "",
    "SETTINGSHEADERTABLESIZE",
    "SETTINGSENABLEPUSH",
    "SETTINGSMAXCONCURRENTSTREAMS",
    "SETTINGSINITIALWINDOWSIZE",
    "SETTINGSMAXFRAMESIZE",
    "SETTINGSMAXHEADERLISTSIZE",
    "",
    "SETTINGSENABLECONNECTPROTOCOL",
    "SETTINGSNORFC7540PRIORITIES"};

}  // namespace

std::optional<FrameHeader> read_frame_header(Bytes data) {
  Reader in(data);
  FrameHeader out;
  out.length = in.u24();
  out.type = in.u8();
  out.flags = in.u8();
  const std::uint32_t stream = in.u32();
  if (!in.ok()) return std::nullopt;
  out.stream = stream & 0x7fffffff;
  out.reserved = stream >> 31 != 0;
  return out;
}

std::optional<HeaderFrame> read_header_frame(const FrameHeader& header, Bytes payload) {
  Reader in(payload);
  HeaderFrame out;
  std::size_t padding = 0;
  const bool continuation = header.is(FrameType::continuation);
  if (!continuation && header.has(flag::padded)) padding = in.u8();
  if (header.is(FrameType::headers) && header.has(flag::priority)) {
    in.skip(4);  // the stream that it depends on
    out.weight = in.u8();
  }
  if (header.is(FrameType::push_promise)) out.promised = in.u32() & 0x7fffffff;
  if (!in.ok() || padding > in.remaining()) return std::nullopt;
  out.block = in.take(in.remaining() - padding);
  return out;
}

std::vector<Setting> read_settings(Bytes payload) {
  std::vector<Setting> out;
  Reader in(payload);
  while (in.remaining() >= 6) {
    const Setting s{in.u16(), in.u32()};
    if (s.id > kKnownSettings || kSettingTexts[s.id].empty()) break;
    out.push_back(s);
  }
  return out;
}

Bytes unpadded(const FrameHeader& header, Bytes payload) {
  if (!header.has(flag::padded) || payload.empty()) return payload;
  const auto padding = std::to_integer<std::size_t>(payload[0]);
  if (padding >= payload.size()) return payload;
  return payload.subspan(1, payload.size() - 1 - padding);
}

std::span<const NamedValue> frame_type_names() {
  return kFrameTypes;
}
std::span<const NamedValue> error_names() {
  return kErrors;
}
std::string_view error_text(std::uint32_t code) {
  return code < kErrorTexts.size() ? kErrorTexts[code] : std::string_view{};
}
std::string_view setting_text(std::uint16_t id) {
  return id < kSettingTexts.size() ? kSettingTexts[id] : std::string_view{};
}

}  // namespace chieng::collector::http2
