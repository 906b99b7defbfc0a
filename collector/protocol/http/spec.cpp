#include "collector/protocol/http/spec.h"

#include <array>
#include <utility>

namespace chieng::collector::http {
namespace {

using Ready = std::array<std::uint8_t, 2>;

constexpr std::uint8_t at(Progress p) {
  return std::to_underlying(p);
}
constexpr Ready kLine{at(Progress::line), at(Progress::line)};
constexpr Ready kHeaders{at(Progress::headers), at(Progress::headers)};
constexpr Ready kBody{at(Progress::body), at(Progress::body)};

constexpr auto ts = Sides::to_server;
constexpr auto tc = Sides::to_client;
constexpr auto both = Sides::both;
constexpr auto content = FieldClass::content;
constexpr auto personal = FieldClass::personal;
constexpr auto credential = FieldClass::credential;

constexpr std::array kBuffers = {
    BufferSpec{.name = "http.method",
               .sides = ts,
               .ready = kLine,
               .modifier = "http_method",
               .pcre_letter = 'M'},
    BufferSpec{.name = "http.uri",
               .sides = ts,
               .ready = kLine,
               .modifier = "http_uri",
               .pcre_letter = 'U',
               .privacy = content},
    BufferSpec{.name = "http.uri.raw",
               .sides = ts,
               .ready = kLine,
               .modifier = "http_raw_uri",
               .pcre_letter = 'I',
               .privacy = content},
    BufferSpec{
        .name = "http.protocol", .sides = both, .ready = kLine, .aliases = {"http_protocol"}},
    BufferSpec{.name = "http.request_line",
               .sides = ts,
               .ready = kLine,
               .aliases = {"http_request_line"},
               .privacy = content},
    BufferSpec{.name = "http.response_line",
               .sides = tc,
               .ready = kLine,
               .aliases = {"http_response_line"}},
    BufferSpec{.name = "http.start",
               .sides = both,
               .ready = kHeaders,
               .aliases = {"http_start"},
               .privacy = content},
    BufferSpec{.name = "http.header",
               .sides = both,
               .ready = kHeaders,
               .modifier = "http_header",
               .pcre_letter = 'H',
               .privacy = content},
    BufferSpec{.name = "http.header.raw",
               .sides = both,
               .ready = kHeaders,
               .modifier = "http_raw_header",
               .pcre_letter = 'D',
               .privacy = content},
    BufferSpec{.name = "http.header_names",
               .sides = both,
               .ready = kHeaders,
               .aliases = {"http_header_names"}},
    BufferSpec{.name = "http.request_header",
               .sides = ts,
               .ready = kHeaders,
               .multi = true,
               .aliases = {"http_request_header"},
               .privacy = content},
    BufferSpec{.name = "http.response_header",
               .sides = tc,
               .ready = kHeaders,
               .multi = true,
               .aliases = {"http_response_header"},
               .privacy = content},
    BufferSpec{.name = "http.host",
               .sides = ts,
               .ready = kHeaders,
               .modifier = "http_host",
               .pcre_letter = 'W',
               .lowercase = true},
    BufferSpec{.name = "http.host.raw",
               .sides = ts,
               .ready = kHeaders,
               .modifier = "http_raw_host",
               .pcre_letter = 'Z'},
    BufferSpec{.name = "http.cookie",
               .sides = both,
               .ready = kHeaders,
               .modifier = "http_cookie",
               .pcre_letter = 'C',
               .privacy = credential},
    BufferSpec{.name = "http.user_agent",
               .sides = ts,
               .ready = kHeaders,
               .modifier = "http_user_agent",
               .pcre_letter = 'V',
               .privacy = personal},
    BufferSpec{.name = "http.referer",
               .sides = ts,
               .ready = kHeaders,
               .aliases = {"http_referer"},
               .privacy = content},
    BufferSpec{.name = "http.accept", .sides = ts, .ready = kHeaders, .aliases = {"http_accept"}},
    BufferSpec{
        .name = "http.accept_enc", .sides = ts, .ready = kHeaders, .aliases = {"http_accept_enc"}},
    BufferSpec{.name = "http.accept_lang",
               .sides = ts,
               .ready = kHeaders,
               .aliases = {"http_accept_lang"}},
    BufferSpec{.name = "http.content_type",
               .sides = both,
               .ready = kHeaders,
               .aliases = {"http_content_type"}},
    BufferSpec{.name = "http.content_len",
               .sides = both,
               .ready = kHeaders,
               .aliases = {"http_content_len"}},
    BufferSpec{.name = "http.connection",
               .sides = both,
               .ready = kHeaders,
               .aliases = {"http_connection"}},
    BufferSpec{.name = "http.server", .sides = tc, .ready = kHeaders, .aliases = {"http_server"}},
    BufferSpec{.name = "http.location",
               .sides = tc,
               .ready = kHeaders,
               .aliases = {"http_location"},
               .privacy = content},
    BufferSpec{.name = "http.stat_code",
               .sides = tc,
               .ready = kLine,
               .modifier = "http_stat_code",
               .pcre_letter = 'S'},
    BufferSpec{.name = "http.stat_msg",
               .sides = tc,
               .ready = kLine,
               .modifier = "http_stat_msg",
               .pcre_letter = 'Y'},
    BufferSpec{.name = "http.request_body",
               .sides = ts,
               .ready = kHeaders,
               .streaming = true,
               .aliases = {"http_request_body"},
               .modifier = "http_client_body",
               .pcre_letter = 'P',
               .privacy = content},
    BufferSpec{.name = "http.response_body",
               .sides = tc,
               .ready = kHeaders,
               .streaming = true,
               .aliases = {"http_response_body"},
               .modifier = "http_server_body",
               .pcre_letter = 'Q',
               .privacy = content},
    BufferSpec{.name = "file.data",
               .sides = both,
               .ready = kHeaders,
               .multi = true,
               .streaming = true,
               .aliases = {"file_data"},
               .privacy = content},
    BufferSpec{.name = "file.name",
               .sides = both,
               .ready = kBody,
               .multi = true,
               .aliases = {"file_name"}},
    BufferSpec{.name = "file.md5", .sides = both, .ready = kBody, .multi = true},
    BufferSpec{.name = "file.sha1", .sides = both, .ready = kBody, .multi = true},
    BufferSpec{.name = "file.sha256", .sides = both, .ready = kBody, .multi = true},
};
static_assert(kBuffers.size() == std::to_underlying(Buffer::file_sha256) + 1);
static_assert(kBuffers[std::to_underlying(Buffer::header_names)].name == "http.header_names");
static_assert(kBuffers[std::to_underlying(Buffer::content_type)].name == "http.content_type");
static_assert(kBuffers[std::to_underlying(Buffer::stat_msg)].name == "http.stat_msg");

// Of files that are over.
constexpr std::array kIntegers = {
    IntegerSpec{.name = "filesize", .sides = both, .ready = kBody, .bits = 64, .multi = true},
};

constexpr std::array kEvents = {
#define CHIENG_HTTP_EVENT(name) std::string_view(#name),
    CHIENG_HTTP_EVENTS(CHIENG_HTTP_EVENT)
#undef CHIENG_HTTP_EVENT
};

}  // namespace

constexpr std::string_view kFrames[] = {"request", "response"};

const ProtocolSpec kSpec{
    .name = "http",
    .rule_names = {"http1", "http"},
    .transport = TransportMask::tcp,
    .complete = {at(Progress::complete), at(Progress::complete)},
    .buffers = kBuffers,
    .integers = kIntegers,
    .event_prefix = "http",
    .events = kEvents,
    .frames = kFrames,
};

}  // namespace chieng::collector::http
