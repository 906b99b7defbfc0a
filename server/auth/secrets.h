// Passwords, random secrets and their comparison. The only place that includes libsodium.
// Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "core/error/result.h"

namespace chieng::server {

inline constexpr std::size_t kPasswordMinimum = 12;   // characters, not bytes
inline constexpr std::size_t kPasswordMaximum = 256;  // bytes

// invalid_argument says what the password lacks: length, or it holds the user's name.
[[nodiscard]] Status check_password_policy(std::string_view password, std::string_view user_name);

// Argon2id, 64 MiB. At most two are computed at one time, which bounds memory; others wait.
[[nodiscard]] Result<std::string> hash_password(std::string_view password);
// An empty hash stands for "no such account": it takes as long and is always false.
[[nodiscard]] bool password_matches(std::string_view password, const std::string& hash);

[[nodiscard]] std::string random_secret();  // 256 bits, base64url without padding
[[nodiscard]] std::string secret_hash(
    std::string_view secret);  // SHA-256, hex: enough for 256 random bits
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b);

// Five groups of four letters and digits that are not mistaken for one another: read out over a
// telephone, typed once.
[[nodiscard]] std::string one_time_password();

inline constexpr std::string_view kApiTokenPrefix = "chg_";
struct NewApiToken {
  std::string text;  // shown once
  std::string hash;  // what the store keeps
};
[[nodiscard]] NewApiToken make_api_token();

}  // namespace chieng::server
