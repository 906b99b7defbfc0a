// SQLite as values and errors. sqlite.cpp is the only file that includes sqlite3.h.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/error/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace chieng::server::sql {

struct Blob {
  std::string_view bytes;
};
using Value = std::variant<std::nullptr_t, std::int64_t, std::string_view, Blob>;

// A result row; texts and blobs are valid inside the callback only.
class Row {
 public:
  explicit Row(sqlite3_stmt* statement) : statement_(statement) {}
  [[nodiscard]] bool null(int column) const;
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::uint64_t count(int column) const {
    return static_cast<std::uint64_t>(integer(column));
  }
  [[nodiscard]] std::string_view bytes(int column) const;  // text or blob
  [[nodiscard]] std::string text(int column) const { return std::string(bytes(column)); }

 private:
  sqlite3_stmt* statement_;
};

// A connection and its prepared statements, kept by their text. One thread at a time.
class Connection {
 public:
  enum class Mode : std::uint8_t { write, read };
  [[nodiscard]] static Result<std::unique_ptr<Connection>> open(const std::filesystem::path& path,
                                                                Mode mode);

  using Each = std::function<void(const Row&)>;
  // Runs one statement to its end, calling each for its rows.
  [[nodiscard]] Status run(std::string_view sql, std::initializer_list<Value> values = {},
                           const Each& each = {});
  [[nodiscard]] Status run(std::string_view sql, const std::vector<Value>& values,
                           const Each& each = {});
  // Several statements without values: schemas and pragmas.
  [[nodiscard]] Status script(const std::string& sql);
  [[nodiscard]] Result<std::optional<std::int64_t>> integer(
      std::string_view sql, std::initializer_list<Value> values = {});
  [[nodiscard]] std::int64_t changes() const;  // rows of the last insert, update or delete

 private:
  struct Close {
    void operator()(sqlite3* db) const;
  };
  struct Finalize {
    void operator()(sqlite3_stmt* s) const;
  };
  Connection() = default;
  [[nodiscard]] Status run_values(std::string_view sql, const Value* values, std::size_t n,
                                  const Each& each);
  [[nodiscard]] Result<sqlite3_stmt*> prepare(std::string_view sql);
  [[nodiscard]] std::unexpected<Error> error(int code) const;

  std::unique_ptr<sqlite3, Close> db_;
  std::map<std::string, std::unique_ptr<sqlite3_stmt, Finalize>, std::less<>> statements_;
  std::string name_;
};

// BEGIN IMMEDIATE; rolls back unless committed.
class Transaction {
 public:
  [[nodiscard]] static Result<Transaction> begin(Connection& connection);
  Transaction(Transaction&& other) noexcept
      : connection_(std::exchange(other.connection_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  [[nodiscard]] Status commit();

 private:
  explicit Transaction(Connection& connection) : connection_(&connection) {}
  Connection* connection_;
};

// Read-only connections to one file, lent out; idle ones are kept up to a bound. Thread-safe.
class ReadPool {
 public:
  explicit ReadPool(std::filesystem::path path, std::size_t keep = 4)
      : path_(std::move(path)), keep_(keep) {}

  class Lease {
   public:
    Lease(ReadPool& pool, std::unique_ptr<Connection> c)
        : pool_(&pool), connection_(std::move(c)) {}
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (connection_) pool_->give_back(std::move(connection_));
    }
    Connection* operator->() const { return connection_.get(); }
    Connection& operator*() const { return *connection_; }

   private:
    ReadPool* pool_;
    std::unique_ptr<Connection> connection_;
  };
  [[nodiscard]] Result<Lease> lease();

 private:
  void give_back(std::unique_ptr<Connection> connection);
  const std::filesystem::path path_;
  const std::size_t keep_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_;
};

}  // namespace chieng::server::sql
