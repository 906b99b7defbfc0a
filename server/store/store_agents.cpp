#include <algorithm>
#include <map>

#include "server/store/ids.h"
#include "server/store/sqlite_store_impl.h"

namespace chieng::server {
namespace {

AgentStatus status_of(const Agent& agent, Timestamp now) {
  if (agent.revoked.is_set()) return AgentStatus::revoked;
  if (!agent.last_seen.is_set()) return AgentStatus::never;
  return now - agent.last_seen > kSilentAfterMicros ? AgentStatus::silent : AgentStatus::alive;
}

template <class T>
std::optional<T> optional_number(const sql::Row& row, int column) {
  if (row.null(column)) return std::nullopt;
  if constexpr (std::is_same_v<T, Timestamp>)
    return Timestamp{row.integer(column)};
  else
    return static_cast<T>(row.integer(column));
}

template <class T>
sql::Value number_value(const std::optional<T>& n) {
  if (!n) return nullptr;
  if constexpr (std::is_same_v<T, Timestamp>)
    return n->micros;
  else
    return static_cast<std::int64_t>(*n);
}

Agent read_agent(const sql::Row& row, Timestamp now) {
  Agent out;
  out.id = uuid_of(row.bytes(0));
  out.agency = {uuid_of(row.bytes(1)), row.text(2)};
  out.name = row.text(3);
  out.key = row.text(4);
  out.enrolled.micros = row.integer(5);
  out.revoked.micros = row.integer(6);
  out.last_seen.micros = row.integer(7);
  AgentFacts& f = out.facts;
  f.version = row.text(8);
  f.address = row.text(9);
  f.clock_offset_ms = optional_number<std::int64_t>(row, 10);
  f.clock_quality = static_cast<ClockQuality>(row.integer(11));
  f.rules_loaded = optional_number<std::uint64_t>(row, 12);
  f.rules_failed = optional_number<std::uint64_t>(row, 13);
  f.rules_hash = row.text(14);
  f.spool_bytes = optional_number<std::uint64_t>(row, 15);
  f.spool_oldest = optional_number<Timestamp>(row, 16);
  f.packets = optional_number<std::uint64_t>(row, 17);
  f.dropped = optional_number<std::uint64_t>(row, 18);
  f.alerts = optional_number<std::uint64_t>(row, 19);
  f.events = optional_number<std::uint64_t>(row, 20);
  out.status = status_of(out, now);
  return out;
}

constexpr const char* kAgents =
    "SELECT agents.id, agency, agency_names.name, agents.name, key, enrolled, revoked, last_seen, "
    "version, address,"
    " clock_offset, clock_quality, rules_loaded, rules_failed, rules_hash, spool_bytes, "
    "spool_oldest, packets, dropped,"
    " alerts, events FROM agents JOIN agency_names ON agency_names.id = agents.agency";

Status update_agent(sql::Connection& core, const Beat& beat) {
  const AgentFacts& f = beat.facts;
  return core.run(
      "UPDATE agents SET last_seen = max(last_seen, ?), version = coalesce(nullif(?, ''), version),"
      " address = coalesce(nullif(?, ''), address), clock_offset = coalesce(?, clock_offset),"
      " clock_quality = CASE WHEN ? = 0 THEN clock_quality ELSE ? END, rules_loaded = coalesce(?, "
      "rules_loaded),"
      " rules_failed = coalesce(?, rules_failed), rules_hash = coalesce(nullif(?, ''), rules_hash),"
      " spool_bytes = coalesce(?, spool_bytes), spool_oldest = coalesce(?, spool_oldest),"
      " packets = coalesce(?, packets), dropped = coalesce(?, dropped), alerts = coalesce(?, "
      "alerts),"
      " events = coalesce(?, events) WHERE id = ?",
      {beat.at.micros, f.version, f.address, number_value(f.clock_offset_ms),
       static_cast<std::int64_t>(f.clock_quality), static_cast<std::int64_t>(f.clock_quality),
       number_value(f.rules_loaded), number_value(f.rules_failed), f.rules_hash,
       number_value(f.spool_bytes), number_value(f.spool_oldest), number_value(f.packets),
       number_value(f.dropped), number_value(f.alerts), number_value(f.events),
       to_string(beat.agent)});
}

}  // namespace

Result<std::vector<Agent>> SqliteStore::agents(const Scope& scope, Timestamp now) {
  Where where;
  where.scope(scope, "agency");
  std::vector<Agent> out;
  CHIENG_TRY(const auto core, core_read_->lease());
  CHIENG_CHECK(core->run(kAgents + where.clause() + " ORDER BY agency_names.name, agents.name",
                         where.values(),
                         [&](const sql::Row& row) { out.push_back(read_agent(row, now)); }));
  return out;
}

Result<Agent> SqliteStore::agent(const Scope& scope, const Uuid& id, Timestamp now) {
  Where where;
  where.add("agents.id = ?");
  where.value(to_string(id));
  where.scope(scope, "agency");
  std::optional<Agent> out;
  CHIENG_TRY(const auto core, core_read_->lease());
  CHIENG_CHECK(core->run(kAgents + where.clause(), where.values(),
                         [&](const sql::Row& row) { out = read_agent(row, now); }));
  if (!out) return fail(ErrorCode::not_found, "no agent " + to_string(id));
  return std::move(*out);
}

Status SqliteStore::revoke_agent(const Scope& scope, const Actor& actor, const Uuid& id) {
  CHIENG_TRY(const Agent found, agent(scope, id, now()));
  if (found.revoked.is_set())
    return fail(ErrorCode::exists, "agent " + found.name + " is revoked already");
  const Status written = write([&](sql::Connection& core) -> Status {
    CHIENG_CHECK(
        core.run("UPDATE agents SET revoked = ? WHERE id = ?", {now().micros, to_string(id)}));
    CHIENG_CHECK(core.run("UPDATE silences SET until = ? WHERE agent = ? AND until = 0",
                          {now().micros, to_string(id)}));
    return write_audit(core, audit_entry(actor, "agent.revoke", to_string(id)));
  });
  CHIENG_CHECK(written);
  tell(ChangeKind::agent, to_string(id));
  return {};
}

Status SqliteStore::record_beats(std::span<const Beat> beats) {
  std::vector<Uuid> returned;
  const Status written = write([&](sql::Connection& core) -> Status {
    for (const Beat& beat : beats) {
      const std::string id = to_string(beat.agent);
      CHIENG_TRY(const auto seen, core.integer("SELECT last_seen FROM agents WHERE id = ?", {id}));
      CHIENG_CHECK(update_agent(core, beat));
      CHIENG_CHECK(core.run("UPDATE silences SET until = ? WHERE agent = ? AND until = 0",
                            {beat.at.micros, id}));
      if (core.changes() != 0 || seen.value_or(1) == 0) returned.push_back(beat.agent);
    }
    return {};
  });
  CHIENG_CHECK(written);
  for (const Uuid& id : returned) tell(ChangeKind::agent, to_string(id));
  return {};
}

Result<std::vector<Uuid>> SqliteStore::note_silences(Timestamp now) {
  std::vector<Uuid> out;
  const Status written = write([&](sql::Connection& core) -> Status {
    CHIENG_CHECK(core.run(
        "SELECT id FROM agents WHERE revoked = 0 AND last_seen > 0 AND last_seen < ? AND NOT EXISTS"
        " (SELECT 1 FROM silences WHERE agent = agents.id AND until = 0)",
        {now.micros - kSilentAfterMicros},
        [&](const sql::Row& row) { out.push_back(uuid_of(row.bytes(0))); }));
    for (const Uuid& id : out)
      CHIENG_CHECK(core.run(
          "INSERT INTO silences(agent, since) SELECT id, last_seen FROM agents WHERE id = ?",
          {to_string(id)}));
    return {};
  });
  CHIENG_CHECK(written);
  for (const Uuid& id : out) tell(ChangeKind::agent, to_string(id));
  return out;
}

Result<std::vector<Silence>> SqliteStore::silences(const Scope& scope, Timestamp from,
                                                   Timestamp to) {
  std::vector<Silence> out;
  const auto read = [&](const sql::Row& row) {
    Silence s;
    s.agent = uuid_of(row.bytes(0));
    s.agent_name = row.text(1);
    s.agency = {uuid_of(row.bytes(2)), row.text(3)};
    s.from.micros = row.integer(4);
    s.to.micros = row.integer(5);
    if (scope.contains(s.agency.id)) out.push_back(std::move(s));
  };
  CHIENG_TRY(const auto core, core_read_->lease());
  CHIENG_CHECK(core->run(
      "SELECT agents.id, agents.name, agency, agency_names.name, since, until FROM silences"
      " JOIN agents ON agents.id = agent JOIN agency_names ON agency_names.id = agency"
      " WHERE since < ? AND (until = 0 OR until > ?) ORDER BY agency_names.name, agents.name, "
      "since",
      {to.micros, from.micros}, read));
  CHIENG_CHECK(core->run(
      "SELECT agents.id, agents.name, agency, agency_names.name, 0, 0 FROM agents"
      " JOIN agency_names ON agency_names.id = agency WHERE enrolled < ? AND last_seen = 0"
      " AND revoked = 0 ORDER BY agency_names.name, agents.name",
      {to.micros}, read));
  return out;
}

Status SqliteStore::add_enrol_token(const Scope& scope, const Actor& actor,
                                    const EnrolToken& token) {
  if (!scope.contains(token.agency))
    return fail(ErrorCode::not_found, "no agency " + to_string(token.agency));
  const Status written = write([&](sql::Connection& core) -> Status {
    CHIENG_TRY(const auto known,
               core.integer("SELECT 1 FROM agencies WHERE id = ?", {to_string(token.agency)}));
    if (!known) return fail(ErrorCode::not_found, "no agency " + to_string(token.agency));
    CHIENG_CHECK(core.run(
        "INSERT INTO enrol_tokens(hash, agency, made, expires, made_by) VALUES(?,?,?,?,?)",
        {token.hash, to_string(token.agency), token.made.micros, token.expires.micros, actor.id}));
    return write_audit(core, audit_entry(actor, "enroll_token.create", to_string(token.agency)));
  });
  return written;
}

Result<Agent> SqliteStore::enrol(std::string_view token_hash, std::string_view name,
                                 std::string_view public_key, Timestamp now) {
  Uuid id;
  const Status written = write([&](sql::Connection& core) -> Status {
    std::string agency;
    std::int64_t expires = 0, used = 0;
    CHIENG_CHECK(core.run("SELECT agency, expires, used FROM enrol_tokens WHERE hash = ?",
                          {token_hash}, [&](const sql::Row& row) {
                            agency = row.text(0);
                            expires = row.integer(1);
                            used = row.integer(2);
                          }));
    if (agency.empty()) return fail(ErrorCode::not_found, "the enrolment token is not known here");
    if (used != 0) {
      CHIENG_CHECK(core.run("SELECT id FROM agents WHERE token = ? AND key = ? AND revoked = 0",
                            {token_hash, public_key},
                            [&](const sql::Row& row) { id = uuid_of(row.bytes(0)); }));
      if (id.is_set()) return {};
      return fail(ErrorCode::auth, "the enrolment token has been used already; create another one");
    }
    if (expires <= now.micros)
      return fail(ErrorCode::timeout, "the enrolment token has expired; create another one");
    id = Uuid::random();
    CHIENG_CHECK(
        core.run("UPDATE enrol_tokens SET used = ? WHERE hash = ?", {now.micros, token_hash}));
    CHIENG_CHECK(
        core.run("INSERT INTO agents(id, agency, name, key, token, enrolled) VALUES(?,?,?,?,?,?)",
                 {to_string(id), agency, name, public_key, token_hash, now.micros}));
    return write_audit(
        core, audit_entry({to_string(id), std::string(name)}, "agent.enrol", to_string(id)));
  });
  if (!written && written.error().code == ErrorCode::exists)
    return fail(ErrorCode::exists,
                "this key is enrolled already; make a new key for a new enrolment");
  CHIENG_CHECK(written);
  tell(ChangeKind::agent, to_string(id));
  return agent(Scope(true, {}), id, now);
}

}  // namespace chieng::server
