// What the store keeps, as plain values. Shapes follow docs/api.md; counts are always sums of
// weights.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/event/envelope.h"

namespace chieng::server {

struct PageRequest {
  std::uint32_t limit = 50;  // 1-500, the store clamps it
  std::string cursor;        // next_cursor of the last answer; empty: from the start
};
template <class T>
struct Page {
  std::vector<T> items;
  std::string next_cursor;  // empty: no more
  std::uint64_t total = 0;  // of the whole filter
};

enum class Role : std::uint8_t { viewer, analyst, admin };
[[nodiscard]] std::string_view to_string(Role role);
[[nodiscard]] std::optional<Role> parse_role(std::string_view text);

// --- agencies and agents ---

struct AgencyRef {
  Uuid id;
  std::string name;  // in force today
};
struct Agency {
  Uuid id;
  std::optional<Uuid> parent;
  std::string name, code, level;  // level: ministry, province, department, commune ... free text
};
struct AgencyChange {  // dated attributes, in force from a moment on; absent members stay as they
                       // were
  std::optional<std::string> name, code, level;
  std::optional<Uuid> parent;
  Timestamp from;
};

enum class AgentStatus : std::uint8_t { alive, silent, never, revoked };
[[nodiscard]] std::string_view to_string(AgentStatus status);
inline constexpr std::int64_t kSilentAfterMicros = 90'000'000;  // six beats of 15 s missed

struct AgentFacts {  // what beats say; members that a beat does not know keep their last value
  std::string version, address;
  std::optional<std::int64_t> clock_offset_ms;
  ClockQuality clock_quality = ClockQuality::unknown;
  std::optional<std::uint64_t> rules_loaded, rules_failed;
  std::string rules_hash;
  std::optional<std::uint64_t> spool_bytes;
  std::optional<Timestamp> spool_oldest;
  std::optional<std::uint64_t> packets, dropped, alerts, events;
};
struct Agent {
  Uuid id;
  std::string name;
  AgencyRef agency;
  std::string key;  // CURVE public key, Z85
  AgentStatus status = AgentStatus::never;
  Timestamp enrolled, last_seen, revoked;  // unset: never
  AgentFacts facts;
};
struct Beat {
  Uuid agent;
  Timestamp at;  // the server's clock
  AgentFacts facts;
};
struct Silence {  // a stretch without a sign of life
  AgencyRef agency;
  Uuid agent;
  std::string agent_name;
  Timestamp from, to;  // to unset: still silent; from unset: never heard
};
struct EnrolToken {
  std::string hash;  // of the token; the token itself is stored nowhere
  Uuid agency;
  Timestamp made, expires, used;
  std::string made_by;
};

// --- events ---

enum EventFlag : std::uint32_t {  // added by the receiver
  event_time_implausible = 1,     // placed by observed time instead
  observed_time_implausible = 2,  // placed by received time
  event_late = 4,                 // placed more than an hour before its receipt
};

struct EventRef {        // where a stored event stands; internal, never shown
  std::int32_t day = 0;  // received UTC day, days since 1970
  std::int64_t row = 0;
  friend auto operator<=>(const EventRef&, const EventRef&) = default;
};
struct StoredEvent {
  EventRef ref;
  EventId id;
  EventPosition position;
  AgencyRef agency;
  Uuid agent;
  std::string agent_name;
  Envelope envelope;
  Timestamp received;
  Timestamp placed;  // corrected time that order and windows use
  std::int64_t clock_offset_ms = 0;
  ClockQuality clock_quality = ClockQuality::unknown;
  std::uint32_t flags = 0;
  std::string json;  // as the agent wrote it
};

// --- groups ---

enum class GroupStatus : std::uint8_t { open, escalated, archived };
[[nodiscard]] std::string_view to_string(GroupStatus status);
[[nodiscard]] std::optional<GroupStatus> parse_group_status(std::string_view text);

struct RuleFacts {
  std::string engine, source;  // identity: engine, source, gid:sid or rule_id
  std::uint32_t gid = 0;
  std::uint64_t sid = 0;
  std::string rule_id;    // Sigma
  std::uint32_t rev = 0;  // newest seen; not part of the identity
  std::string message, category;
  std::uint8_t severity = 3;  // 1 (worst) to 4
};
struct AddressEntity {
  std::string ip;    // canonical; empty: none
  std::string zone;  // "internet", or "site:AGENCY"
  friend auto operator<=>(const AddressEntity&, const AddressEntity&) = default;
};
struct Group {
  std::string id;
  std::uint64_t version = 0;  // grows with each action
  GroupStatus status = GroupStatus::open;
  AgencyRef agency;
  RuleFacts rule;
  AddressEntity src, dst;
  std::uint32_t src_agencies = 0;  // agencies that saw this Internet source in the last day
  std::string host, user;          // host alerts
  std::uint8_t severity = 3;       // the worst seen
  std::uint64_t count = 0, rows = 0;
  Timestamp first, last;                      // by corrected event time
  std::array<std::uint64_t, 24> sparkline{};  // hours, the last one is the current hour
  std::vector<Uuid> agents;
  bool escalated = false;
  std::string disposition, reason;         // of the newest archive in force
  std::optional<std::string> last_action;  // id
  std::string reopened_why;  // code: "new_activity", "late_activity", "user"; empty: never reopened
  Timestamp reopened_at;
};
struct GroupFilter {
  std::optional<GroupStatus> status;  // none: all
  std::string q;               // in message, rule id, addresses, host, user; a text, not a pattern
  std::optional<Uuid> agency;  // with those under it
  std::optional<std::uint8_t> severity;
};

enum class GroupActionKind : std::uint8_t { archive, escalate, reopen, comment, undo };
[[nodiscard]] std::string_view to_string(GroupActionKind kind);
[[nodiscard]] std::optional<GroupActionKind> parse_group_action(std::string_view text);

struct Actor {
  std::string id;  // user id; "system"
  std::string name;
};
struct GroupAction {
  std::string id;
  Timestamp at;
  Actor user;
  GroupActionKind kind = GroupActionKind::comment;
  std::string disposition, reason, note;
  std::string undoes, undone_by;  // ids
};
struct GroupActionRequest {
  GroupActionKind kind = GroupActionKind::comment;
  std::string disposition, reason, note;
  std::uint64_t version = 0;  // of the group, as the person saw it
  std::string undo_of;        // empty with undo: the newest action that can be undone
};
struct GroupActionOutcome {
  bool conflict = false;  // version was not current: nothing was done, action is the other's newest
  std::optional<GroupAction> action;
  Group group;  // after it
};

// --- incidents ---

struct Incident {
  std::string id, kind;  // "same_source_many_agencies"
  bool open = true;
  std::string entity_type = "ip", entity_value, entity_zone;
  std::vector<AgencyRef> agencies;  // those in the reader's scope
  std::uint32_t agencies_total = 0;
  std::vector<std::string> groups;  // those in the reader's scope
  std::uint64_t count = 0;
  Timestamp first, last;
  std::uint8_t severity = 3;
};

// --- people ---

struct User {
  std::string id, name;
  Role role = Role::viewer;
  std::optional<Uuid> agency;  // root of the subtree that the user sees; none: everything
  std::string password_hash;
  bool must_change_password = false, disabled = false;
  Timestamp made, last_login;
};
struct Session {
  std::string token_hash, user_id, csrf, address;
  Timestamp made, last_used, expires;
};
struct ApiToken {
  std::string id, token_hash, name;
  Role role = Role::viewer;
  std::optional<Uuid> agency;  // none: everything
  std::string made_by;
  Timestamp made, expires, last_used, revoked;
};

struct AuditEntry {
  std::uint64_t sequence = 0;
  Timestamp at;
  Actor actor;
  std::string action;  // "user.reset", "group.archive" ...
  std::string target;  // id
  std::string detail;  // a JSON object; no secrets
  std::string address;
  std::string hash;  // over the previous hash and this entry, hex
};

}  // namespace chieng::server
