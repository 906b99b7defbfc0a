// Who is asking: log-in, sessions, API tokens. Secrets are kept as hashes only; everything that
// changes is audited. Thread-safe (the store and the limiter are); lives as long as the API server.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/auth/login_limiter.h"
#include "server/store/store.h"

namespace chieng::server {

struct AuthSettings {
  std::int64_t idle_seconds = 60 * 60;
  std::int64_t lifetime_seconds = 12 * 60 * 60;
  LoginLimits limits;
};

// A person or a token that has proved itself, for the length of one request.
struct Identity {
  Actor actor;
  Role role = Role::viewer;
  Scope scope;
  bool must_change_password = false;
  std::string session;  // hash of the session's token; empty for API tokens
  std::string csrf;     // empty for API tokens, which no browser sends by itself
  std::string token;    // hash of the API token; empty for sessions
  std::string address;
};

struct LoginOutcome {
  enum class Kind : std::uint8_t { welcome, refused, wait } kind = Kind::refused;
  std::int64_t wait_seconds = 0;
  std::string cookie;  // the session's secret, for the browser only
  Identity identity;
};

class Authenticator {
 public:
  Authenticator(Store& store, AuthSettings settings)
      : store_(store), settings_(settings), limiter_(settings.limits) {}

  [[nodiscard]] Result<LoginOutcome> log_in(std::string_view name, std::string_view password,
                                            std::string_view address);
  // auth: unknown, expired or idle for too long.
  [[nodiscard]] Result<Identity> by_session(std::string_view secret, std::string_view address);
  [[nodiscard]] Result<Identity> by_token(std::string_view token, std::string_view address);
  [[nodiscard]] Status log_out(const Identity& identity);
  // refused: current is wrong. Ends every other session of the user; the answer is a new one.
  // invalid_argument: policy.
  [[nodiscard]] Result<LoginOutcome> change_password(const Identity& identity,
                                                     std::string_view current,
                                                     std::string_view wanted);
  // Still in force, for streams that outlive their request. Does not count as use.
  [[nodiscard]] bool still_valid(const Identity& identity);
  [[nodiscard]] std::int64_t lifetime_seconds() const { return settings_.lifetime_seconds; }

 private:
  [[nodiscard]] Result<Session> live_session(std::string_view token_hash, Timestamp at);
  [[nodiscard]] Result<LoginOutcome> open_session(const User& user, std::string_view address);
  [[nodiscard]] Status note(const Actor& actor, std::string_view action, std::string_view address,
                            std::string_view detail = "{}");

  Store& store_;
  const AuthSettings settings_;
  LoginLimiter limiter_;
};

}  // namespace chieng::server
