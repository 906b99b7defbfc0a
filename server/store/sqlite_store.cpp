#include "server/store/sqlite_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <charconv>
#include <map>
#include <set>

#include "server/store/ids.h"
#include "server/store/migrations.h"
#include "server/store/sqlite_store_impl.h"

namespace chieng::server {
namespace {

Result<UniqueFd> lock_folder(const std::filesystem::path& folder) {
  const auto path = folder / "lock";
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd) return fail_errno("cannot open " + path.string(), errno);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0)
    return fail(ErrorCode::unavailable,
                "the data folder " + folder.string() + " is in use by another chieng-server");
  return fd;
}

Status make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  if (std::filesystem::is_directory(folder, error)) return {};
  if (folder.has_parent_path()) std::filesystem::create_directories(folder.parent_path(), error);
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    return fail_errno("cannot create the data folder " + folder.string(), errno);
  return {};
}

}  // namespace

Result<std::unique_ptr<Store>> open_store(const StoreOptions& options) {
  return SqliteStore::open(options);
}

SqliteStore::SqliteStore(const StoreOptions& options) : options_(options) {}

Result<std::unique_ptr<Store>> SqliteStore::open(const StoreOptions& options) {
  std::unique_ptr<SqliteStore> out(new SqliteStore(options));
  CHIENG_CHECK(make_folder(options.folder));
  CHIENG_TRY(out->lock_, lock_folder(options.folder));
  const auto path = options.folder / "core.db";
  CHIENG_TRY(out->core_, sql::Connection::open(path, sql::Connection::Mode::write));
  CHIENG_CHECK(migrate(*out->core_, core_migrations(), "core.db"));
  out->core_read_ = std::make_unique<sql::ReadPool>(path, 8);
  CHIENG_TRY(out->events_, EventFiles::open(options.folder));
  CHIENG_CHECK(out->load_identity());
  return out;
}

Status SqliteStore::load_identity() {
  CHIENG_CHECK(core_->run(
      "INSERT INTO meta VALUES('server_id', ?), ('generation', '1') ON CONFLICT DO NOTHING",
      {to_string(Uuid::random())}));
  CHIENG_CHECK(core_->run("SELECT value FROM meta WHERE name = 'server_id'", {},
                          [&](const sql::Row& row) { server_id_ = uuid_of(row.bytes(0)); }));
  CHIENG_TRY(const auto generation,
             core_->integer("SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'generation'"));
  generation_ = static_cast<std::uint64_t>(generation.value_or(1));
  CHIENG_TRY(const auto moved,
             core_->integer("SELECT max(coalesce((SELECT max(moved) FROM groups), 0),"
                            " coalesce((SELECT max(moved) FROM incidents), 0))"));
  moved_ = moved.value_or(0);
  return {};
}

Status SqliteStore::write(const std::function<Status(sql::Connection&)>& work) {
  const std::lock_guard lock(core_mutex_);
  CHIENG_TRY(auto transaction, sql::Transaction::begin(*core_));
  CHIENG_CHECK(work(*core_));
  return transaction.commit();
}

void SqliteStore::tell(ChangeKind kind, std::string id) const {
  if (options_.changes != nullptr) options_.changes->publish(kind, std::move(id));
}

void SqliteStore::tell(ChangeKind kind, std::span<const std::string> ids) const {
  if (options_.changes != nullptr && !ids.empty()) options_.changes->publish(kind, ids);
}

Status SqliteStore::check() {
  {
    CHIENG_TRY(const auto core, core_read_->lease());
    CHIENG_TRY(const auto read, core->integer("SELECT count(*) FROM meta"));
    if (read.value_or(0) < 2) return fail(ErrorCode::corrupt, "core.db has lost its identity");
  }
  return write([](sql::Connection& core) {
    return core.run(
        "INSERT INTO meta VALUES('checked', unixepoch()) ON CONFLICT DO UPDATE SET value = "
        "excluded.value");
  });
}

Result<std::vector<Uuid>> subtree(sql::Connection& core, const Uuid& root) {
  // Every parent that an agency ever has counts as of today: the newest in force. Depth is bounded
  // against cycles.
  std::vector<Uuid> out;
  CHIENG_CHECK(core.run(
      "WITH RECURSIVE parents(id, parent) AS (SELECT id, (SELECT value FROM agency_attributes "
      "WHERE agency = agencies.id"
      " AND attribute = 'parent' AND since < (unixepoch() + 1) * 1000000 ORDER BY since DESC, "
      "sequence DESC LIMIT 1)"
      " FROM agencies), below(id) AS (SELECT id FROM agencies WHERE id = ? UNION SELECT parents.id "
      "FROM parents"
      " JOIN below ON parents.parent = below.id) SELECT id FROM below",
      {to_string(root)}, [&](const sql::Row& row) { out.push_back(uuid_of(row.bytes(0))); }));
  return out;
}

Result<Scope> SqliteStore::scope_for(const std::optional<Uuid>& agency) {
  if (!agency) return Scope(true, {});
  CHIENG_TRY(const auto core, core_read_->lease());
  CHIENG_TRY(auto ids, subtree(*core, *agency));
  return Scope(false, std::move(ids));
}

Result<std::vector<LaneCursor>> SqliteStore::append(std::span<const AgentBatch> batches) {
  return events_->append(batches);
}
Result<std::vector<LaneCursor>> SqliteStore::cursors(const Uuid& agent) {
  return events_->cursors(agent);
}

Result<std::vector<StoredEvent>> SqliteStore::events_after(const Scope& scope, EventRef after,
                                                           std::size_t limit) {
  return events_->after(scope, after, limit);
}

Result<StoredEvent> SqliteStore::event(const Scope& scope, const EventId& id) {
  CHIENG_TRY(auto found, events_->by_id(scope, id));
  std::vector<StoredEvent> named;
  named.push_back(std::move(found));
  CHIENG_CHECK(name_events(named));
  return std::move(named.front());
}

Status SqliteStore::name_events(std::vector<StoredEvent>& events) {
  std::map<Uuid, std::string> agencies, agents;
  CHIENG_TRY(const auto core, core_read_->lease());
  for (StoredEvent& event : events) {
    if (const auto [at, fresh] = agencies.try_emplace(event.agency.id); fresh)
      CHIENG_CHECK(core->run("SELECT name FROM agency_names WHERE id = ?",
                             {to_string(event.agency.id)},
                             [&](const sql::Row& row) { at->second = row.text(0); }));
    if (const auto [at, fresh] = agents.try_emplace(event.agent); fresh)
      CHIENG_CHECK(core->run("SELECT name FROM agents WHERE id = ?", {to_string(event.agent)},
                             [&](const sql::Row& row) { at->second = row.text(0); }));
    event.agency.name = agencies[event.agency.id];
    event.agent_name = agents[event.agent];
  }
  return {};
}

Status SqliteStore::drop_events_before(std::int32_t day) {
  // First what points into the files, then the files: a crash in between leaves rows that nothing
  // points to.
  const Status forgotten = write([&](sql::Connection& core) -> Status {
    CHIENG_CHECK(core.run("DELETE FROM group_events WHERE day < ?", {std::int64_t{day}}));
    return core.run("DELETE FROM group_hours WHERE hour < ?", {std::int64_t{day} * 24});
  });
  CHIENG_CHECK(forgotten);
  return events_->drop_before(day);
}

void Where::scope(const Scope& scope, const std::string& column) {
  if (scope.everything()) return;
  add(column + " IN (SELECT value FROM json_each(?))");
  value(scope_json(scope));
}

std::string scope_json(const Scope& scope) {
  std::string out = "[";
  for (const Uuid& id : scope.agencies())
    out += (out.size() == 1 ? "\"" : ",\"") + to_string(id) + "\"";
  return out + "]";
}

std::uint32_t page_limit(const PageRequest& page) {
  return std::clamp(page.limit, 1U, 500U);
}

Result<std::int64_t> cursor_number(const PageRequest& page) {
  if (page.cursor.empty()) return INT64_MAX;
  std::int64_t out = 0;
  const char* end = page.cursor.data() + page.cursor.size();
  const auto [stop, error] = std::from_chars(page.cursor.data(), end, out);
  if (error != std::errc{} || stop != end || out < 0)
    return fail(ErrorCode::invalid_argument, "the cursor is not one that this server gave");
  return out;
}

}  // namespace chieng::server
