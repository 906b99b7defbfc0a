// What the server needs of its store. SQLite behind it (open_store() in sqlite_store.h); no SQL
// elsewhere.
//
// Truth: events (append only, by received day), actions, audit entries, accounts. Projections of
// the events: groups, sightings and incidents, written by apply() together with the position they
// reflect, so a crash in between replays.
//
// Threads: every member may be called from any thread. append() is meant for the one ingest writer.
// Each file has one writing connection behind a mutex, which also makes the checkpoints; reads use
// read-only connections of their own. Lists of things outside the scope are empty, single things
// outside it are not_found.
#pragma once

#include <memory>
#include <span>

#include "server/store/append.h"
#include "server/store/scope.h"
#include "server/store/types.h"

namespace chieng::server {

class Store {
 public:
  virtual ~Store() = default;

  [[nodiscard]] virtual Uuid server_id() const = 0;
  [[nodiscard]] virtual std::uint64_t generation() const = 0;  // grows when restored from a backup
  [[nodiscard]] virtual Status check() = 0;  // can it be read and written: for /health/ready
  // Everything for role and subtree of a person or a token; nothing where the agency is gone.
  [[nodiscard]] virtual Result<Scope> scope_for(const std::optional<Uuid>& agency) = 0;

  // --- events: the truth ---
  // Durable when it returns (synchronous commit, cursors in the same transaction). Idempotent: what
  // the cursor or the event id has seen is skipped. no_space, io: nothing of it was stored; try
  // again later.
  [[nodiscard]] virtual Result<std::vector<LaneCursor>> append(
      std::span<const AgentBatch> batches) = 0;
  [[nodiscard]] virtual Result<std::vector<LaneCursor>> cursors(const Uuid& agent) = 0;
  // In order of storage after a position; for projections.
  [[nodiscard]] virtual Result<std::vector<StoredEvent>> events_after(const Scope&, EventRef after,
                                                                      std::size_t limit) = 0;
  [[nodiscard]] virtual Result<StoredEvent> event(const Scope&, const EventId& id) = 0;
  [[nodiscard]] virtual Status drop_events_before(std::int32_t day) = 0;  // whole files

  // --- projections ---
  [[nodiscard]] virtual Result<EventRef> applied() = 0;
  [[nodiscard]] virtual Result<ApplyOutcome> apply(const ProjectionBatch& batch) = 0;

  // --- groups and incidents ---
  [[nodiscard]] virtual Result<Page<Group>> groups(const Scope&, const GroupFilter&,
                                                   const PageRequest&) = 0;
  [[nodiscard]] virtual Result<Group> group(const Scope&, std::string_view id) = 0;
  [[nodiscard]] virtual Result<Page<StoredEvent>> group_events(const Scope&, std::string_view id,
                                                               const PageRequest&) = 0;
  [[nodiscard]] virtual Result<std::vector<GroupAction>> group_actions(const Scope&,
                                                                       std::string_view id) = 0;
  // Also writes the audit entry.
  [[nodiscard]] virtual Result<GroupActionOutcome> act(const Scope&, const Actor&,
                                                       std::string_view id,
                                                       const GroupActionRequest&) = 0;
  [[nodiscard]] virtual Result<Page<Incident>> incidents(const Scope&, std::optional<bool> open,
                                                         const PageRequest&) = 0;
  [[nodiscard]] virtual Result<Incident> incident(const Scope&, std::string_view id) = 0;
  [[nodiscard]] virtual Result<DayFigures> day_figures(const Scope&, Timestamp from,
                                                       Timestamp to) = 0;

  // --- agencies and agents ---
  [[nodiscard]] virtual Result<std::vector<Agency>> agencies(const Scope&,
                                                             Timestamp at) = 0;  // parents first
  [[nodiscard]] virtual Result<Uuid> add_agency(const Scope&, const Actor&,
                                                const Agency& first_attributes) = 0;
  [[nodiscard]] virtual Status change_agency(const Scope&, const Actor&, const Uuid& id,
                                             const AgencyChange&) = 0;
  [[nodiscard]] virtual Result<std::vector<Agent>> agents(const Scope&, Timestamp now) = 0;
  [[nodiscard]] virtual Result<Agent> agent(const Scope&, const Uuid& id, Timestamp now) = 0;
  [[nodiscard]] virtual Status revoke_agent(const Scope&, const Actor&, const Uuid& id) = 0;
  [[nodiscard]] virtual Status record_beats(std::span<const Beat> beats) = 0;
  // Opens and closes silences by the clock; the agents whose status changed.
  [[nodiscard]] virtual Result<std::vector<Uuid>> note_silences(Timestamp now) = 0;
  [[nodiscard]] virtual Result<std::vector<Silence>> silences(const Scope&, Timestamp from,
                                                              Timestamp to) = 0;
  [[nodiscard]] virtual Status add_enrol_token(const Scope&, const Actor&, const EnrolToken&) = 0;
  // Uses the token up and writes the agent's key in one transaction. not_found: unknown token;
  // timeout: expired; auth: used by another key; exists: the key belongs to an agent already. The
  // same key with the same token again answers the same agent (a lost answer must not lock an agent
  // out).
  [[nodiscard]] virtual Result<Agent> enrol(std::string_view token_hash, std::string_view name,
                                            std::string_view public_key, Timestamp now) = 0;

  // --- people ---
  [[nodiscard]] virtual Result<std::vector<User>> users(const Scope&) = 0;
  [[nodiscard]] virtual Result<User> user_by_name(
      std::string_view name) = 0;  // for logging in: before any scope
  [[nodiscard]] virtual Result<User> user_by_id(std::string_view id) = 0;
  [[nodiscard]] virtual Result<std::string> add_user(const Actor&, const User&) = 0;  // its id
  // Ends every session of the user.
  [[nodiscard]] virtual Status set_password(const Actor&, std::string_view user_id,
                                            std::string_view hash, bool must_change) = 0;
  [[nodiscard]] virtual Status note_login(std::string_view user_id, Timestamp at) = 0;
  [[nodiscard]] virtual Status add_session(const Session&) = 0;
  [[nodiscard]] virtual Result<Session> session(
      std::string_view token_hash) = 0;  // not_found once expired
  [[nodiscard]] virtual Status touch_session(std::string_view token_hash, Timestamp at) = 0;
  [[nodiscard]] virtual Status end_session(std::string_view token_hash) = 0;
  [[nodiscard]] virtual Status end_sessions_of(std::string_view user_id) = 0;
  [[nodiscard]] virtual Result<std::string> add_api_token(const Actor&,
                                                          const ApiToken&) = 0;  // its id
  [[nodiscard]] virtual Result<ApiToken> api_token(
      std::string_view token_hash) = 0;  // not_found: expired or revoked
  [[nodiscard]] virtual Result<std::vector<ApiToken>> api_tokens(const Scope&) = 0;
  [[nodiscard]] virtual Status revoke_api_token(const Actor&, std::string_view id) = 0;

  // --- audit: append only, each entry's hash covers the one before ---
  [[nodiscard]] virtual Status audit(AuditEntry entry) = 0;  // sequence and hash are the store's
  [[nodiscard]] virtual Result<Page<AuditEntry>> audit_trail(
      const Scope&, const PageRequest&) = 0;  // newest first
  [[nodiscard]] virtual Status
  verify_audit() = 0;  // corrupt: names the first entry that does not fit
};

}  // namespace chieng::server
