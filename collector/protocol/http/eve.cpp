// The "http" member of EVE events.
#include "collector/protocol/http/content_range.h"
#include "collector/protocol/http/text.h"
#include "collector/protocol/http/transaction.h"

namespace chieng::collector::http {
namespace {

void field_if(JsonWriter& out, std::string_view name, std::optional<std::string_view> value) {
  if (value && !value->empty()) out.field(name, *value);
}

void write_content_range(JsonWriter& out, std::string_view value) {
  out.key("content_range").begin_object().field("raw", value);
  if (const auto range = parse_content_range(value)) {
    if (range->start) out.field("start", *range->start).field("end", *range->end);
    if (range->size) out.field("size", *range->size);
  }
  out.end_object();
}

}  // namespace

void HttpTransaction::write(JsonWriter& out) const {
  const Message& request = message(Direction::to_server);
  const Message& response = message(Direction::to_client);
  out.key("http").begin_object();
  field_if(out, "hostname", host);
  if (port) out.field("http_port", *port);
  field_if(out, "url", uri_raw);
  field_if(out, "http_user_agent", request.headers.find(Known::user_agent));
  field_if(out, "xff", request.headers.find(Known::forwarded_for));
  if (const auto type = response.headers.find(Known::content_type))
    field_if(out, "http_content_type", trim(type->substr(0, type->find(';'))));
  if (const auto range = response.headers.find(Known::content_range))
    write_content_range(out, *range);
  field_if(out, "http_refer", request.headers.find(Known::referer));
  field_if(out, "http_method", method);
  field_if(out, "protocol", request.protocol_text());
  if (status != 0)
    out.field("status", status);
  else
    field_if(out, "status_string", status_text);
  if (status >= 300 && status < 400)
    field_if(out, "redirect", response.headers.find(Known::location));
  out.field("length", response.length);
  out.end_object();
}

}  // namespace chieng::collector::http
