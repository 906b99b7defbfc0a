#include "server/store/event_files.h"

#include <algorithm>
#include <cstdio>

#include "core/bytes/bytes.h"
#include "core/file/file.h"
#include "server/store/ids.h"
#include "server/store/migrations.h"
#include "server/store/row_codec.h"

namespace chieng::server {
namespace {

std::string_view id_bytes(const EventId& id) {
  return as_text(as_bytes(id.bytes.data(), id.bytes.size()));
}

std::optional<std::int32_t> day_of_name(const std::string& name) {
  int year = 0;
  unsigned month = 0, day = 0;
  int end = 0;
  if (std::sscanf(name.c_str(), "events-%4d-%2u-%2u.db%n", &year, &month, &day, &end) != 3 ||
      static_cast<std::size_t>(end) != name.size())
    return std::nullopt;
  return static_cast<std::int32_t>(days_from_civil(year, month, day));
}

}  // namespace

std::string day_text(std::int32_t day) {
  return to_iso(Timestamp::from_seconds(std::int64_t{day} * 86400)).substr(0, 10);
}

std::filesystem::path EventFiles::path_of(std::int32_t day) const {
  return folder_ / ("events-" + day_text(day) + ".db");
}

Result<std::unique_ptr<EventFiles>> EventFiles::open(std::filesystem::path folder) {
  std::unique_ptr<EventFiles> out(new EventFiles(std::move(folder)));
  CHIENG_CHECK(out->find_files());
  if (out->newest_ >= 0) CHIENG_CHECK(out->open_day(out->newest_));
  return out;
}

Status EventFiles::find_files() {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, error)) {
    const auto day = day_of_name(entry.path().filename().string());
    if (!day) continue;
    files_[*day] = std::make_shared<sql::ReadPool>(entry.path());
    newest_ = std::max(newest_, *day);
    // What a crash left in the log of an older file goes into the file now: later it is only read.
    if (std::filesystem::exists(entry.path().string() + "-wal")) {
      CHIENG_TRY(const auto settled,
                 sql::Connection::open(entry.path(), sql::Connection::Mode::write));
    }
  }
  if (error)
    return fail(ErrorCode::io, "cannot read folder " + folder_.string() + ": " + error.message());
  return {};
}

Status EventFiles::open_day(std::int32_t day) {
  const auto path = path_of(day);
  CHIENG_TRY(auto file, sql::Connection::open(path, sql::Connection::Mode::write));
  CHIENG_CHECK(migrate(*file, event_file_migrations(), path.filename().string()));
  CHIENG_TRY(const auto carried, file->integer("SELECT count(*) FROM cursors"));
  if (*carried == 0 && !cursors_.empty()) {
    CHIENG_TRY(auto transaction, sql::Transaction::begin(*file));
    for (const auto& [key, committed] : cursors_) {
      const auto& [agent, spool, epoch, lane] = key;
      CHIENG_CHECK(
          file->run("INSERT INTO cursors VALUES(?,?,?,?,?)",
                    {to_string(agent), to_string(spool), static_cast<std::int64_t>(epoch),
                     static_cast<std::int64_t>(lane), static_cast<std::int64_t>(committed)}));
    }
    CHIENG_CHECK(transaction.commit());
  }
  CHIENG_CHECK(sync_folder(folder_));
  writer_ = std::move(file);
  newest_ = day;
  if (cursors_.empty()) CHIENG_CHECK(load_cursors());
  const std::unique_lock lock(state_mutex_);
  auto& reader = files_[day];
  if (!reader) reader = std::make_shared<sql::ReadPool>(path);
  return {};
}

Status EventFiles::load_cursors() {
  Cursors found;
  CHIENG_CHECK(writer_->run("SELECT agent, spool, epoch, lane, committed FROM cursors", {},
                            [&](const sql::Row& row) {
                              found[{uuid_of(row.bytes(0)), uuid_of(row.bytes(1)), row.count(2),
                                     static_cast<EventClass>(row.integer(3))}] = row.count(4);
                            }));
  const std::unique_lock lock(state_mutex_);
  cursors_ = std::move(found);
  return {};
}

std::vector<LaneCursor> EventFiles::cursors(const Uuid& agent) const {
  std::vector<LaneCursor> out;
  const std::shared_lock lock(state_mutex_);
  for (auto at = cursors_.lower_bound({agent, Uuid{}, 0, EventClass::alert}); at != cursors_.end();
       ++at) {
    const auto& [owner, spool, epoch, lane] = at->first;
    if (owner != agent) break;
    out.push_back({owner, spool, epoch, lane, at->second, 0});
  }
  return out;
}

Result<std::vector<LaneCursor>> EventFiles::append(std::span<const AgentBatch> batches) {
  const std::lock_guard writing(write_mutex_);
  if (batches.empty()) return std::vector<LaneCursor>{};
  // The clock may step back; the files may not.
  const std::int32_t day = std::max(newest_, day_of(batches.back().received));
  if (!writer_ || day != newest_) CHIENG_CHECK(open_day(day));

  std::vector<LaneCursor> out;
  Cursors moved;
  Hours hours;
  placed_first_ = placed_last_ = Timestamp{};
  CHIENG_TRY(auto transaction, sql::Transaction::begin(*writer_));
  for (const AgentBatch& batch : batches) {
    CHIENG_TRY(auto cursor, store_batch(batch, moved, hours));
    out.push_back(cursor);
  }
  if (!moved.empty()) {
    CHIENG_CHECK(store_totals(moved, hours));
    CHIENG_CHECK(transaction.commit());
    const std::unique_lock lock(state_mutex_);
    for (const auto& [key, committed] : moved) cursors_[key] = committed;
  }
  return out;
}

Result<LaneCursor> EventFiles::store_batch(const AgentBatch& batch, Cursors& moved, Hours& hours) {
  const LaneKey key{batch.agent, batch.spool, batch.epoch, batch.lane};
  LaneCursor out{batch.agent, batch.spool, batch.epoch, batch.lane, 0, 0};
  if (const auto found = moved.find(key); found != moved.end())
    out.committed = found->second;
  else if (const auto known = cursors_.find(key); known != cursors_.end())
    out.committed = known->second;
  const std::uint64_t before = out.committed;

  Hour& hour = hours[{hour_of(batch.received), batch.agency}];
  auto lost = batch.lost.begin();
  const auto pass_lost = [&]() -> Status {
    for (; lost != batch.lost.end() && lost->first <= out.committed + 1; ++lost) {
      if (lost->last <= out.committed) continue;
      CHIENG_CHECK(insert_lost(batch, out.committed + 1, *lost));
      hour.lost += lost->last - out.committed;
      out.committed = lost->last;
    }
    return {};
  };
  CHIENG_CHECK(pass_lost());
  const Texts texts{to_string(batch.agent), to_string(batch.agency), to_string(batch.spool)};
  for (const IncomingEvent& event : batch.events) {
    if (event.sequence <= out.committed) continue;   // seen before
    if (event.sequence != out.committed + 1) break;  // a hole: the agent is told what is expected
    CHIENG_TRY(const bool fresh, insert(batch, texts, event));
    out.committed = event.sequence;
    if (fresh) {
      ++out.stored;
      ++hour.events;
      hour.weight += event.envelope.count;
    }
    CHIENG_CHECK(pass_lost());
  }
  if (out.committed != before) moved[key] = out.committed;
  return out;
}

Status EventFiles::insert_lost(const AgentBatch& batch, std::uint64_t first,
                               const LostRange& lost) {
  return writer_->run("INSERT INTO lost VALUES(?,?,?,?,?,?,?,?,?)",
                      {to_string(batch.agent), to_string(batch.agency), to_string(batch.spool),
                       static_cast<std::int64_t>(batch.epoch),
                       static_cast<std::int64_t>(batch.lane), static_cast<std::int64_t>(first),
                       static_cast<std::int64_t>(lost.last), lost.reason, batch.received.micros});
}

Result<bool> EventFiles::insert(const AgentBatch& batch, const Texts& texts,
                                const IncomingEvent& event) {
  const EventId id =
      make_event_id(batch.agent, {batch.spool, batch.epoch, batch.lane, event.sequence});
  const EncodedRow body = encode_row(event.json);
  envelope_.clear();
  encode_envelope(envelope_, event.envelope);
  CHIENG_CHECK(writer_->run(
      "INSERT INTO events(id, agent, agency, spool, epoch, lane, sequence, received, placed, "
      "clock_offset,"
      " clock_quality, flags, weight, envelope, codec, key_id, size, body)"
      " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT(id) DO NOTHING",
      {sql::Blob{id_bytes(id)}, texts.agent, texts.agency, texts.spool,
       static_cast<std::int64_t>(batch.epoch), static_cast<std::int64_t>(batch.lane),
       static_cast<std::int64_t>(event.sequence), batch.received.micros, event.placed.micros,
       batch.clock_offset_ms, static_cast<std::int64_t>(batch.clock_quality),
       std::int64_t{event.flags}, static_cast<std::int64_t>(event.envelope.count),
       sql::Blob{envelope_}, static_cast<std::int64_t>(body.codec), kNoKey,
       static_cast<std::int64_t>(event.json.size()), sql::Blob{body.bytes}}));
  if (writer_->changes() == 0) return false;
  if (!placed_first_.is_set() || event.placed < placed_first_) placed_first_ = event.placed;
  placed_last_ = std::max(placed_last_, event.placed);
  return true;
}

Status EventFiles::store_totals(const Cursors& moved, const Hours& hours) {
  for (const auto& [key, committed] : moved) {
    const auto& [agent, spool, epoch, lane] = key;
    CHIENG_CHECK(
        writer_->run("INSERT INTO cursors VALUES(?,?,?,?,?)"
                     " ON CONFLICT DO UPDATE SET committed = excluded.committed",
                     {to_string(agent), to_string(spool), static_cast<std::int64_t>(epoch),
                      static_cast<std::int64_t>(lane), static_cast<std::int64_t>(committed)}));
  }
  for (const auto& [at, sums] : hours)
    CHIENG_CHECK(writer_->run(
        "INSERT INTO intake VALUES(?,?,?,?,?) ON CONFLICT DO UPDATE SET"
        " events = events + excluded.events, weight = weight + excluded.weight,"
        " lost = lost + excluded.lost",
        {at.first, to_string(at.second), static_cast<std::int64_t>(sums.events),
         static_cast<std::int64_t>(sums.weight), static_cast<std::int64_t>(sums.lost)}));
  if (!placed_first_.is_set()) return {};
  return writer_->run(
      "INSERT INTO extent VALUES(1,?,?) ON CONFLICT DO UPDATE SET"
      " placed_first = min(placed_first, excluded.placed_first),"
      " placed_last = max(placed_last, excluded.placed_last)",
      {placed_first_.micros, placed_last_.micros});
}

Status EventFiles::drop_before(std::int32_t day) {
  const std::lock_guard writing(write_mutex_);
  std::vector<std::int32_t> old;
  {
    const std::unique_lock lock(state_mutex_);
    for (const auto& [at, reader] : files_)
      if (at < day && at != newest_) old.push_back(at);
    for (const std::int32_t at : old) files_.erase(at);
  }
  for (const std::int32_t at : old)
    for (const char* suffix : {"", "-wal", "-shm"}) {
      std::error_code error;
      std::filesystem::remove(path_of(at).string() + suffix, error);
      if (error)
        return fail(ErrorCode::io,
                    "cannot delete " + path_of(at).string() + ": " + error.message());
    }
  return {};
}

std::shared_ptr<sql::ReadPool> EventFiles::pool(std::int32_t day) const {
  const std::shared_lock lock(state_mutex_);
  const auto found = files_.find(day);
  return found == files_.end() ? nullptr : found->second;
}

std::vector<std::int32_t> EventFiles::days() const {
  const std::shared_lock lock(state_mutex_);
  std::vector<std::int32_t> out;
  for (const auto& [day, reader] : files_) out.push_back(day);
  return out;
}

}  // namespace chieng::server
