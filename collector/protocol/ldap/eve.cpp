// The members of EVE's ldap object.
#include <fmt/core.h>

#include <algorithm>

#include "collector/protocol/ldap/message.h"

namespace chieng::collector::ldap {
namespace {

constexpr NamedValue kOperations[] = {
    {"bind_request", 0},      {"bind_response", 1},       {"unbind_request", 2},
    {"search_request", 3},    {"search_result_entry", 4}, {"search_result_done", 5},
    {"modify_request", 6},    {"modify_response", 7},     {"add_request", 8},
    {"add_response", 9},      {"del_request", 10},        {"del_response", 11},
    {"mod_dn_request", 12},   {"mod_dn_response", 13},    {"compare_request", 14},
    {"compare_response", 15}, {"abandon_request", 16},    {"search_result_reference", 19},
    {"extended_request", 23}, {"extended_response", 24},  {"intermediate_response", 25}};

// RFC 4511 section 4.1.9 and IANA's list of result codes.
constexpr NamedValue kResults[] = {{"success", 0},
                                   {"operations_error", 1},
                                   {"protocol_error", 2},
                                   {"time_limit_exceeded", 3},
                                   {"size_limit_exceeded", 4},
                                   {"compare_false", 5},
                                   {"compare_true", 6},
                                   {"auth_method_not_supported", 7},
                                   {"stronger_auth_required", 8},
                                   {"referral", 10},
                                   {"admin_limit_exceeded", 11},
                                   {"unavailable_critical_extension", 12},
                                   {"confidentiality_required", 13},
                                   {"sasl_bind_in_progress", 14},
                                   {"no_such_attribute", 16},
                                   {"undefined_attribute_type", 17},
                                   {"inappropriate_matching", 18},
                                   {"constraint_violation", 19},
                                   {"attribute_or_value_exists", 20},
                                   {"invalid_attribute_syntax", 21},
                                   {"no_such_object", 32},
                                   {"alias_problem", 33},
                                   {"invalid_dns_syntax", 34},
                                   {"is_leaf", 35},
                                   {"alias_dereferencing_problem", 36},
                                   {"inappropriate_authentication", 48},
                                   {"invalid_credentials", 49},
                                   {"insufficient_access_rights", 50},
                                   {"busy", 51},
                                   {"unavailable", 52},
                                   {"unwilling_to_perform", 53},
                                   {"loop_detect", 54},
                                   {"sort_control_missing", 60},
                                   {"offset_range_error", 61},
                                   {"naming_violation", 64},
                                   {"object_class_violation", 65},
                                   {"not_allowed_on_non_leaf", 66},
                                   {"not_allowed_on_rdn", 67},
                                   {"entry_already_exists", 68},
                                   {"object_class_mods_prohibited", 69},
                                   {"results_too_large", 70},
                                   {"affects_multiple_dsas", 71},
                                   {"control_error", 76},
                                   {"other", 80},
                                   {"server_down", 81},
                                   {"local_error", 82},
                                   {"encoding_error", 83},
                                   {"decoding_error", 84},
                                   {"timeout", 85},
                                   {"auth_unknown", 86},
                                   {"filter_error", 87},
                                   {"user_canceled", 88},
                                   {"param_error", 89},
                                   {"no_memory", 90},
                                   {"connect_error", 91},
                                   {"not_supported", 92},
                                   {"control_not_found", 93},
                                   {"no_results_returned", 94},
                                   {"more_results_to_return", 95},
                                   {"client_loop", 96},
                                   {"referral_limit_exceeded", 97},
                                   {"invalid_response", 100},
                                   {"ambiguous_response", 101},
                                   {"tls_not_supported", 112},
                                   {"intermediate_response", 113},
                                   {"unknown_type", 114},
                                   {"canceled", 118},
                                   {"no_such_operation", 119},
                                   {"too_late", 120},
                                   {"cannot_cancel", 121},
                                   {"assertion_failed", 122},
                                   {"authorization_denied", 123}};

std::string name_in(std::span<const NamedValue> names, std::int64_t value) {
  const auto at = std::ranges::find(names, static_cast<std::uint64_t>(value), &NamedValue::value);
  return at != names.end() ? std::string(at->name) : fmt::format("unknown-{}", value);
}

void write_texts(JsonWriter& out, std::string_view key, const std::vector<std::string>& texts) {
  if (texts.empty()) return;
  out.key(key).begin_array();
  for (const std::string& t : texts) out.value(t);
  out.end_array();
}

void write_attributes(JsonWriter& out, std::string_view type_key,
                      const std::vector<Attribute>& attributes) {
  if (attributes.empty()) return;
  out.key("attributes").begin_array();
  for (const Attribute& a : attributes) {
    out.begin_object().field(type_key, a.type);
    write_texts(out, "values", a.values);
    out.end_object();
  }
  out.end_array();
}

void write_bind(JsonWriter& out, const Message& m) {
  out.field("version", m.bind_version).field("name", *m.dn);
  if (!m.sasl) return;
  out.key("sasl").begin_object().field("mechanism", m.sasl->mechanism);
  if (m.sasl->credentials) out.field("credentials", to_hex(as_bytes(*m.sasl->credentials)));
  out.end_object();
}

void write_search(JsonWriter& out, const Message& m) {
  const Search& s = *m.search;
  out.field("base_object", *m.dn).field("scope", s.scope).field("deref_alias", s.deref);
  out.field("size_limit", s.size_limit).field("time_limit", s.time_limit);
  out.field("types_only", s.types_only);
  if (s.present) {
    out.key("filter").begin_object().field("type", "present").field("value", *s.present);
    out.end_object();
  }
  write_texts(out, "attributes", s.attributes);
}

void write_changes(JsonWriter& out, const Message& m) {
  static constexpr NamedValue kChanges[] = {{"add", 0}, {"delete", 1}, {"replace", 2}};
  out.field("object", *m.dn);
  if (m.changes.empty()) return;
  out.key("changes").begin_array();
  for (const Change& c : m.changes) {
    const auto at =
        std::ranges::find(kChanges, static_cast<std::uint64_t>(c.operation), &NamedValue::value);
    out.begin_object().field("operation", at != std::end(kChanges) ? std::string(at->name)
                                                                   : std::to_string(c.operation));
    out.key("modification").begin_object().field("attribute_type", c.attribute.type);
    write_texts(out, "attribute_values", c.attribute.values);
    out.end_object().end_object();
  }
  out.end_array();
}

void write_modify_dn(JsonWriter& out, const Message& m) {
  const ModifyDn& d = *m.modify_dn;
  out.field("entry", *m.dn).field("new_rdn", d.new_rdn).field("delete_old_rdn", d.delete_old);
  if (d.new_superior) out.field("new_superior", *d.new_superior);
}

void write_outcome(JsonWriter& out, const Outcome& o) {
  out.field("result_code", name_in(kResults, o.code)).field("matched_dn", o.matched_dn);
  out.field("message", o.message);
  if (o.server_credentials) out.field("server_sasl_creds", to_hex(as_bytes(*o.server_credentials)));
}

void write_request(JsonWriter& out, const Message& m) {
  switch (m.op) {
    case op::bind_request:
      return write_bind(out, m);
    case op::search_request:
      return write_search(out, m);
    case op::modify_request:
      return write_changes(out, m);
    case op::add_request:
      out.field("entry", *m.dn);
      return write_attributes(out, "name", m.attributes);
    case op::del_request:
      out.field("dn", *m.dn);
      return;
    case op::mod_dn_request:
      return write_modify_dn(out, m);
    default:  // compare
      out.field("entry", *m.dn).key("attribute_value_assertion").begin_object();
      out.field("description", m.assertion->type).field("value", m.assertion->values[0]);
      out.end_object();
  }
}

}  // namespace

std::span<const NamedValue> operation_names() {
  return kOperations;
}
std::span<const NamedValue> result_names() {
  return kResults;
}

void write_operation(JsonWriter& out, const Message& m, bool with_id_between) {
  const std::string name = name_in(kOperations, m.op);
  out.field("operation", name);
  if (with_id_between) out.field("message_id", m.id);
  if (m.op == op::unbind_request || m.op == op::abandon_request || m.op == op::search_reference)
    return;
  out.key(name).begin_object();
  if (m.outcome) write_outcome(out, *m.outcome);
  if (m.op == op::search_entry) {
    out.field("base_object", *m.dn);
    write_attributes(out, "type", m.attributes);
  } else if (m.dn) {
    write_request(out, m);
  }
  if (m.oid) out.field("name", *m.oid);
  if (m.value) out.field("value", *m.value);
  out.end_object();
}

}  // namespace chieng::collector::ldap
