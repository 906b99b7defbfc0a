#include "core/bytes/bytes.h"
#include "core/hash/digest.h"
#include "server/store/sqlite_store_impl.h"

namespace chieng::server {
namespace {

// Every member with its length in front, so that no two entries have the same form.
std::string chain_hash(std::string_view previous, const AuditEntry& entry) {
  std::string data = "chieng-audit-1";
  const auto put = [&](std::string_view text) {
    data += std::to_string(text.size()) + ":";
    data += text;
  };
  put(previous);
  put(std::to_string(entry.sequence));
  put(std::to_string(entry.at.micros));
  for (const auto& text :
       {entry.actor.id, entry.actor.name, entry.action, entry.target, entry.detail, entry.address})
    put(text);
  return digest_hex(DigestKind::sha256, as_bytes(data));
}

AuditEntry read_entry(const sql::Row& row) {
  AuditEntry out;
  out.sequence = row.count(0);
  out.at.micros = row.integer(1);
  out.actor = {row.text(2), row.text(3)};
  out.action = row.text(4);
  out.target = row.text(5);
  out.detail = row.text(6);
  out.address = row.text(7);
  out.hash = row.text(8);
  return out;
}

constexpr const char* kSelect =
    "SELECT sequence, at, actor, actor_name, action, target, detail, address, hash FROM audit ";

}  // namespace

AuditEntry audit_entry(const Actor& actor, std::string_view action, std::string_view target,
                       std::string detail) {
  AuditEntry out;
  out.actor = actor;
  out.action = action;
  out.target = target;
  out.detail = std::move(detail);
  return out;
}

Status SqliteStore::write_audit(sql::Connection& core, AuditEntry entry) {
  std::string previous;
  std::uint64_t last = 0;
  CHIENG_CHECK(core.run("SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1", {},
                        [&](const sql::Row& row) {
                          last = row.count(0);
                          previous = row.text(1);
                        }));
  entry.sequence = last + 1;
  if (!entry.at.is_set()) entry.at = now();
  if (entry.detail.empty()) entry.detail = "{}";
  entry.hash = chain_hash(previous, entry);
  return core.run(
      "INSERT INTO audit VALUES(?,?,?,?,?,?,?,?,?)",
      {static_cast<std::int64_t>(entry.sequence), entry.at.micros, entry.actor.id, entry.actor.name,
       entry.action, entry.target, entry.detail, entry.address, entry.hash});
}

Status SqliteStore::audit(AuditEntry entry) {
  return write([&](sql::Connection& core) { return write_audit(core, std::move(entry)); });
}

Result<Page<AuditEntry>> SqliteStore::audit_trail(const Scope& scope, const PageRequest& page) {
  Page<AuditEntry> out;
  if (!scope.everything()) return out;  // entries are about people and machines of every agency
  CHIENG_TRY(const std::int64_t before, cursor_number(page));
  CHIENG_TRY(const auto core, core_read_->lease());
  CHIENG_CHECK(core->run(std::string(kSelect) + "WHERE sequence < ? ORDER BY sequence DESC LIMIT ?",
                         {before, std::int64_t{page_limit(page)} + 1},
                         [&](const sql::Row& row) { out.items.push_back(read_entry(row)); }));
  if (out.items.size() > page_limit(page)) {
    out.items.pop_back();
    out.next_cursor = std::to_string(out.items.back().sequence);
  }
  CHIENG_TRY(const auto total, core->integer("SELECT count(*) FROM audit"));
  out.total = static_cast<std::uint64_t>(total.value_or(0));
  return out;
}

Status SqliteStore::verify_audit() {
  std::string previous;
  std::uint64_t expected = 1, bad = 0;
  CHIENG_TRY(const auto core, core_read_->lease());
  CHIENG_CHECK(core->run(std::string(kSelect) + "ORDER BY sequence", {}, [&](const sql::Row& row) {
    if (bad != 0) return;
    const AuditEntry entry = read_entry(row);
    if (entry.sequence != expected || chain_hash(previous, entry) != entry.hash) bad = expected;
    previous = entry.hash;
    ++expected;
  }));
  if (bad != 0)
    return fail(ErrorCode::corrupt,
                "the audit trail does not fit together from entry " + std::to_string(bad) + " on");
  return {};
}

}  // namespace chieng::server
