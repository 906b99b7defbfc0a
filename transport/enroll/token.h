// The one-time token of an enrolment: text that can be typed or copied (docs/wire-protocol.md).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/bytes/bytes.h"
#include "core/error/result.h"
#include "transport/keys/keys.h"

namespace chieng {

using TokenSecret = std::array<std::uint8_t, 16>;

struct EnrollToken {
  PublicKey server_key;
  TokenSecret secret{};
  std::string endpoint;  // of the enrolment listener; empty: the agent is told otherwise
};

[[nodiscard]] TokenSecret random_token_secret();
[[nodiscard]] std::string make_token(const EnrollToken& token);  // endpoint: at most 255 bytes
// Says which part is wrong: the form, a mistyped character (checksum), the fingerprint, the
// version.
[[nodiscard]] Result<EnrollToken> parse_token(std::string_view text);

// What the server stores: SHA-256 of the secret, hex.
[[nodiscard]] std::string token_hash(const TokenSecret& secret);
[[nodiscard]] bool equal_constant_time(Bytes a, Bytes b);

}  // namespace chieng
