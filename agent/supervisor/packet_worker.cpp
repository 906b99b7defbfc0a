#include "agent/supervisor/packet_worker.h"

#include <poll.h>
#include <spdlog/spdlog.h>

#include <chrono>

namespace chieng::agent {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kBurst = 512;  // packets of one interface before the others have their turn
constexpr auto kBetweenStats = std::chrono::milliseconds(200);
constexpr auto kDrain =
    std::chrono::milliseconds(300);  // longer than the kernel holds a block back

}  // namespace

WorkerSink::WorkerSink(SpoolThread& spool, bool metadata, const std::shared_ptr<EveFile>& file)
    : spool_(spool, metadata) {
  if (file) file_.emplace(file);
}

void WorkerSink::emit(const Envelope& envelope, std::string_view json) {
  spool_.emit(envelope, json);
  if (file_) file_->emit(envelope, json);
}

void WorkerSink::commit() {
  spool_.commit();
  if (file_) file_->commit();
}

PacketWorker::PacketWorker(const WorkerParts& parts)
    : spool_(parts.spool),
      sink_(parts.spool, parts.metadata, parts.file),
      out_(parts.events, sink_),
      pipeline_(parts.sensor, nullptr, out_, parts.state),
      sources_(parts.interfaces) {
  stats_.sources.resize(parts.interfaces);
  if (parts.evidence) pipeline_.keep_evidence(parts.evidence, parts.evidence_memory);
  thread_ = std::thread([this] { work(); });
}

PacketWorker::~PacketWorker() {
  stop();
}

void PacketWorker::give(std::size_t interface, unsigned opening,
                        std::optional<collector::LiveCapture> capture) {
  const std::lock_guard lock(mutex_);
  mail_.captures.push_back({interface, opening, std::move(capture)});
  has_mail_ = true;
}

void PacketWorker::use(std::shared_ptr<const suricata::RuleSet> rules, const std::string& hash) {
  const std::lock_guard lock(mutex_);
  mail_.rules = std::move(rules);
  mail_.hash = hash;
  has_mail_ = true;
}

void PacketWorker::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

WorkerStats PacketWorker::stats() const {
  const std::lock_guard lock(mutex_);
  return stats_;
}

collector::CaptureCounters PacketWorker::counters(Source& source) {
  collector::CaptureCounters out = source.before;
  if (!source.capture) return out;
  const auto& c = source.capture->counters();
  out.received += c.received;
  out.dropped += c.dropped;
  return out;
}

void PacketWorker::close(Source& source, std::string problem) {
  source.before = counters(source);
  source.capture.reset();
  source.problem = std::move(problem);
}

void PacketWorker::take_mail() {
  if (!has_mail_) return;
  Mail mail;
  {
    const std::lock_guard lock(mutex_);
    mail = std::exchange(mail_, {});
    has_mail_ = false;
  }
  for (auto& [interface, opening, capture] : mail.captures) {
    Source& source = sources_[interface];
    close(source, {});
    source.opening = opening;
    source.capture = std::move(capture);
  }
  if (mail.rules) pipeline_.swap_rules(std::move(mail.rules));
  if (!mail.hash.empty()) out_.set_rule_set(std::move(mail.hash));
}

std::size_t PacketWorker::read(Source& source) {
  if (!source.capture) return 0;
  const auto frames = source.capture->read(
      kBurst, [this](const collector::Frame& frame) { pipeline_.packet(frame); });
  if (frames) return *frames;
  close(source, frames.error().message());
  return 0;
}

std::size_t PacketWorker::read_all() {
  std::size_t out = 0;
  for (Source& source : sources_) out += read(source);
  return out;
}

void PacketWorker::wait() {
  waited_.clear();
  for (const Source& source : sources_)
    if (source.capture) waited_.push_back({source.capture->fd(), POLLIN, 0});
  (void)poll(waited_.data(), waited_.size(), 100);
}

// What the kernel has for this worker already.
void PacketWorker::drain() {
  const auto end = Clock::now() + kDrain;
  while (reading_ && Clock::now() < end)
    if (read_all() == 0) (void)poll(nullptr, 0, 10);
}

void PacketWorker::publish() {
  WorkerStats next;
  next.sensor = pipeline_.counters();
  next.events = out_.counters();
  for (Source& s : sources_)
    next.sources.push_back({s.opening, s.capture.has_value(), counters(s), s.problem});
  const std::lock_guard lock(mutex_);
  stats_ = std::move(next);
}

void PacketWorker::work() {
  Clock::time_point next_stats{};
  while (!stopping_) {
    take_mail();
    if (const auto clock = Clock::now(); clock >= next_stats) {
      publish();
      next_stats = clock + kBetweenStats;
    }
    // What arrives before the rules are there, or while the disk takes nothing, waits in the
    // kernel's buffer; what that drops is counted.
    if (!reading_ || spool_.full()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      continue;
    }
    // The clock moves flows on only while nothing waits: packets that do are older than it.
    if (read_all() == 0) {
      pipeline_.advance(now());
      sink_.commit();
      wait();
    } else {
      sink_.commit();
    }
  }
  take_mail();
  drain();
  pipeline_.finish();
  publish();
  sink_.commit();
}

}  // namespace chieng::agent
