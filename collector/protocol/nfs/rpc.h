// The heads of ONC RPC messages, version 2 (RFC 5531), and XDR's opaque values (RFC 4506).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/bytes/reader.h"

namespace chieng::collector::nfs {

inline constexpr std::uint32_t kNfsProgram = 100003;

struct Credentials {
  std::uint32_t flavor = 0;
  std::string machine;  // of flavor unix alone
  std::uint32_t uid = 0, gid = 0;
};
enum Flavor : std::uint32_t { f_null = 0, f_unix = 1, f_gss = 6 };

struct Call {
  std::uint32_t xid = 0, program = 0, version = 0, procedure = 0;
  Credentials credentials = {};
  std::size_t credentials_size = 0;  // with flavor and length; they begin at kCredentials
  std::size_t body = 0;              // where the arguments begin
};
inline constexpr std::size_t kCredentials = 24;

struct Reply {
  std::uint32_t xid = 0;
  bool denied = false;
  std::uint32_t accept_state = 0;  // 0: it was done
  std::size_t body = 0;
};

// An opaque value or string with its padding.
[[nodiscard]] Bytes take_opaque(Reader& in);
// Nothing: it is no such message, or not all of its head is there.
[[nodiscard]] std::optional<Call> read_call(Bytes message);
[[nodiscard]] std::optional<Reply> read_reply(Bytes message);
// The type of a message whose first eight bytes are there.
[[nodiscard]] std::optional<std::uint32_t> message_type(Bytes message);

}  // namespace chieng::collector::nfs
