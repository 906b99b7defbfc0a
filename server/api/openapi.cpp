#include "server/api/openapi.h"

#include <algorithm>

#include "core/event/json_writer.h"

namespace chieng::server {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c;
  });
  return out;
}

void reference(JsonWriter& json, std::string_view type, std::string_view schema) {
  json.key("content").begin_object().key(type).begin_object().key("schema").begin_object();
  json.field("$ref", "#/components/schemas/" + std::string(schema))
      .end_object()
      .end_object()
      .end_object();
}

void write_parameters(JsonWriter& json, const Route& route) {
  json.key("parameters").begin_array();
  for (auto rest = route.path; rest.find('{') != std::string_view::npos;) {
    rest.remove_prefix(rest.find('{') + 1);
    json.begin_object()
        .field("name", rest.substr(0, rest.find('}')))
        .field("in", "path")
        .field("required", true);
    json.key("schema").raw(R"({"type":"string"})").end_object();
  }
  for (const auto& param : route.query) {
    json.begin_object()
        .field("name", param.name)
        .field("in", "query")
        .field("description", param.doc);
    json.key("schema").raw(param.schema).end_object();
  }
  json.end_array();
}

void write_answers(JsonWriter& json, const Route& route) {
  const bool empty = route.answer_schema.empty() && route.answer_type == "application/json";
  json.key("responses").begin_object();
  json.key(empty ? "204" : "2XX")
      .begin_object()
      .field("description", empty ? "Done" : "The answer");
  if (!route.answer_schema.empty())
    reference(json, route.answer_type, route.answer_schema);
  else if (!empty)
    json.key("content")
        .begin_object()
        .key(route.answer_type)
        .begin_object()
        .end_object()
        .end_object();
  json.end_object().key("default").begin_object().field("description", "What was wrong");
  reference(json, "application/problem+json", "Problem");
  json.end_object().end_object();
}

void write_operation(JsonWriter& json, const Route& route) {
  json.key(lower(to_string(route.method))).begin_object().field("summary", route.summary);
  json.field("x-role", route.access.open() ? "anyone" : to_string(route.access.role()));
  write_parameters(json, route);
  if (!route.body_schema.empty()) {
    json.key("requestBody").begin_object().field("required", true);
    reference(json, "application/json", route.body_schema);
    json.end_object();
  }
  write_answers(json, route);
  json.key("security").begin_array();
  if (!route.access.open()) {
    json.begin_object().key("session").begin_array().end_array();
    if (route.method != Method::get) json.key("csrf").begin_array().end_array();
    json.end_object().begin_object().key("token").begin_array().end_array().end_object();
  }
  json.end_array().end_object();
}

void write_paths(JsonWriter& json, const std::vector<Route>& routes) {
  std::vector<std::string_view> paths;
  for (const auto& route : routes)
    if (std::ranges::find(paths, route.path) == paths.end()) paths.push_back(route.path);
  json.key("paths").begin_object();
  for (const auto path : paths) {
    json.key(path).begin_object();
    for (const auto& route : routes)
      if (route.path == path) write_operation(json, route);
    json.end_object();
  }
  json.end_object();
}

constexpr std::string_view kSecurity = R"({
"session":{"type":"apiKey","in":"cookie","name":"chieng_session"},
"csrf":{"type":"apiKey","in":"header","name":"X-Chieng-CSRF"},
"token":{"type":"http","scheme":"bearer"}})";

}  // namespace

std::string openapi_document(const std::vector<Route>& routes) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("openapi", "3.1.0").key("info").begin_object();
  json.field("title", "Chiêng server").field("version", "1").end_object();
  json.key("servers").begin_array().begin_object().field("url", kApiBase).end_object().end_array();
  write_paths(json, routes);
  json.key("components")
      .begin_object()
      .key("securitySchemes")
      .raw(kSecurity)
      .key("schemas")
      .begin_object();
  for (const auto& schema : api_schemas()) json.key(schema.name).raw(schema.json);
  json.end_object().end_object().end_object();
  return out;
}

}  // namespace chieng::server
