#include "server/auth/authenticator.h"

#include "server/auth/secrets.h"

namespace chieng::server {
namespace {

constexpr std::size_t kLongestName = 64;
constexpr std::int64_t kTouchEvery =
    60;  // seconds: one write a minute for a busy session, not one a request

std::unexpected<Error> not_known() {
  return fail(ErrorCode::auth, "not logged in, or the session has ended");
}

}  // namespace

Result<LoginOutcome> Authenticator::log_in(std::string_view name, std::string_view password,
                                           std::string_view address) {
  LoginOutcome outcome;
  if (name.size() > kLongestName || password.size() > kPasswordMaximum) return outcome;
  if (outcome.wait_seconds = limiter_.begin(name, address, now()); outcome.wait_seconds > 0) {
    outcome.kind = LoginOutcome::Kind::wait;
    return outcome;
  }
  auto user = store_.user_by_name(name);
  if (!user && user.error().code != ErrorCode::not_found) return std::unexpected(user.error());
  const bool known = user && !user->disabled;
  if (!password_matches(password, known ? user->password_hash : std::string{})) {
    // The name of an unknown account is not written down: people type passwords into the wrong box.
    const Actor actor = user ? Actor{user->id, user->name} : Actor{"unknown", ""};
    CHIENG_CHECK(note(actor, "session.refused", address, user ? "{}" : R"({"account":"unknown"})"));
    return outcome;
  }
  limiter_.succeeded(name, address);
  CHIENG_TRY(outcome, open_session(*user, address));
  CHIENG_CHECK(store_.note_login(user->id, now()));
  CHIENG_CHECK(note(outcome.identity.actor, "session.begin", address));
  return outcome;
}

Result<LoginOutcome> Authenticator::open_session(const User& user, std::string_view address) {
  LoginOutcome outcome;
  outcome.kind = LoginOutcome::Kind::welcome;
  outcome.cookie = random_secret();
  auto& who = outcome.identity;
  who.actor = {user.id, user.name};
  who.role = user.role;
  who.must_change_password = user.must_change_password;
  who.session = secret_hash(outcome.cookie);
  who.csrf = random_secret();
  who.address = std::string(address);
  CHIENG_TRY(who.scope, store_.scope_for(user.agency));
  Session session;
  session.token_hash = who.session;
  session.user_id = user.id;
  session.csrf = who.csrf;
  session.address = std::string(address);
  session.made = session.last_used = now();
  session.expires = session.made + settings_.lifetime_seconds * 1'000'000;
  CHIENG_CHECK(store_.add_session(session));
  return outcome;
}

Result<Session> Authenticator::live_session(std::string_view token_hash, Timestamp at) {
  auto session = store_.session(token_hash);
  if (!session && session.error().code == ErrorCode::not_found) return not_known();
  if (!session) return session;
  const bool idle = at - session->last_used > settings_.idle_seconds * 1'000'000;
  if (!idle && at < session->expires) return session;
  CHIENG_CHECK(store_.end_session(token_hash));
  return not_known();
}

Result<Identity> Authenticator::by_session(std::string_view secret, std::string_view address) {
  const auto at = now();
  const auto hash = secret_hash(secret);
  CHIENG_TRY(const Session session, live_session(hash, at));
  auto user = store_.user_by_id(session.user_id);
  if (!user || user->disabled) return not_known();
  if (at - session.last_used > kTouchEvery * 1'000'000)
    CHIENG_CHECK(store_.touch_session(hash, at));
  Identity who;
  who.actor = {user->id, user->name};
  who.role = user->role;
  who.must_change_password = user->must_change_password;
  who.session = hash;
  who.csrf = session.csrf;
  who.address = std::string(address);
  CHIENG_TRY(who.scope, store_.scope_for(user->agency));
  return who;
}

Result<Identity> Authenticator::by_token(std::string_view token, std::string_view address) {
  if (!token.starts_with(kApiTokenPrefix) || token.size() > 128) return not_known();
  const auto hash = secret_hash(token);
  auto found = store_.api_token(hash);
  if (!found && found.error().code == ErrorCode::not_found) return not_known();
  if (!found) return std::unexpected(found.error());
  Identity who;
  who.actor = {"token:" + found->id, found->name};
  who.role = found->role;
  who.token = hash;
  who.address = std::string(address);
  CHIENG_TRY(who.scope, store_.scope_for(found->agency));
  return who;
}

Status Authenticator::log_out(const Identity& identity) {
  if (identity.session.empty()) return {};
  CHIENG_CHECK(store_.end_session(identity.session));
  return note(identity.actor, "session.end", identity.address);
}

Result<LoginOutcome> Authenticator::change_password(const Identity& identity,
                                                    std::string_view current,
                                                    std::string_view wanted) {
  LoginOutcome outcome;
  if (outcome.wait_seconds = limiter_.begin(identity.actor.name, identity.address, now());
      outcome.wait_seconds > 0) {
    outcome.kind = LoginOutcome::Kind::wait;
    return outcome;
  }
  CHIENG_TRY(User user, store_.user_by_id(identity.actor.id));
  if (current.size() > kPasswordMaximum || !password_matches(current, user.password_hash)) {
    CHIENG_CHECK(note(identity.actor, "password.refused", identity.address));
    return outcome;
  }
  limiter_.succeeded(identity.actor.name, identity.address);
  CHIENG_CHECK(check_password_policy(wanted, user.name));
  if (wanted == current)
    return fail(ErrorCode::invalid_argument, "the new password is the old one; choose another");
  CHIENG_TRY(const std::string hash, hash_password(wanted));
  CHIENG_CHECK(store_.set_password(identity.actor, user.id, hash, false));
  user.must_change_password = false;
  return open_session(user, identity.address);
}

bool Authenticator::still_valid(const Identity& identity) {
  if (!identity.token.empty()) return store_.api_token(identity.token).has_value();
  const auto session = live_session(identity.session, now());
  if (!session) return false;
  const auto user = store_.user_by_id(session->user_id);
  return user && !user->disabled && user->role == identity.role;
}

Status Authenticator::note(const Actor& actor, std::string_view action, std::string_view address,
                           std::string_view detail) {
  AuditEntry entry;
  entry.at = now();
  entry.actor = actor;
  entry.action = std::string(action);
  entry.target = actor.id;
  entry.detail = std::string(detail);
  entry.address = std::string(address);
  return store_.audit(std::move(entry));
}

}  // namespace chieng::server
