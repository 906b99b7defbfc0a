// The SQLite store's class, shared by the files that implement its parts (store_*.cpp); nobody else
// includes it.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <mutex>

#include "core/file/file.h"
#include "server/store/event_files.h"
#include "server/store/hit_merge.h"
#include "server/store/sqlite_store.h"

namespace chieng::server {

class SqliteStore final : public Store {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Store>> open(const StoreOptions& options);

  Uuid server_id() const override { return server_id_; }
  std::uint64_t generation() const override { return generation_; }
  Status check() override;
  Result<Scope> scope_for(const std::optional<Uuid>& agency) override;

  Result<std::vector<LaneCursor>> append(std::span<const AgentBatch> batches) override;
  Result<std::vector<LaneCursor>> cursors(const Uuid& agent) override;
  Result<std::vector<StoredEvent>> events_after(const Scope&, EventRef after,
                                                std::size_t limit) override;
  Result<StoredEvent> event(const Scope&, const EventId& id) override;
  Status drop_events_before(std::int32_t day) override;

  Result<EventRef> applied() override;
  Result<ApplyOutcome> apply(const ProjectionBatch& batch) override;

  Result<Page<Group>> groups(const Scope&, const GroupFilter&, const PageRequest&) override;
  Result<Group> group(const Scope&, std::string_view id) override;
  Result<Page<StoredEvent>> group_events(const Scope&, std::string_view id,
                                         const PageRequest&) override;
  Result<std::vector<GroupAction>> group_actions(const Scope&, std::string_view id) override;
  Result<GroupActionOutcome> act(const Scope&, const Actor&, std::string_view id,
                                 const GroupActionRequest&) override;
  Result<Page<Incident>> incidents(const Scope&, std::optional<bool> open,
                                   const PageRequest&) override;
  Result<Incident> incident(const Scope&, std::string_view id) override;
  Result<DayFigures> day_figures(const Scope&, Timestamp from, Timestamp to) override;

  Result<std::vector<Agency>> agencies(const Scope&, Timestamp at) override;
  Result<Uuid> add_agency(const Scope&, const Actor&, const Agency& first_attributes) override;
  Status change_agency(const Scope&, const Actor&, const Uuid& id, const AgencyChange&) override;
  Result<std::vector<Agent>> agents(const Scope&, Timestamp now) override;
  Result<Agent> agent(const Scope&, const Uuid& id, Timestamp now) override;
  Status revoke_agent(const Scope&, const Actor&, const Uuid& id) override;
  Status record_beats(std::span<const Beat> beats) override;
  Result<std::vector<Uuid>> note_silences(Timestamp now) override;
  Result<std::vector<Silence>> silences(const Scope&, Timestamp from, Timestamp to) override;
  Status add_enrol_token(const Scope&, const Actor&, const EnrolToken&) override;
  Result<Agent> enrol(std::string_view token_hash, std::string_view name,
                      std::string_view public_key, Timestamp now) override;

  Result<std::vector<User>> users(const Scope&) override;
  Result<User> user_by_name(std::string_view name) override;
  Result<User> user_by_id(std::string_view id) override;
  Result<std::string> add_user(const Actor&, const User&) override;
  Status set_password(const Actor&, std::string_view user_id, std::string_view hash,
                      bool must_change) override;
  Status note_login(std::string_view user_id, Timestamp at) override;
  Status add_session(const Session&) override;
  Result<Session> session(std::string_view token_hash) override;
  Status touch_session(std::string_view token_hash, Timestamp at) override;
  Status end_session(std::string_view token_hash) override;
  Status end_sessions_of(std::string_view user_id) override;
  Result<std::string> add_api_token(const Actor&, const ApiToken&) override;
  Result<ApiToken> api_token(std::string_view token_hash) override;
  Result<std::vector<ApiToken>> api_tokens(const Scope&) override;
  Status revoke_api_token(const Actor&, std::string_view id) override;

  Status audit(AuditEntry entry) override;
  Result<Page<AuditEntry>> audit_trail(const Scope&, const PageRequest&) override;
  Status verify_audit() override;

 private:
  explicit SqliteStore(const StoreOptions& options);
  [[nodiscard]] Status load_identity();

  // One transaction on core.db's only writing connection.
  [[nodiscard]] Status write(const std::function<Status(sql::Connection&)>& work);
  // The next value of the counter that orders movements; inside write().
  [[nodiscard]] std::int64_t next_moved() { return ++moved_; }
  [[nodiscard]] static Status write_audit(sql::Connection& core, AuditEntry entry);
  void tell(ChangeKind kind, std::string id) const;
  void tell(ChangeKind kind, std::span<const std::string> ids) const;

  [[nodiscard]] Status apply_hits(sql::Connection& core, std::span<const GroupHit> hits,
                                  ApplyOutcome& outcome);
  [[nodiscard]] Status upsert_group(sql::Connection& core, MergedGroup& group);
  [[nodiscard]] static Status reopen(sql::Connection& core, const MergedGroup& group);
  [[nodiscard]] Status correlate(sql::Connection& core, const MergedSighting& sighting,
                                 ApplyOutcome& outcome);
  [[nodiscard]] static Result<bool> many_agencies(sql::Connection& core,
                                                  const MergedSighting& sighting, std::int64_t low,
                                                  std::int64_t high);
  [[nodiscard]] Status prune_sightings(sql::Connection& core, Timestamp now);
  [[nodiscard]] Status name_events(std::vector<StoredEvent>& events);

  const StoreOptions options_;
  UniqueFd lock_;
  Uuid server_id_;
  std::uint64_t generation_ = 1;
  std::mutex core_mutex_;
  std::unique_ptr<sql::Connection> core_;
  std::unique_ptr<sql::ReadPool> core_read_;
  std::unique_ptr<EventFiles> events_;
  std::int64_t moved_ = 0;  // guarded by core_mutex_, as is:
  std::uint64_t applies_ = 0;
};

// --- shared pieces ---

// A WHERE clause in growth; owns the texts its values point to.
class Where {
 public:
  void add(const std::string& condition) { text_ += (text_.empty() ? "" : " AND ") + condition; }
  void value(std::int64_t n) { values_.emplace_back(n); }
  void value(std::string text) {
    kept_.push_back(std::move(text));
    values_.emplace_back(std::string_view(kept_.back()));
  }
  // column is the name of the column with the agency
  void scope(const Scope& scope, const std::string& column);
  [[nodiscard]] std::string clause() const { return text_.empty() ? "" : " WHERE " + text_; }
  [[nodiscard]] const std::vector<sql::Value>& values() const { return values_; }

 private:
  std::string text_;
  std::vector<sql::Value> values_;
  std::deque<std::string> kept_;
};

[[nodiscard]] AuditEntry audit_entry(const Actor& actor, std::string_view action,
                                     std::string_view target, std::string detail = {});
[[nodiscard]] std::string scope_json(const Scope& scope);  // a JSON array of agency ids
[[nodiscard]] std::uint32_t page_limit(const PageRequest& page);
// Decimal; max where the cursor is empty, bad_argument where it is none of ours.
[[nodiscard]] Result<std::int64_t> cursor_number(const PageRequest& page);
[[nodiscard]] Result<std::vector<Uuid>> subtree(sql::Connection& core, const Uuid& root);

}  // namespace chieng::server
