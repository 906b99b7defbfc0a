#include "server/store/migrations.h"

namespace chieng::server {
namespace {

// Times are microseconds since 1970, 0 for none; ids are texts. Append-only tables refuse anything
// else by trigger.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE projections(name TEXT PRIMARY KEY, day INTEGER NOT NULL, row INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE agencies(id TEXT PRIMARY KEY, made INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE agency_attributes(
  sequence INTEGER PRIMARY KEY, agency TEXT NOT NULL REFERENCES agencies(id), attribute TEXT NOT NULL,
  value TEXT NOT NULL, since INTEGER NOT NULL) STRICT;
CREATE INDEX agency_attributes_by ON agency_attributes(agency, attribute, since);
CREATE VIEW agency_names AS SELECT id, coalesce((
  SELECT value FROM agency_attributes WHERE agency = agencies.id AND attribute = 'name'
  AND since < (unixepoch() + 1) * 1000000 ORDER BY since DESC, sequence DESC LIMIT 1), '') AS name FROM agencies;

CREATE TABLE agents(
  id TEXT PRIMARY KEY, agency TEXT NOT NULL REFERENCES agencies(id), name TEXT NOT NULL, key TEXT NOT NULL UNIQUE,
  token TEXT NOT NULL, enrolled INTEGER NOT NULL, revoked INTEGER NOT NULL DEFAULT 0,
  last_seen INTEGER NOT NULL DEFAULT 0, version TEXT NOT NULL DEFAULT '', address TEXT NOT NULL DEFAULT '',
  clock_offset INTEGER, clock_quality INTEGER NOT NULL DEFAULT 0, rules_loaded INTEGER, rules_failed INTEGER,
  rules_hash TEXT NOT NULL DEFAULT '', spool_bytes INTEGER, spool_oldest INTEGER, packets INTEGER, dropped INTEGER,
  alerts INTEGER, events INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE enrol_tokens(
  hash TEXT PRIMARY KEY, agency TEXT NOT NULL REFERENCES agencies(id), made INTEGER NOT NULL,
  expires INTEGER NOT NULL, used INTEGER NOT NULL DEFAULT 0, made_by TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE silences(
  sequence INTEGER PRIMARY KEY, agent TEXT NOT NULL REFERENCES agents(id), since INTEGER NOT NULL,
  until INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX silences_open ON silences(agent) WHERE until = 0;

CREATE TABLE users(
  id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE, role TEXT NOT NULL, agency TEXT,
  password TEXT NOT NULL, must_change INTEGER NOT NULL, disabled INTEGER NOT NULL DEFAULT 0, made INTEGER NOT NULL,
  last_login INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
CREATE TABLE sessions(
  token TEXT PRIMARY KEY, user TEXT NOT NULL REFERENCES users(id), csrf TEXT NOT NULL, address TEXT NOT NULL,
  made INTEGER NOT NULL, last_used INTEGER NOT NULL, expires INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_of ON sessions(user);
CREATE TABLE api_tokens(
  id TEXT PRIMARY KEY, token TEXT NOT NULL UNIQUE, name TEXT NOT NULL, role TEXT NOT NULL, agency TEXT,
  made_by TEXT NOT NULL, made INTEGER NOT NULL, expires INTEGER NOT NULL, last_used INTEGER NOT NULL DEFAULT 0,
  revoked INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;

CREATE TABLE audit(
  sequence INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL, actor_name TEXT NOT NULL,
  action TEXT NOT NULL, target TEXT NOT NULL, detail TEXT NOT NULL, address TEXT NOT NULL, hash TEXT NOT NULL) STRICT;
CREATE TRIGGER audit_update BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_delete BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'the audit trail is append-only'); END;

CREATE TABLE groups(
  row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, agency TEXT NOT NULL, moved INTEGER NOT NULL,
  engine TEXT NOT NULL, source TEXT NOT NULL, gid INTEGER NOT NULL, sid INTEGER NOT NULL, rule_id TEXT NOT NULL,
  rev INTEGER NOT NULL, message TEXT NOT NULL, category TEXT NOT NULL, severity INTEGER NOT NULL,
  src_ip TEXT NOT NULL, src_zone TEXT NOT NULL, dst_ip TEXT NOT NULL, dst_zone TEXT NOT NULL,
  host TEXT NOT NULL, user TEXT NOT NULL, worst INTEGER NOT NULL, count INTEGER NOT NULL, rows INTEGER NOT NULL,
  first INTEGER NOT NULL, last INTEGER NOT NULL,
  status TEXT NOT NULL DEFAULT 'open', version INTEGER NOT NULL DEFAULT 0, escalated INTEGER NOT NULL DEFAULT 0,
  disposition TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '', last_action TEXT,
  reopened_why TEXT NOT NULL DEFAULT '', reopened_at INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX groups_moved ON groups(moved);
CREATE INDEX groups_status ON groups(status, moved);
CREATE TABLE group_hours(
  grp INTEGER NOT NULL, hour INTEGER NOT NULL, count INTEGER NOT NULL, PRIMARY KEY(grp, hour)) STRICT, WITHOUT ROWID;
CREATE INDEX group_hours_by ON group_hours(hour);
CREATE TABLE group_agents(
  grp INTEGER NOT NULL, agent TEXT NOT NULL, PRIMARY KEY(grp, agent)) STRICT, WITHOUT ROWID;
CREATE TABLE group_events(
  grp INTEGER NOT NULL, day INTEGER NOT NULL, row INTEGER NOT NULL, PRIMARY KEY(grp, day, row)) STRICT, WITHOUT ROWID;
CREATE TABLE group_actions(
  sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, grp TEXT NOT NULL, at INTEGER NOT NULL, user TEXT NOT NULL,
  user_name TEXT NOT NULL, action TEXT NOT NULL, disposition TEXT NOT NULL, reason TEXT NOT NULL, note TEXT NOT NULL,
  undoes TEXT NOT NULL) STRICT;
CREATE INDEX group_actions_by ON group_actions(grp);
CREATE TRIGGER group_actions_update BEFORE UPDATE ON group_actions
  BEGIN SELECT raise(ABORT, 'actions are append-only'); END;
CREATE TRIGGER group_actions_delete BEFORE DELETE ON group_actions
  BEGIN SELECT raise(ABORT, 'actions are append-only'); END;

CREATE TABLE sightings(
  entity TEXT NOT NULL, hour INTEGER NOT NULL, agency TEXT NOT NULL, grp INTEGER NOT NULL, first INTEGER NOT NULL,
  last INTEGER NOT NULL, count INTEGER NOT NULL, worst INTEGER NOT NULL, incident INTEGER,
  PRIMARY KEY(entity, hour, agency, grp)) STRICT, WITHOUT ROWID;
CREATE INDEX sightings_incident ON sightings(incident) WHERE incident IS NOT NULL;
CREATE INDEX sightings_free ON sightings(last) WHERE incident IS NULL;
CREATE TABLE incidents(
  row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, entity TEXT NOT NULL, moved INTEGER NOT NULL,
  made INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, worst INTEGER NOT NULL) STRICT;
CREATE INDEX incidents_entity ON incidents(entity);
CREATE INDEX incidents_moved ON incidents(moved);
)sql";

constexpr Migration kMigrations[] = {{1, kVersion1}};

}  // namespace

std::span<const Migration> core_migrations() {
  return kMigrations;
}

}  // namespace chieng::server
