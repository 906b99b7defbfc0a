// The API's objects as JSON, in the shapes of docs/api.md. Appends; the caller owns the text.
#pragma once

#include <string>
#include <string_view>

#include "core/event/json_writer.h"
#include "server/store/types.h"

namespace chieng::server {

[[nodiscard]] std::string api_time(
    Timestamp t);  // RFC 3339, UTC, microseconds: "2026-11-23T17:26:54.123456Z"

void render(JsonWriter& json, const AgencyRef& agency);
void render(JsonWriter& json, const Group& group);
void render(JsonWriter& json, const StoredEvent& event);
void render(JsonWriter& json, const GroupAction& action);
void render(JsonWriter& json, const Incident& incident);
void render(JsonWriter& json, const Agent& agent);
void render(JsonWriter& json, const Agency& agency);
void render(JsonWriter& json, const AuditEntry& entry);

template <class T>
[[nodiscard]] std::string rendered(const T& thing) {
  std::string out;
  JsonWriter json(out);
  render(json, thing);
  return out;
}

// {"items":[…],"next_cursor":…,"total":…}
template <class T>
[[nodiscard]] std::string rendered_page(const std::vector<T>& items, std::string_view next_cursor,
                                        std::uint64_t total) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("items").begin_array();
  for (const auto& item : items) render(json, item);
  json.end_array().key("next_cursor");
  if (next_cursor.empty())
    json.null();
  else
    json.value(next_cursor);
  json.field("total", total).end_object();
  return out;
}
template <class T>
[[nodiscard]] std::string rendered_page(const Page<T>& page) {
  return rendered_page(page.items, page.next_cursor, page.total);
}

}  // namespace chieng::server
