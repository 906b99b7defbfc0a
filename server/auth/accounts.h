// Accounts as the commands on the server's own machine make them. Called by `run` (first start),
// `user` and `token`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/store/store.h"

namespace chieng::server {

struct OneTimeLogin {
  std::string name;
  std::string password;  // must be changed at the first log-in; the caller shows it to a terminal
                         // or a 0600 file
};

// Makes the account "admin" where there is no account at all; nothing otherwise.
[[nodiscard]] Result<std::optional<OneTimeLogin>> ensure_first_account(Store& store,
                                                                       const Scope& everything);
[[nodiscard]] Result<OneTimeLogin> add_account(Store& store, const Actor& actor,
                                               std::string_view name, Role role,
                                               const std::optional<Uuid>& agency);
// Gives a new one-time password and ends the account's sessions.
[[nodiscard]] Result<OneTimeLogin> reset_account(Store& store, const Actor& actor,
                                                 std::string_view name);

struct CreatedToken {
  std::string id, text;  // text is shown once
};
// days: how long it is valid, 1-3650.
[[nodiscard]] Result<CreatedToken> create_api_token(Store& store, const Actor& actor,
                                                    std::string_view name, Role role,
                                                    const std::optional<Uuid>& agency, int days);

}  // namespace chieng::server
