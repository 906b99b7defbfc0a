#include "server/store/ids.h"
#include "server/store/sqlite_store_impl.h"

namespace chieng::server {
namespace {

std::optional<Uuid> optional_agency(const sql::Row& row, int column) {
  if (row.null(column)) return std::nullopt;
  return uuid_of(row.bytes(column));
}

// Keeps the text alive that the value points to.
sql::Value agency_value(const std::optional<Uuid>& agency, std::string& kept) {
  if (!agency) return nullptr;
  kept = to_string(*agency);
  return std::string_view(kept);
}

constexpr const char* kUsers =
    "SELECT id, name, role, agency, password, must_change, disabled, made, last_login FROM users ";

User read_user(const sql::Row& row) {
  User out;
  out.id = row.text(0);
  out.name = row.text(1);
  out.role = parse_role(row.bytes(2)).value_or(Role::viewer);
  out.agency = optional_agency(row, 3);
  out.password_hash = row.text(4);
  out.must_change_password = row.integer(5) != 0;
  out.disabled = row.integer(6) != 0;
  out.made.micros = row.integer(7);
  out.last_login.micros = row.integer(8);
  return out;
}

constexpr const char* kTokens =
    "SELECT id, token, name, role, agency, made_by, made, expires, last_used, revoked FROM "
    "api_tokens ";

ApiToken read_token(const sql::Row& row) {
  ApiToken out;
  out.id = row.text(0);
  out.token_hash = row.text(1);
  out.name = row.text(2);
  out.role = parse_role(row.bytes(3)).value_or(Role::viewer);
  out.agency = optional_agency(row, 4);
  out.made_by = row.text(5);
  out.made.micros = row.integer(6);
  out.expires.micros = row.integer(7);
  out.last_used.micros = row.integer(8);
  out.revoked.micros = row.integer(9);
  return out;
}

Result<User> one_user(sql::ReadPool& pool, std::string_view where, std::string_view value) {
  CHIENG_TRY(const auto core, pool.lease());
  std::optional<User> out;
  CHIENG_CHECK(core->run(std::string(kUsers) + std::string(where), {value},
                         [&](const sql::Row& row) { out = read_user(row); }));
  if (!out) return fail(ErrorCode::not_found, "no such user");
  return std::move(*out);
}

bool sees(const Scope& scope, const std::optional<Uuid>& agency) {
  return agency ? scope.contains(*agency) : scope.everything();
}

}  // namespace

Result<std::vector<User>> SqliteStore::users(const Scope& scope) {
  std::vector<User> out;
  CHIENG_TRY(const auto core, core_read_->lease());
  CHIENG_CHECK(core->run(std::string(kUsers) + "ORDER BY name", {}, [&](const sql::Row& row) {
    if (User user = read_user(row); sees(scope, user.agency)) out.push_back(std::move(user));
  }));
  return out;
}

Result<User> SqliteStore::user_by_name(std::string_view name) {
  return one_user(*core_read_, "WHERE name = ?", name);
}
Result<User> SqliteStore::user_by_id(std::string_view id) {
  return one_user(*core_read_, "WHERE id = ?", id);
}

Result<std::string> SqliteStore::add_user(const Actor& actor, const User& user) {
  const std::string id = to_string(Uuid::random());
  std::string kept;
  const Status written = write([&](sql::Connection& core) -> Status {
    CHIENG_CHECK(
        core.run("INSERT INTO users(id, name, role, agency, password, must_change, made) "
                 "VALUES(?,?,?,?,?,?,?)",
                 {id, user.name, to_string(user.role), agency_value(user.agency, kept),
                  user.password_hash, std::int64_t{user.must_change_password}, now().micros}));
    return write_audit(core, audit_entry(actor, "user.add", id));
  });
  if (!written && written.error().code == ErrorCode::exists)
    return fail(ErrorCode::exists, "there is already a user named '" + user.name + "'");
  CHIENG_CHECK(written);
  return id;
}

Status SqliteStore::set_password(const Actor& actor, std::string_view user_id,
                                 std::string_view hash, bool must_change) {
  return write([&](sql::Connection& core) -> Status {
    CHIENG_CHECK(core.run("UPDATE users SET password = ?, must_change = ? WHERE id = ?",
                          {hash, std::int64_t{must_change}, user_id}));
    if (core.changes() == 0) return fail(ErrorCode::not_found, "no such user");
    CHIENG_CHECK(core.run("DELETE FROM sessions WHERE user = ?", {user_id}));
    return write_audit(core,
                       audit_entry(actor, must_change ? "user.reset" : "user.password", user_id));
  });
}

Status SqliteStore::note_login(std::string_view user_id, Timestamp at) {
  return write([&](sql::Connection& core) {
    return core.run("UPDATE users SET last_login = ? WHERE id = ?", {at.micros, user_id});
  });
}

Status SqliteStore::add_session(const Session& s) {
  return write([&](sql::Connection& core) -> Status {
    CHIENG_CHECK(core.run("DELETE FROM sessions WHERE expires < ?", {now().micros}));
    return core.run("INSERT INTO sessions VALUES(?,?,?,?,?,?,?)",
                    {s.token_hash, s.user_id, s.csrf, s.address, s.made.micros, s.last_used.micros,
                     s.expires.micros});
  });
}

Result<Session> SqliteStore::session(std::string_view token_hash) {
  CHIENG_TRY(const auto core, core_read_->lease());
  std::optional<Session> out;
  CHIENG_CHECK(
      core->run("SELECT token, user, csrf, address, made, last_used, expires FROM sessions"
                " WHERE token = ? AND expires > ?",
                {token_hash, now().micros}, [&](const sql::Row& row) {
                  out = Session{row.text(0),      row.text(1),      row.text(2),     row.text(3),
                                {row.integer(4)}, {row.integer(5)}, {row.integer(6)}};
                }));
  if (!out) return fail(ErrorCode::not_found, "no such session");
  return std::move(*out);
}

Status SqliteStore::touch_session(std::string_view token_hash, Timestamp at) {
  return write([&](sql::Connection& core) {
    return core.run("UPDATE sessions SET last_used = ? WHERE token = ?", {at.micros, token_hash});
  });
}
Status SqliteStore::end_session(std::string_view token_hash) {
  return write([&](sql::Connection& core) {
    return core.run("DELETE FROM sessions WHERE token = ?", {token_hash});
  });
}
Status SqliteStore::end_sessions_of(std::string_view user_id) {
  return write([&](sql::Connection& core) {
    return core.run("DELETE FROM sessions WHERE user = ?", {user_id});
  });
}

Result<std::string> SqliteStore::add_api_token(const Actor& actor, const ApiToken& token) {
  const std::string id = to_string(Uuid::random());
  std::string kept;
  const Status written = write([&](sql::Connection& core) -> Status {
    CHIENG_CHECK(
        core.run("INSERT INTO api_tokens(id, token, name, role, agency, made_by, made, expires)"
                 " VALUES(?,?,?,?,?,?,?,?)",
                 {id, token.token_hash, token.name, to_string(token.role),
                  agency_value(token.agency, kept), actor.id, now().micros, token.expires.micros}));
    return write_audit(core,
                       audit_entry(actor, "token.create", id,
                                   R"({"role":")" + std::string(to_string(token.role)) + "\"}"));
  });
  CHIENG_CHECK(written);
  return id;
}

Result<ApiToken> SqliteStore::api_token(std::string_view token_hash) {
  CHIENG_TRY(const auto core, core_read_->lease());
  std::optional<ApiToken> out;
  CHIENG_CHECK(core->run(
      std::string(kTokens) + "WHERE token = ? AND revoked = 0 AND (expires = 0 OR expires > ?)",
      {token_hash, now().micros}, [&](const sql::Row& row) { out = read_token(row); }));
  if (!out) return fail(ErrorCode::not_found, "no such token");
  return std::move(*out);
}

Result<std::vector<ApiToken>> SqliteStore::api_tokens(const Scope& scope) {
  std::vector<ApiToken> out;
  CHIENG_TRY(const auto core, core_read_->lease());
  CHIENG_CHECK(core->run(std::string(kTokens) + "ORDER BY made", {}, [&](const sql::Row& row) {
    if (ApiToken token = read_token(row); sees(scope, token.agency))
      out.push_back(std::move(token));
  }));
  return out;
}

Status SqliteStore::revoke_api_token(const Actor& actor, std::string_view id) {
  return write([&](sql::Connection& core) -> Status {
    CHIENG_CHECK(core.run("UPDATE api_tokens SET revoked = ? WHERE id = ? AND revoked = 0",
                          {now().micros, id}));
    if (core.changes() == 0) return fail(ErrorCode::not_found, "no such token");
    return write_audit(core, audit_entry(actor, "token.revoke", id));
  });
}

}  // namespace chieng::server
