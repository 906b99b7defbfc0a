#include <map>
#include <set>

#include "server/store/ids.h"
#include "server/store/sqlite_store_impl.h"

namespace chieng::server {
namespace {

Status set_attribute(sql::Connection& core, const Uuid& agency, std::string_view attribute,
                     std::string_view value, Timestamp since) {
  return core.run("INSERT INTO agency_attributes(agency, attribute, value, since) VALUES(?,?,?,?)",
                  {to_string(agency), attribute, value, since.micros});
}

void place_below(const std::multimap<Uuid, const Agency*>& children, const Uuid& parent,
                 std::set<Uuid>& placed, std::vector<Agency>& out) {
  const auto [begin, end] = children.equal_range(parent);
  for (auto at = begin; at != end; ++at)
    if (placed.insert(at->second->id).second) {
      out.push_back(*at->second);
      place_below(children, at->second->id, placed, out);
    }
}

}  // namespace

Result<std::vector<Agency>> SqliteStore::agencies(const Scope& scope, Timestamp at) {
  std::map<Uuid, Agency> found;
  CHIENG_TRY(const auto core, core_read_->lease());
  CHIENG_CHECK(
      core->run("SELECT id FROM agencies WHERE made <= ?", {at.micros}, [&](const sql::Row& row) {
        const Uuid id = uuid_of(row.bytes(0));
        if (scope.contains(id)) found[id].id = id;
      }));
  CHIENG_CHECK(
      core->run("SELECT agency, attribute, value FROM agency_attributes WHERE since <= ?"
                " ORDER BY since, sequence",
                {at.micros}, [&](const sql::Row& row) {
                  const auto agency = found.find(uuid_of(row.bytes(0)));
                  if (agency == found.end()) return;
                  const auto attribute = row.bytes(1);
                  if (attribute == "name") agency->second.name = row.text(2);
                  if (attribute == "code") agency->second.code = row.text(2);
                  if (attribute == "level") agency->second.level = row.text(2);
                  if (attribute == "parent") agency->second.parent = parse_uuid(row.bytes(2));
                }));
  // A parent outside the scope is not shown: the tree starts where the reader's right starts.
  std::multimap<std::string, Agency*> by_name;
  for (auto& [id, agency] : found) {
    if (agency.parent && !found.contains(*agency.parent)) agency.parent.reset();
    by_name.emplace(agency.name, &agency);
  }
  std::multimap<Uuid, const Agency*> children;
  for (const auto& [name, agency] : by_name)
    children.emplace(agency->parent.value_or(Uuid{}), agency);
  std::vector<Agency> out;
  std::set<Uuid> placed;
  place_below(children, Uuid{}, placed, out);
  return out;
}

Result<Uuid> SqliteStore::add_agency(const Scope& scope, const Actor& actor, const Agency& agency) {
  if (agency.name.empty()) return fail(ErrorCode::invalid_argument, "an agency needs a name");
  if (agency.parent ? !scope.contains(*agency.parent) : !scope.everything())
    return fail(ErrorCode::not_found, "no such parent agency");
  const Uuid id = Uuid::random();
  const Timestamp at = now();
  const Status written = write([&](sql::Connection& core) -> Status {
    if (agency.parent) {
      CHIENG_TRY(const auto known,
                 core.integer("SELECT 1 FROM agencies WHERE id = ?", {to_string(*agency.parent)}));
      if (!known) return fail(ErrorCode::not_found, "no agency " + to_string(*agency.parent));
    }
    CHIENG_CHECK(core.run("INSERT INTO agencies VALUES(?,?)", {to_string(id), at.micros}));
    CHIENG_CHECK(set_attribute(core, id, "name", agency.name, at));
    CHIENG_CHECK(set_attribute(core, id, "code", agency.code, at));
    CHIENG_CHECK(set_attribute(core, id, "level", agency.level, at));
    if (agency.parent)
      CHIENG_CHECK(set_attribute(core, id, "parent", to_string(*agency.parent), at));
    return write_audit(core, audit_entry(actor, "agency.add", to_string(id)));
  });
  CHIENG_CHECK(written);
  return id;
}

Status SqliteStore::change_agency(const Scope& scope, const Actor& actor, const Uuid& id,
                                  const AgencyChange& change) {
  if (!scope.contains(id)) return fail(ErrorCode::not_found, "no agency " + to_string(id));
  if (change.parent && !scope.contains(*change.parent))
    return fail(ErrorCode::not_found, "no such parent agency");
  return write([&](sql::Connection& core) -> Status {
    CHIENG_TRY(const auto known,
               core.integer("SELECT 1 FROM agencies WHERE id = ?", {to_string(id)}));
    if (!known) return fail(ErrorCode::not_found, "no agency " + to_string(id));
    if (change.parent) {
      CHIENG_TRY(const auto below, subtree(core, id));
      if (std::find(below.begin(), below.end(), *change.parent) != below.end())
        return fail(ErrorCode::invalid_argument,
                    "an agency cannot be put under itself or one of its own");
      CHIENG_CHECK(set_attribute(core, id, "parent", to_string(*change.parent), change.from));
    }
    if (change.name) CHIENG_CHECK(set_attribute(core, id, "name", *change.name, change.from));
    if (change.code) CHIENG_CHECK(set_attribute(core, id, "code", *change.code, change.from));
    if (change.level) CHIENG_CHECK(set_attribute(core, id, "level", *change.level, change.from));
    return write_audit(core, audit_entry(actor, "agency.change", to_string(id)));
  });
}

}  // namespace chieng::server
