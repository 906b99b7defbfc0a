#include "server/store/sqlite.h"

#include <sqlite3.h>

#include <cerrno>
#include <utility>

namespace chieng::server::sql {
namespace {

bool means_full(int code, int system_error) {
  if ((code & 0xff) == SQLITE_FULL) return true;
  return (code & 0xff) == SQLITE_IOERR &&
         (system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG);
}

ErrorCode code_of(int code, int system_error) {
  if (means_full(code, system_error)) return ErrorCode::no_space;
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorCode::unavailable;
    case SQLITE_CONSTRAINT:
      return ErrorCode::exists;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorCode::corrupt;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
      return ErrorCode::permission;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
      return ErrorCode::io;
    default:
      return ErrorCode::internal;
  }
}

int bind(sqlite3_stmt* s, int at, const Value& value) {
  switch (value.index()) {
    case 0:
      return sqlite3_bind_null(s, at);
    case 1:
      return sqlite3_bind_int64(s, at, std::get<1>(value));
    case 2: {
      const auto text = std::get<2>(value);
      return sqlite3_bind_text64(s, at, text.empty() ? "" : text.data(), text.size(), SQLITE_STATIC,
                                 SQLITE_UTF8);
    }
    default: {
      const auto bytes = std::get<3>(value).bytes;
      return sqlite3_bind_blob64(s, at, bytes.empty() ? "" : bytes.data(), bytes.size(),
                                 SQLITE_STATIC);
    }
  }
}

// A statement goes back to the cache without its values and its read lock, however its run ends.
struct Reset {
  sqlite3_stmt* statement;
  ~Reset() {
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
  }
};

}  // namespace

bool Row::null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}
std::int64_t Row::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}
std::string_view Row::bytes(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  const int size = sqlite3_column_bytes(statement_, column);
  return data == nullptr ? std::string_view()
                         : std::string_view(data, static_cast<std::size_t>(size));
}

void Connection::Close::operator()(sqlite3* db) const {
  sqlite3_close(db);
}
void Connection::Finalize::operator()(sqlite3_stmt* s) const {
  sqlite3_finalize(s);
}

Result<std::unique_ptr<Connection>> Connection::open(const std::filesystem::path& path, Mode mode) {
  std::unique_ptr<Connection> out(new Connection);
  out->name_ = path.filename().string();
  sqlite3* db = nullptr;
  const int flags =
      (mode == Mode::write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY) |
      SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(path.c_str(), &db, flags, nullptr);
  out->db_.reset(db);
  if (code != SQLITE_OK) return out->error(code);
  sqlite3_busy_timeout(db, 5000);
  if (mode == Mode::write)
    CHIENG_CHECK(
        out->script("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                    "PRAGMA wal_autocheckpoint=1000; PRAGMA journal_size_limit=67108864;"));
  CHIENG_CHECK(
      out->script("PRAGMA cache_size=-8000; PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF;"));
  return out;
}

std::unexpected<Error> Connection::error(int code) const {
  const int system_error = db_ ? sqlite3_system_errno(db_.get()) : 0;
  std::string text = db_ ? sqlite3_errmsg(db_.get()) : sqlite3_errstr(code);
  if (means_full(code, system_error))
    text = "disk full: " + text + "; free space or move the data folder";
  return fail(code_of(code, system_error), text + " (SQLite " + std::to_string(code) + ")", name_);
}

Result<sqlite3_stmt*> Connection::prepare(std::string_view sql) {
  if (const auto found = statements_.find(sql); found != statements_.end())
    return found->second.get();
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(db_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return error(code);
  if (statements_.size() >= 256) statements_.clear();
  statements_.emplace(std::string(sql), std::unique_ptr<sqlite3_stmt, Finalize>(statement));
  return statement;
}

Status Connection::run_values(std::string_view sql, const Value* values, std::size_t n,
                              const Each& each) {
  CHIENG_TRY(sqlite3_stmt* const statement, prepare(sql));
  const Reset reset{statement};
  for (std::size_t i = 0; i < n; ++i)
    if (const int code = bind(statement, static_cast<int>(i) + 1, values[i]); code != SQLITE_OK)
      return error(code);
  for (;;) {
    const int code = sqlite3_step(statement);
    if (code == SQLITE_DONE) return {};
    if (code != SQLITE_ROW) return error(code);
    if (each) each(Row(statement));
  }
}

Status Connection::run(std::string_view sql, std::initializer_list<Value> values,
                       const Each& each) {
  return run_values(sql, values.begin(), values.size(), each);
}
Status Connection::run(std::string_view sql, const std::vector<Value>& values, const Each& each) {
  return run_values(sql, values.data(), values.size(), each);
}

Status Connection::script(const std::string& sql) {
  const int code = sqlite3_exec(db_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return error(code);
  return {};
}

Result<std::optional<std::int64_t>> Connection::integer(std::string_view sql,
                                                        std::initializer_list<Value> values) {
  std::optional<std::int64_t> out;
  CHIENG_CHECK(run(sql, values, [&](const Row& row) {
    if (!row.null(0)) out = row.integer(0);
  }));
  return out;
}

std::int64_t Connection::changes() const {
  return sqlite3_changes64(db_.get());
}

Result<Transaction> Transaction::begin(Connection& connection) {
  CHIENG_CHECK(connection.run("BEGIN IMMEDIATE"));
  return Transaction(connection);
}

Transaction::~Transaction() {
  // A failed statement may have rolled back by itself already; then this has nothing to do and says
  // so.
  if (connection_ != nullptr) (void)connection_->run("ROLLBACK");
}

Status Transaction::commit() {
  CHIENG_CHECK(connection_->run("COMMIT"));
  connection_ = nullptr;
  return {};
}

Result<ReadPool::Lease> ReadPool::lease() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto out = std::move(idle_.back());
      idle_.pop_back();
      return Lease(*this, std::move(out));
    }
  }
  CHIENG_TRY(auto connection, Connection::open(path_, Connection::Mode::read));
  return Lease(*this, std::move(connection));
}

void ReadPool::give_back(std::unique_ptr<Connection> connection) {
  const std::lock_guard lock(mutex_);
  if (idle_.size() < keep_) idle_.push_back(std::move(connection));
}

}  // namespace chieng::server::sql
