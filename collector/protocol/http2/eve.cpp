// The "http" member of EVE events, version 2.
#include <algorithm>
#include <charconv>

#include "collector/protocol/http2/transaction.h"

namespace chieng::collector::http2 {
namespace {

std::string_view error_name(FieldState state) {
  switch (state) {
    case FieldState::bad_index:
      return "HTTP2HeaderDecodeNotIndexed";
    case FieldState::bad_integer:
      return "HTTP2HeaderDecodeIntegerOverflow";
    default:
      return "HTTP2HeaderDecodeError";
  }
}

void write_headers(JsonWriter& out, std::string_view key, const std::vector<Field>& fields) {
  if (fields.empty()) return;
  out.key(key).begin_array();
  for (const Field& f : fields) {
    out.begin_object();
    if (f.state == FieldState::good)
      out.field("name", f.name).field("value", f.value);
    else if (f.state == FieldState::size_update)
      out.field("table_size_update", f.size_update);
    else
      out.field("error", error_name(f.state));
    out.end_object();
  }
  out.end_array();
}

bool same_text(std::string_view a, std::string_view lower_case) {
  return std::ranges::equal(a, lower_case, [](char x, char y) {
    return (x >= 'A' && x <= 'Z' ? static_cast<char>(x + 32) : x) == y;
  });
}

// By name without case: a request that came by upgrade keeps the spelling of HTTP/1.
std::optional<std::string_view> last_of(const StreamSide& side, std::string_view name) {
  for (auto f = side.fields.rbegin(); f != side.fields.rend(); ++f)
    if (f->state == FieldState::good && same_text(f->name, name)) return f->value;
  return std::nullopt;
}

std::optional<std::uint64_t> number(std::optional<std::string_view> text) {
  if (!text) return std::nullopt;
  std::uint64_t n = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), n);
  if (error != std::errc{} || end != text->data() + text->size()) return std::nullopt;
  return n;
}

void write_common(JsonWriter& out, const StreamSide& request, const StreamSide& response) {
  const auto text = [&](std::string_view key, std::optional<std::string_view> value) {
    if (value) out.field(key, *value);
  };
  // A promised request comes from the server.
  const auto of_request = [&](std::string_view name) {
    const auto value = last_of(request, name);
    return value ? value : last_of(response, name);
  };
  text("http_method", of_request(":method"));
  text("url", of_request(":path"));
  const auto authority = of_request(":authority");
  text("hostname", authority ? authority : of_request("host"));
  text("http_user_agent", of_request("user-agent"));
  if (const auto status = number(last_of(response, ":status"))) out.field("status", *status);
  auto length = number(last_of(response, "content-length"));
  if (!length) length = number(last_of(request, "content-length"));
  if (length) out.field("length", *length);
}

void write_error(JsonWriter& out, const FrameValue& error) {
  std::string text(error_text(error.value));
  if (text.empty()) text = std::to_string(error.value);
  if (error.goaway)
    std::ranges::transform(text, text.begin(), [](char c) {
      return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    });
  out.field("error_code", text);
}

void write_frames(JsonWriter& out, std::string_view key, const StreamSide& side) {
  if (side.settings.empty() && side.errors.empty() && side.priorities.empty()) return;
  out.key(key).begin_object();
  if (!side.settings.empty()) {
    out.key("settings").begin_array();
    for (const Setting& s : side.settings) {
      out.begin_object().field("settings_id", setting_text(s.id));
      out.field("settings_value", s.value).end_object();
    }
    out.end_array();
  }
  if (!side.errors.empty()) write_error(out, side.errors.front());
  if (!side.priorities.empty()) out.field("priority", side.priorities.front().value);
  if (side.errors.size() > 1)
    out.field("has_multiple", "error_code");
  else if (side.priorities.size() > 1)
    out.field("has_multiple", "priority");
  out.end_object();
}

}  // namespace

void Http2Transaction::write(JsonWriter& out) const {
  const StreamSide& request = side(Direction::to_server);
  const StreamSide& response = side(Direction::to_client);
  out.key("http").begin_object().field("version", "2");
  write_headers(out, "request_headers", request.fields);
  write_headers(out, "response_headers", response.fields);
  write_common(out, request, response);
  out.key("http2").begin_object().field("stream_id", stream_);
  write_frames(out, "request", request);
  write_frames(out, "response", response);
  out.end_object().end_object();
  // The answer repeats its question.
  const auto& message = dns_[1] ? dns_[1] : dns_[0];
  if (message) message->write(out);
}

}  // namespace chieng::collector::http2
