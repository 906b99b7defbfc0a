#include <algorithm>

#include "core/bytes/bytes.h"
#include "server/store/event_files.h"
#include "server/store/ids.h"
#include "server/store/row_codec.h"

namespace chieng::server {
namespace {

constexpr const char* kColumns =
    "row, id, agent, agency, spool, epoch, lane, sequence, received, placed, clock_offset, "
    "clock_quality, flags,"
    " envelope, codec, key_id, body";

Result<StoredEvent> read_event(std::int32_t day, const sql::Row& row) {
  StoredEvent out;
  out.ref = {day, row.integer(0)};
  const auto id = row.bytes(1);
  if (id.size() != out.id.bytes.size())
    return fail(ErrorCode::corrupt, "an event's id has a wrong length", day_text(day));
  std::copy(id.begin(), id.end(), out.id.bytes.begin());
  out.agent = uuid_of(row.bytes(2));
  out.agency.id = uuid_of(row.bytes(3));
  out.position = {uuid_of(row.bytes(4)), row.count(5), static_cast<EventClass>(row.integer(6)),
                  row.count(7)};
  out.received.micros = row.integer(8);
  out.placed.micros = row.integer(9);
  out.clock_offset_ms = row.integer(10);
  out.clock_quality = static_cast<ClockQuality>(row.integer(11));
  out.flags = static_cast<std::uint32_t>(row.integer(12));
  Bytes envelope = as_bytes(row.bytes(13));
  CHIENG_TRY(out.envelope, decode_envelope(envelope));
  CHIENG_TRY(out.json, decode_row(row.integer(14), row.integer(15), row.bytes(16)));
  return out;
}

Status collect(sql::Connection& file, std::int32_t day, const Scope& scope, std::string_view where,
               std::initializer_list<sql::Value> values, std::vector<StoredEvent>& out) {
  Status status;
  const Status ran =
      file.run(std::string("SELECT ") + kColumns + " FROM events WHERE " + std::string(where),
               values, [&](const sql::Row& row) {
                 if (!status) return;
                 auto event = read_event(day, row);
                 if (!event)
                   status = std::unexpected(std::move(event).error());
                 else if (scope.contains(event->agency.id))
                   out.push_back(std::move(*event));
               });
  CHIENG_CHECK(ran);
  return status;
}

}  // namespace

Result<std::vector<StoredEvent>> EventFiles::after(const Scope& scope, EventRef position,
                                                   std::size_t limit) const {
  std::vector<StoredEvent> out;
  for (const std::int32_t day : days()) {
    if (day < position.day || out.size() >= limit) continue;
    const auto file = pool(day);
    if (!file) continue;
    CHIENG_TRY(const auto reader, file->lease());
    const std::int64_t from = day == position.day ? position.row : 0;
    CHIENG_CHECK(collect(*reader, day, scope, "row > ? ORDER BY row LIMIT ?",
                         {from, static_cast<std::int64_t>(limit - out.size())}, out));
  }
  return out;
}

Result<StoredEvent> EventFiles::by_id(const Scope& scope, const EventId& id) const {
  auto all = days();
  std::reverse(all.begin(), all.end());
  std::vector<StoredEvent> out;
  for (const std::int32_t day : all) {
    const auto file = pool(day);
    if (!file) continue;
    CHIENG_TRY(const auto reader, file->lease());
    CHIENG_CHECK(collect(*reader, day, scope, "id = ?",
                         {sql::Blob{as_text(as_bytes(id.bytes.data(), id.bytes.size()))}}, out));
    if (!out.empty()) return std::move(out.front());
  }
  return fail(ErrorCode::not_found, "no event " + to_string(id));
}

Result<StoredEvent> EventFiles::by_ref(const Scope& scope, EventRef ref) const {
  const auto file = pool(ref.day);
  if (!file)
    return fail(ErrorCode::not_found, "the events of " + day_text(ref.day) + " are no longer kept");
  CHIENG_TRY(const auto reader, file->lease());
  std::vector<StoredEvent> out;
  CHIENG_CHECK(collect(*reader, ref.day, scope, "row = ?", {ref.row}, out));
  if (out.empty()) return fail(ErrorCode::not_found, "no such event");
  return std::move(out.front());
}

Result<EventFiles::Intake> EventFiles::intake(const Scope& scope, Timestamp from,
                                              Timestamp to) const {
  Intake out;
  for (const std::int32_t day : days()) {
    if (day < day_of(from) - 1 || day > day_of(to) + 1) continue;
    const auto file = pool(day);
    if (!file) continue;
    CHIENG_TRY(const auto reader, file->lease());
    CHIENG_CHECK(reader->run("SELECT agency, weight, lost FROM intake WHERE hour >= ? AND hour < ?",
                             {hour_of(from), hour_of(to)}, [&](const sql::Row& row) {
                               if (!scope.contains(uuid_of(row.bytes(0)))) return;
                               out.weight += row.count(1);
                               out.lost += row.count(2);
                             }));
  }
  return out;
}

}  // namespace chieng::server
