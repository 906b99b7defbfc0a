#include "collector/protocol/http2/spec.h"

#include <array>
#include <utility>

#include "collector/protocol/http2/frame.h"

namespace chieng::collector::http2 {
namespace {

using Ready = std::array<std::uint8_t, 2>;
constexpr std::uint8_t at(Progress p) {
  return std::to_underlying(p);
}
constexpr Ready kHeaders{at(Progress::headers), at(Progress::headers)};
constexpr Ready kBody{at(Progress::body), at(Progress::body)};
constexpr Ready kNow{};

constexpr auto ts = Sides::to_server;
constexpr auto tc = Sides::to_client;
constexpr auto both = Sides::both;
constexpr auto content = FieldClass::content;

constexpr BufferSpec plain(std::string_view name, Sides sides,
                           FieldClass privacy = FieldClass::plain) {
  return {.name = name, .sides = sides, .ready = kHeaders, .privacy = privacy};
}
constexpr BufferSpec several(std::string_view name, Sides sides, FieldClass privacy) {
  return {.name = name, .sides = sides, .ready = kHeaders, .multi = true, .privacy = privacy};
}
// Several: the part of a file, and the whole file that it completed.
constexpr BufferSpec body(std::string_view name, Sides sides) {
  return {.name = name,
          .sides = sides,
          .ready = kHeaders,
          .multi = true,
          .streaming = true,
          .privacy = content};
}
constexpr BufferSpec hash(std::string_view name) {
  return {.name = name, .sides = both, .ready = kBody, .multi = true};
}

constexpr std::array<BufferSpec, std::to_underlying(Buffer::count_)> kBuffers = {
    plain("http.method", ts),
    plain("http.uri", ts, content),
    plain("http.uri.raw", ts, content),
    plain("http.protocol", both),
    plain("http.request_line", ts, content),
    plain("http.response_line", tc),
    plain("http.header", both, content),
    plain("http.header.raw", both, content),
    plain("http.header_names", both),
    several("http.request_header", ts, content),
    several("http.response_header", tc, content),
    BufferSpec{.name = "http.host", .sides = ts, .ready = kHeaders, .lowercase = true},
    plain("http.host.raw", ts),
    plain("http.cookie", both, FieldClass::credential),
    plain("http.user_agent", ts, FieldClass::personal),
    plain("http.referer", ts, content),
    plain("http.accept", ts),
    plain("http.accept_enc", ts),
    plain("http.accept_lang", ts),
    plain("http.content_type", both),
    plain("http.content_len", both),
    plain("http.connection", both),
    plain("http.server", tc),
    plain("http.location", tc, content),
    plain("http.stat_code", tc),
    plain("http.stat_msg", tc),
    body("http.request_body", ts),
    body("http.response_body", tc),
    body("file.data", both),
    hash("file.md5"),
    hash("file.sha1"),
    hash("file.sha256"),
    several("http2.header_name", both, FieldClass::plain),
};
static_assert(kBuffers[std::to_underlying(Buffer::host)].name == "http.host");
static_assert(kBuffers[std::to_underlying(Buffer::stat_msg)].name == "http.stat_msg");
static_assert(kBuffers[std::to_underlying(Buffer::header_name)].name == "http2.header_name");

constexpr std::array<std::string_view, kKnownSettings> kSettingNames = {
    "http2.settings.header_table_size",
    "http2.settings.enable_push",
    "http2.settings.max_concurrent_streams",
    "http2.settings.initial_window_size",
    "http2.settings.max_frame_size",
    "http2.settings.max_header_list_size",
    "http2.settings.unassigned",
    "http2.settings.enable_connect_protocol",
    "http2.settings.no_rfc7540_priorities"};

constexpr IntegerSpec number(std::string_view name, unsigned bits,
                             std::span<const NamedValue> names = {}) {
  return {
      .name = name, .ready = kNow, .bits = bits, .multi = true, .names = names, .growing = true};
}

constexpr std::size_t kOwnIntegers = std::to_underlying(Integer::settings) + kKnownSettings;
using Integers = std::array<IntegerSpec, kOwnIntegers>;

Integers make_integers() {
  Integers out = {number("http2.frametype", 8, frame_type_names()),
                  number("http2.errorcode", 32, error_names()),
                  number("http2.priority", 8),
                  number("http2.window", 32),
                  number("http2.size_update", 64),
                  IntegerSpec{.name = "filesize", .ready = kBody, .bits = 64, .multi = true}};
  for (std::size_t i = 0; i < kSettingNames.size(); ++i)
    out[std::to_underlying(Integer::settings) + i] = number(kSettingNames[i], 32);
  return out;
}

constexpr std::string_view kFrames[] = {"hdr", "data", "pdu"};

constexpr std::array kEvents = {
#define CHIENG_HTTP2_EVENT(name) std::string_view(#name),
    CHIENG_HTTP2_EVENTS(CHIENG_HTTP2_EVENT)
#undef CHIENG_HTTP2_EVENT
};

std::span<const IntegerSpec> integers() {
  static const Integers kIntegers = make_integers();
  return kIntegers;
}

}  // namespace

const ProtocolSpec kSpec{.name = "http2",
                         .rule_names = {"http2", "http"},
                         .transport = TransportMask::tcp,
                         .complete = {at(Progress::complete), at(Progress::complete)},
                         .buffers = kBuffers,
                         .integers = integers(),
                         .event_prefix = "http2",
                         .events = kEvents,
                         .frames = kFrames};

}  // namespace chieng::collector::http2
