#include "collector/protocol/pgsql/messages.h"

#include <algorithm>

#include "core/bytes/reader.h"

namespace chieng::collector::pgsql {
namespace {

using Kind = Request::Kind;

std::optional<std::string> take_text(Reader& in) {
  const std::string_view rest = as_text(in.rest());
  const auto end = rest.find('\0');
  if (end == std::string_view::npos) return std::nullopt;
  in.skip(end + 1);
  return std::string(rest.substr(0, end));
}

std::string_view error_field(char code) {
  static constexpr std::pair<char, std::string_view> names[] = {{'S', "severity_localizable"},
                                                                {'V', "severity_non_localizable"},
                                                                {'C', "code"},
                                                                {'M', "message"},
                                                                {'D', "detail"},
                                                                {'H', "hint"},
                                                                {'P', "position"},
                                                                {'p', "internal_position"},
                                                                {'q', "internal_query"},
                                                                {'W', "where"},
                                                                {'s', "schema_name"},
                                                                {'t', "table_name"},
                                                                {'c', "column_name"},
                                                                {'d', "data_type"},
                                                                {'n', "constraint_name"},
                                                                {'F', "file"},
                                                                {'L', "line"},
                                                                {'R', "routine"}};
  for (const auto& [letter, name] : names)
    if (letter == code) return name;
  return {};
}

std::string parameter_name(std::string name) {
  static constexpr std::pair<std::string_view, std::string_view> names[] = {
      {"DateStyle", "date_style"}, {"IntervalStyle", "interval_style"}, {"TimeZone", "time_zone"}};
  for (const auto& [wire, eve] : names)
    if (wire == name) return std::string(eve);
  return name;
}

}  // namespace

std::string c_text(Bytes body) {
  const std::string_view text = as_text(body);
  return std::string(text.substr(0, text.find('\0')));
}

bool read_first(Bytes body, Request& out) {
  Reader in(body);
  const std::uint32_t code = in.u32();
  if (code == kSsl || code == kGss) {
    out.kind = code == kSsl ? Kind::ssl : Kind::gss;
    return in.at_end();
  }
  if (code == kCancel) {
    out.kind = Kind::cancel;
    out.process = in.u32();
    out.secret = in.remaining() == 4 ? in.u32() : 0;
    return in.ok();
  }
  out.kind = Kind::startup;
  out.major = static_cast<std::uint16_t>(code >> 16);
  out.minor = static_cast<std::uint16_t>(code & 0xffff);
  if (!in.ok() || out.major != 3) return false;
  while (!in.at_end() && in.peek() != std::uint8_t{0}) {
    auto name = take_text(in);
    auto value = name ? take_text(in) : std::nullopt;
    if (!value || out.parameters.size() == PgsqlTransaction::kMostTexts) return false;
    out.parameters.emplace_back(std::move(*name), std::move(*value));
  }
  const auto user = std::ranges::find(out.parameters, "user", &Pairs::value_type::first);
  if (user != out.parameters.end()) std::rotate(out.parameters.begin(), user, user + 1);
  return true;
}

bool read_password(Bytes body, Authentication asked, Request& out) {
  if (asked == Authentication::sasl_continue) {
    out.kind = Kind::sasl_response;
    out.text = as_text(body);
    return true;
  }
  if (asked != Authentication::sasl) {
    out.kind = Kind::password;
    return true;
  }
  out.kind = Kind::sasl_initial;
  Reader in(body);
  const auto mechanism = take_text(in);
  if (!mechanism) return false;
  out.mechanism = *mechanism == "SCRAM-SHA-256"        ? "scram_SHA256"
                  : *mechanism == "SCRAM-SHA-256-PLUS" ? "scram_SHA256_plus"
                                                       : *mechanism;
  const std::uint32_t length = in.u32();
  if (length != 0xffffffff) out.text = as_text(in.take(length));
  return in.ok();
}

bool read_parse(Bytes body, Request& out) {
  Reader in(body);
  const auto statement = take_text(in);
  auto query = statement ? take_text(in) : std::nullopt;
  if (!query) return false;
  out.kind = Kind::extended_query;
  out.text = std::move(*query);
  return true;
}

bool read_authentication(Bytes body, Response& out, Authentication& what) {
  Reader in(body);
  what = static_cast<Authentication>(in.u32());
  if (!in.ok()) return false;
  switch (what) {
    case Authentication::ok:
      out.message = "authentication_ok";
      return true;
    case Authentication::kerberos:
      out.message = "authentication_kerberosv5";
      return true;
    case Authentication::cleartext:
      out.message = "authentication_cleartext_password";
      return true;
    case Authentication::md5:
      out.salt = as_text(in.take(4));
      return in.ok();
    case Authentication::gss:
      out.message = "authentication_gss";
      return true;
    case Authentication::gss_continue:
      out.message = "authentication_gss_continue";
      return true;
    case Authentication::sspi:
      out.message = "authentication_sspi";
      return true;
    case Authentication::sasl:
      out.message = "authentication_sasl";
      return true;
    case Authentication::sasl_continue:
      out.message = "authentication_sasl_continue";
      return true;
    case Authentication::sasl_final:
      out.sasl_final = as_text(in.rest());
      return true;
  }
  return false;
}

bool read_parameter(Bytes body, Response& out) {
  Reader in(body);
  auto name = take_text(in);
  auto value = name ? take_text(in) : std::nullopt;
  if (!value) return false;
  if (out.parameters.size() < PgsqlTransaction::kMostTexts)
    out.parameters.emplace_back(parameter_name(std::move(*name)), std::move(*value));
  return true;
}

bool read_key(Bytes body, Response& out) {
  Reader in(body);
  const std::uint32_t process = in.u32(), secret = in.u32();
  if (!in.ok()) return false;
  out.key = {process, secret};
  return true;
}

// The first error or notice is kept.
bool read_error(Bytes body, Response& out) {
  Reader in(body);
  const bool keep = out.error.empty();
  while (!in.at_end()) {
    const char code = static_cast<char>(in.u8());
    if (code == 0) return true;
    auto value = take_text(in);
    if (!value) return false;
    const std::string_view name = error_field(code);
    if (keep && !name.empty() && out.error.size() < PgsqlTransaction::kMostTexts)
      out.error.emplace_back(name, std::move(*value));
  }
  return true;
}

void read_fields(Bytes body, Response& out) {
  Reader in(body);
  const std::uint16_t count = in.u16();
  out.fields = in.ok() ? count : std::uint16_t{0};
  out.fields_malformed = !in.ok();
  for (std::uint16_t i = 0; i < count && !out.fields_malformed; ++i) {
    const bool named = take_text(in).has_value();
    in.skip(18);
    out.fields_malformed = !named || !in.ok();
  }
}

void read_copy(Bytes body, bool outwards, Response& out) {
  Reader in(body);
  in.skip(1);
  CopyBegin copy{outwards, false, in.u16()};
  copy.malformed = !in.ok() || in.remaining() != std::size_t{copy.columns} * 2;
  out.copy = copy;
}

}  // namespace chieng::collector::pgsql
