// Messages of PostgreSQL's protocol 3 (PostgreSQL documentation, chapter "Frontend/Backend
// Protocol"): reading of their bodies into a request or a response.
#pragma once

#include "collector/protocol/pgsql/transaction.h"
#include "core/bytes/bytes.h"

namespace chieng::collector::pgsql {

inline constexpr std::uint32_t kCancel = 80877102, kSsl = 80877103, kGss = 80877104;

enum class Authentication : std::uint32_t {
  ok = 0,
  kerberos = 2,
  cleartext = 3,
  md5 = 5,
  gss = 7,
  gss_continue = 8,
  sspi = 9,
  sasl = 10,
  sasl_continue = 11,
  sasl_final = 12
};

// body: what follows the length. False where it is malformed.
[[nodiscard]] bool read_first(Bytes body, Request& out);  // startup, SSL, GSS, cancel
[[nodiscard]] bool read_password(Bytes body, Authentication asked, Request& out);
[[nodiscard]] bool read_parse(Bytes body, Request& out);
[[nodiscard]] bool read_authentication(Bytes body, Response& out, Authentication& what);
[[nodiscard]] bool read_parameter(Bytes body, Response& out);
[[nodiscard]] bool read_key(Bytes body, Response& out);
[[nodiscard]] bool read_error(Bytes body, Response& out);
void read_fields(Bytes body, Response& out);
void read_copy(Bytes body, bool outwards, Response& out);
// Text up to its zero byte.
[[nodiscard]] std::string c_text(Bytes body);

}  // namespace chieng::collector::pgsql
