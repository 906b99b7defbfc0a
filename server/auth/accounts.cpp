#include "server/auth/accounts.h"

#include <algorithm>

#include "server/auth/secrets.h"

namespace chieng::server {
namespace {

Status check_name(std::string_view name) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_' || c == '@';
  };
  if (!name.empty() && name.size() <= 64 && std::ranges::all_of(name, plain)) return {};
  return fail(ErrorCode::invalid_argument,
              "'" + std::string(name.substr(0, 80)) +
                  "' cannot be a name: use 1 to 64 of a-z A-Z 0-9 . - _ @");
}

}  // namespace

Result<std::optional<OneTimeLogin>> ensure_first_account(Store& store, const Scope& everything) {
  CHIENG_TRY(const auto users, store.users(everything));
  if (!users.empty()) return std::nullopt;
  CHIENG_TRY(auto login,
             add_account(store, {"system", "system"}, "admin", Role::admin, std::nullopt));
  return login;
}

Result<OneTimeLogin> add_account(Store& store, const Actor& actor, std::string_view name, Role role,
                                 const std::optional<Uuid>& agency) {
  CHIENG_CHECK(check_name(name));
  OneTimeLogin login{std::string(name), one_time_password()};
  User user;
  user.name = login.name;
  user.role = role;
  user.agency = agency;
  user.must_change_password = true;
  user.made = now();
  CHIENG_TRY(user.password_hash, hash_password(login.password));
  CHIENG_TRY(const std::string id, store.add_user(actor, user));
  return login;
}

Result<OneTimeLogin> reset_account(Store& store, const Actor& actor, std::string_view name) {
  CHIENG_TRY(const User user, store.user_by_name(name));
  OneTimeLogin login{user.name, one_time_password()};
  CHIENG_TRY(const std::string hash, hash_password(login.password));
  CHIENG_CHECK(store.set_password(actor, user.id, hash, true));
  return login;
}

Result<CreatedToken> create_api_token(Store& store, const Actor& actor, std::string_view name,
                                      Role role, const std::optional<Uuid>& agency, int days) {
  CHIENG_CHECK(check_name(name));
  if (days < 1 || days > 3650)
    return fail(ErrorCode::invalid_argument,
                "a token is valid for 1 to 3650 days, not " + std::to_string(days));
  auto secret = make_api_token();
  ApiToken token;
  token.token_hash = std::move(secret.hash);
  token.name = std::string(name);
  token.role = role;
  token.agency = agency;
  token.made_by = actor.name;
  token.made = now();
  token.expires = token.made + std::int64_t{days} * 86'400 * 1'000'000;
  CHIENG_TRY(std::string id, store.add_api_token(actor, token));
  return CreatedToken{std::move(id), std::move(secret.text)};
}

}  // namespace chieng::server
