// The truth: one SQLite file a received UTC day, events-YYYY-MM-DD.db, append only. The newest file
// has one writing connection, which also makes its checkpoints, and holds every agent's cursor
// (carried over when a day begins), so events and cursor commit together. append() and
// drop_before() exclude each other; reads go on beside them.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <span>

#include "server/store/append.h"
#include "server/store/scope.h"
#include "server/store/sqlite.h"

namespace chieng::server {

class EventFiles {
 public:
  [[nodiscard]] static Result<std::unique_ptr<EventFiles>> open(std::filesystem::path folder);

  [[nodiscard]] Result<std::vector<LaneCursor>> append(std::span<const AgentBatch> batches);
  [[nodiscard]] std::vector<LaneCursor> cursors(const Uuid& agent) const;
  [[nodiscard]] Status drop_before(std::int32_t day);

  // Names of agencies and agents are left empty: the core file knows them.
  [[nodiscard]] Result<std::vector<StoredEvent>> after(const Scope&, EventRef position,
                                                       std::size_t limit) const;
  [[nodiscard]] Result<StoredEvent> by_id(const Scope&, const EventId& id) const;
  [[nodiscard]] Result<StoredEvent> by_ref(const Scope&, EventRef ref) const;
  // Events and losses received in [from, to), by agency.
  struct Intake {
    std::uint64_t weight = 0, lost = 0;
  };
  [[nodiscard]] Result<Intake> intake(const Scope&, Timestamp from, Timestamp to) const;

 private:
  using LaneKey = std::tuple<Uuid, Uuid, std::uint64_t, EventClass>;
  using Cursors = std::map<LaneKey, std::uint64_t>;
  struct Hour {
    std::uint64_t events = 0, weight = 0, lost = 0;
  };
  struct Texts {  // of a batch, the same in each of its rows
    std::string agent, agency, spool;
  };
  using Hours = std::map<std::pair<std::int64_t, Uuid>, Hour>;

  explicit EventFiles(std::filesystem::path folder) : folder_(std::move(folder)) {}
  [[nodiscard]] Status find_files();
  [[nodiscard]] Status open_day(std::int32_t day);  // makes it the newest
  [[nodiscard]] Status load_cursors();
  [[nodiscard]] Result<LaneCursor> store_batch(const AgentBatch& batch, Cursors& moved,
                                               Hours& hours);
  [[nodiscard]] Status insert_lost(const AgentBatch& batch, std::uint64_t first,
                                   const LostRange& lost);
  [[nodiscard]] Result<bool> insert(const AgentBatch& batch, const Texts& texts,
                                    const IncomingEvent& event);
  [[nodiscard]] Status store_totals(const Cursors& moved, const Hours& hours);
  [[nodiscard]] std::shared_ptr<sql::ReadPool> pool(std::int32_t day) const;
  [[nodiscard]] std::vector<std::int32_t> days() const;
  [[nodiscard]] std::filesystem::path path_of(std::int32_t day) const;

  const std::filesystem::path folder_;
  std::mutex write_mutex_;  // append, drop_before
  std::unique_ptr<sql::Connection> writer_;
  std::int32_t newest_ = -1;
  Timestamp placed_first_, placed_last_;  // of the batch being stored
  std::string envelope_;                  // of the event being stored; keeps its room

  mutable std::shared_mutex state_mutex_;  // what follows
  Cursors cursors_;
  std::map<std::int32_t, std::shared_ptr<sql::ReadPool>> files_;
};

[[nodiscard]] std::string day_text(std::int32_t day);  // "2026-11-23"
[[nodiscard]] inline std::int32_t day_of(Timestamp t) {
  return static_cast<std::int32_t>(t.seconds() / 86400);
}
[[nodiscard]] inline std::int64_t hour_of(Timestamp t) {
  return t.seconds() / 3600;
}

}  // namespace chieng::server
