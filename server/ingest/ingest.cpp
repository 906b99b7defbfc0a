#include "server/ingest/ingest.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>

#include "server/ingest/plausible.h"

namespace chieng::server {
namespace {

AgentBatch to_store(Batch&& batch) {
  AgentBatch out;
  out.agent = batch.stream.agent;
  out.agency = batch.agency;
  out.spool = batch.stream.spool;
  out.epoch = batch.stream.epoch;
  out.lane = batch.stream.lane;
  out.received = {batch.received_us};
  out.clock_offset_ms = batch.clock_offset_us / 1000;
  out.clock_quality = batch.clock_quality;
  out.events.reserve(batch.events.size());
  for (BatchEvent& event : batch.events) {
    event.envelope.count = std::clamp<std::uint64_t>(event.envelope.count, 1, 1ULL << 40);
    const Placement at =
        place(event.envelope, out.received, batch.clock_offset_us, batch.clock_quality);
    out.events.push_back(
        {event.sequence, std::move(event.envelope), at.placed, at.flags, std::move(event.json)});
  }
  for (const SpoolGap& gap : batch.gaps)
    out.lost.push_back({gap.first, gap.last, std::string(to_string(gap.reason))});
  return out;
}

}  // namespace

Ingest::Ingest(Store& store, Hooks hooks) : store_(store), hooks_(std::move(hooks)) {}

void Ingest::start() {
  thread_ = std::thread([this] { write(); });
}

void Ingest::stop() {
  stopping_ = true;
  queue_.close();
  if (thread_.joinable()) thread_.join();
}

std::uint64_t Ingest::committed(const StreamId& stream) {
  const auto cursors = store_.cursors(stream.agent);
  if (!cursors) return 0;
  for (const LaneCursor& c : *cursors)
    if (c.spool == stream.spool && c.epoch == stream.epoch && c.lane == stream.lane)
      return c.committed;
  return 0;
}

bool Ingest::submit(Batch batch, const BatchDoneSink& done) {
  BatchDone answer{batch.stream, batch.first, batch.last, false, 0};
  return queue_.try_push({to_store(std::move(batch)), answer, done});
}

void Ingest::write() {
  std::vector<Job> jobs;
  while (auto first = queue_.pop()) {
    // Whatever came while the last commit was on its way to the disk goes into this one: no
    // waiting, large groups.
    std::size_t events = first->batch.events.size();
    jobs.push_back(std::move(*first));
    while (events < kCommitEvents) {
      auto next = queue_.try_pop();
      if (!next) break;
      events += next->batch.events.size();
      jobs.push_back(std::move(*next));
    }
    store(jobs);
    jobs.clear();
  }
}

void Ingest::store(std::vector<Job>& jobs) {
  std::vector<AgentBatch> batches;
  batches.reserve(jobs.size());
  for (Job& job : jobs) batches.push_back(std::move(job.batch));
  const auto cursors = store_.append(batches);
  if (!cursors) return refuse(jobs, cursors.error());
  if (disk_full_.exchange(false)) spdlog::info("the disk has room again: events are stored");
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    BatchDone& answer = jobs[i].answer;
    answer.committed = (*cursors)[i].committed;
    answer.stored = answer.committed >= answer.last;
    jobs[i].done(answer);
  }
  if (hooks_.stored) hooks_.stored();
}

void Ingest::refuse(std::vector<Job>& jobs, const Error& error) {
  if (error.code == ErrorCode::no_space) {
    if (!disk_full_.exchange(true))
      spdlog::error(
          "no event is acknowledged until there is room: {}; the agents keep what they have",
          error.message());
  } else {
    spdlog::error("events could not be stored: {}", error.message());
  }
  for (Job& job : jobs) {
    job.answer.committed = committed(job.answer.stream);
    job.done(job.answer);
  }
  // After a failed sync nobody knows what is on the disk: only a fresh start reads the truth.
  if (error.code == ErrorCode::io || error.code == ErrorCode::corrupt) {
    if (hooks_.broken) hooks_.broken(error.message());
    return;
  }
  for (int i = 0; i < 10 && !stopping_; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
}

}  // namespace chieng::server
