#include "collector/protocol/pgsql/transaction.h"

#include <fmt/format.h>

namespace chieng::collector::pgsql {
namespace {

using Kind = Request::Kind;

// Names come from the wire: they are escaped as values are.
void field(JsonWriter& out, std::string_view name, std::string_view value) {
  std::string quoted;
  append_json_string(quoted, name);
  out.key(std::string_view(quoted).substr(1, quoted.size() - 2)).value(value);
}

void write_pairs(JsonWriter& out, std::string_view key, std::span<const Pairs::value_type> pairs) {
  if (pairs.empty()) return;
  out.key(key).begin_array();
  for (const auto& [name, value] : pairs) {
    out.begin_object();
    field(out, name, value);
    out.end_object();
  }
  out.end_array();
}

void write_startup(JsonWriter& out, const Request& r) {
  out.field("protocol_version", fmt::format("{}.{}", r.major, r.minor));
  out.key("startup_parameters").begin_object();
  std::span<const Pairs::value_type> rest(r.parameters);
  if (!rest.empty() && rest.front().first == "user") {
    out.field("user", rest.front().second);
    rest = rest.subspan(1);
  }
  write_pairs(out, "optional_parameters", rest);
  out.end_object();
}

void write_request(JsonWriter& out, const Request& r) {
  out.key("request").begin_object();
  switch (r.kind) {
    case Kind::none:
      break;
    case Kind::ssl:
      out.field("message", "SSL Request");
      break;
    case Kind::gss:
      out.field("message", "GSSENC Request");
      break;
    case Kind::startup:
      write_startup(out, r);
      break;
    case Kind::cancel:
      out.field("message", "cancel_request");
      out.field("process_id", r.process).field("secret_key", r.secret);
      break;
    case Kind::password:
      out.field("password_redacted", true);
      break;
    case Kind::sasl_initial:
      out.field("sasl_authentication_mechanism", r.mechanism).field("sasl_param", r.text);
      break;
    case Kind::sasl_response:
      out.field("sasl_response", r.text);
      break;
    case Kind::query:
      out.field("simple_query", r.text);
      break;
    case Kind::extended_query:
      out.field("extended_query", r.text);
      break;
    case Kind::copy_data:
      out.key("copy_data_in").begin_object().field("msg_count", r.messages);
      out.field("data_size", r.bytes).end_object();
      if (r.copy_done) out.field("message", "copy_done");
      break;
    case Kind::copy_fail:
      out.field("copy_fail", r.text);
      break;
    case Kind::terminate:
      out.field("message", "termination_message");
      break;
  }
  out.end_object();
}

void write_response(JsonWriter& out, const Response& r, const Request& request) {
  out.key("response").begin_object();
  if (r.ssl_accepted) out.field("ssl_accepted", *r.ssl_accepted);
  if (!r.salt.empty()) out.field("authentication_md5_password", r.salt);
  if (!r.sasl_final.empty()) out.field("authentication_sasl_final", r.sasl_final);
  if (!r.message.empty()) out.field("message", r.message);
  write_pairs(out, "parameter_status", r.parameters);
  if (r.key) out.field("process_id", r.key->first).field("secret_key", r.key->second);
  if (r.fields)
    out.field("row_description_malformed", r.fields_malformed).field("field_count", *r.fields);
  if (r.rows > 0) out.field("data_rows", r.rows).field("data_size", r.row_bytes);
  if (request.kind == Kind::copy_data)
    out.field("data_rows", request.messages).field("data_size", request.bytes);
  if (r.copy)
    out.key(r.copy->out ? "copy_out_response" : "copy_in_response")
        .begin_object()
        .field("malformed", r.copy->malformed)
        .field("columns", r.copy->columns)
        .end_object();
  if (r.copied > 0)
    out.key("copy_data_out")
        .begin_object()
        .field("row_count", r.copied)
        .field("data_size", r.copied_bytes)
        .end_object();
  if (r.copy_done && r.message.empty()) out.field("message", "copy_done");
  for (const auto& [name, value] : r.error)
    if (name != "message" || (r.message.empty() && !r.copy_done)) out.field(name, value);
  if (!r.completed.empty()) out.field("command_completed", r.completed.front());
  out.end_object();
}

}  // namespace

std::optional<BufferSlice> PgsqlTransaction::buffer(unsigned, Direction d, std::uint32_t) const {
  const bool query = request.kind == Kind::query || request.kind == Kind::extended_query;
  if (d != Direction::to_server || !query) return std::nullopt;
  return BufferSlice{.data = as_bytes(request.text)};
}

void PgsqlTransaction::write(JsonWriter& out) const {
  out.key("pgsql").begin_object().field("tx_id", id() + 1);
  if (request.kind != Kind::none) write_request(out, request);
  if (response.any) write_response(out, response, request);
  out.end_object();
}

}  // namespace chieng::collector::pgsql
