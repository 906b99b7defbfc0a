// A Kerberos message as values (RFC 4120, section 5): what is in the clear.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes/bytes.h"
#include "core/inspect/catalogue.h"

namespace chieng::collector::krb5 {

namespace type {
inline constexpr std::uint8_t as_req = 10, as_rep = 11, tgs_req = 12, tgs_rep = 13, ap_req = 14,
                              ap_rep = 15, error = 30;
}

// Bounded: a name keeps kMostParts parts; their bytes are at most the message's.
struct Message {
  static constexpr std::size_t kMostParts = 32;
  std::uint8_t type = 0;
  std::optional<std::string> realm;
  std::optional<std::vector<std::string>> client, server;  // the parts of a principal's name
  std::optional<std::int32_t> encryption;                  // of a reply's own part
  std::optional<std::int32_t> ticket_encryption;
  std::optional<std::int32_t> error;
};

// The type of what begins like a message of Kerberos 5: the application tag, a sequence, and
// version 5 where it is the first or second field.
[[nodiscard]] std::optional<std::uint8_t> type_of(Bytes data);
// Of AS, TGS and error messages all fields; of others only the type. Nothing where it is malformed.
[[nodiscard]] std::optional<Message> parse(Bytes data);

[[nodiscard]] std::string type_name(std::uint8_t type);         // "KRB_AS_REQ"
[[nodiscard]] std::string encryption_name(std::int32_t type);   // "rc4-hmac"
[[nodiscard]] std::string error_name(std::int32_t error);       // "KDC_ERR_POLICY"
[[nodiscard]] bool is_weak(std::int32_t encryption);            // anything but AES and Camellia
[[nodiscard]] std::span<const NamedValue> type_values();        // AS_REQ …
[[nodiscard]] std::span<const NamedValue> encryption_values();  // rules' names

}  // namespace chieng::collector::krb5
