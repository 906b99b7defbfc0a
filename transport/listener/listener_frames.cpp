// What the frames of agents do: HELLO, DATA, GAP, BEAT.
#include <algorithm>

#include "core/time/timestamp.h"
#include "transport/listener/listener_thread.h"

namespace chieng {
namespace {

constexpr std::int64_t kGoodClock = 2'000'000;  // µs: a clock within it is called good
constexpr auto kBusyPause = std::chrono::milliseconds(100);

ClockQuality quality(bool measured, std::int64_t offset) {
  if (!measured) return ClockQuality::unknown;
  return offset > -kGoodClock && offset < kGoodClock ? ClockQuality::good : ClockQuality::suspect;
}

}  // namespace

void ListenerThread::on_hello(const std::string& route, const PublicKey& key,
                              const KnownAgent& agent, const Frame& frame,
                              const std::string& address) {
  const auto penalty = penalties_.find(key);
  if (penalty != penalties_.end() && Clock::now() < penalty->second)
    return refuse(route, SessionError::busy,
                  "a session of this key ended by a protocol error; wait");
  const auto hello = decode_hello(as_bytes(frame.body));
  if (!hello && hello.error().code == ErrorCode::unsupported)
    return refuse(route, SessionError::version, hello.error().text);
  if (!hello) return protocol_error(route, key, hello.error().text);
  if (hello->lowest > kProtocolVersion || hello->highest < kProtocolVersion)
    return refuse(route, SessionError::version, "this server speaks version 1");
  if (hello->agent != agent.agent)
    return refuse(route, SessionError::wrong_agent, "the key belongs to another agent");
  const auto older = routes_.find(agent.agent);
  if (older == routes_.end() && sessions_.size() >= settings_.max_sessions)
    return refuse(route, SessionError::busy, "the server has as many agents connected as it may");
  if (older != routes_.end()) {
    const std::string old_route = older->second;
    if (old_route != route) {
      ++stats_.superseded;
      refuse(old_route, SessionError::superseded, "a newer session of this agent took over");
    }
    end_session(old_route, AgentDownReason::superseded);
  }
  Session session;
  session.route = route;
  session.key = key;
  session.agent = agent;
  session.spools = hello->spools;
  accept(std::move(session), *hello, address);
}

void ListenerThread::accept(Session session, const Hello& hello, const std::string& address) {
  session.number = ++last_session_;
  session.heard = Clock::now();
  Welcome welcome;
  welcome.server = settings_.identity.server;
  welcome.generation = settings_.identity.generation;
  welcome.wall_us = now().micros;
  for (std::size_t s = 0; s < session.spools.size(); ++s)
    for (std::size_t lane = 0; lane < kEventClasses; ++lane) {
      const StreamId id{session.agent.agent, session.spools[s].spool, session.spools[s].epoch,
                        static_cast<EventClass>(lane)};
      IngestStream& stream = streams_[id];
      stream.start(handler_.committed(id));
      const std::uint32_t granted = credit(stream);
      if (granted == 0) stream.starve(Clock::now() + kBusyPause);
      welcome.lanes.push_back(
          {static_cast<std::uint16_t>(s), id.lane, stream.committed(), granted});
    }
  Frame frame;
  frame.type = FrameType::welcome;
  frame.session = session.number;
  frame.body = encode_welcome(welcome);
  send(session.route, frame);
  watch_boots(session.agent.agent, hello.boot);
  handler_.on_up({session.agent.agent, session.agent.agency, session.number, hello.boot,
                  hello.version, hello.settings_hash, hello.rule_set_hash, address});
  routes_[session.agent.agent] = session.route;
  sessions_[session.route] = std::move(session);
}

void ListenerThread::watch_boots(const Uuid& agent, const Uuid& boot) {
  Boots& boots = boots_[agent];
  if (boot == boots.last) return;
  if (boot == boots.before && boot.is_set()) handler_.on_clone(agent);
  boots = {boots.last, boot};
}

IngestStream* ListenerThread::stream_of(const Session& session, const Frame& frame, StreamId& id) {
  if (frame.spool >= session.spools.size()) return nullptr;
  const HelloSpool& spool = session.spools[frame.spool];
  if (frame.epoch != spool.epoch) return nullptr;
  id = StreamId{session.agent.agent, spool.spool, spool.epoch, frame.lane};
  return &streams_[id];
}

void ListenerThread::on_data(Session& session, const Frame& frame, std::size_t wire_bytes) {
  if (frame.sequence == 0 || frame.count == 0 || frame.sequence > UINT64_MAX - frame.count)
    return protocol_error(std::string(session.route), session.key,
                          "a batch names impossible sequences");
  const auto records = decode_records(as_bytes(frame.body), frame.sequence, frame.count);
  if (!records)
    return protocol_error(std::string(session.route), session.key, records.error().text);
  Batch batch;
  batch.first = frame.sequence;
  batch.last = frame.sequence + frame.count - 1;
  batch.bytes = wire_bytes;
  StreamId id;
  const IngestStream* stream = stream_of(session, frame, id);
  for (const SpoolRecord& record : *records) {
    if (stream == nullptr || record.sequence < stream->expected()) continue;
    auto decoded = decode_record(record);
    if (decoded && decoded->envelope.event_class == frame.lane) {
      batch.events.push_back(
          {record.sequence, std::move(decoded->envelope), std::move(decoded->json)});
      continue;
    }
    // It will not get better by being sent again: it is lost, and that is said.
    ++stats_.damaged_records;
    batch.gaps.push_back({frame.lane, record.sequence, record.sequence, GapReason::damaged});
  }
  take_batch(session, frame, std::move(batch));
}

void ListenerThread::on_gap(Session& session, const Frame& frame, std::size_t wire_bytes) {
  const auto gap = decode_gap(as_bytes(frame.body), frame.lane, frame.sequence);
  if (!gap) return protocol_error(std::string(session.route), session.key, gap.error().text);
  Batch batch;
  batch.first = gap->first;
  batch.last = gap->last;
  batch.bytes = wire_bytes;
  batch.gaps.push_back(*gap);
  take_batch(session, frame, std::move(batch));
}

void ListenerThread::take_batch(Session& session, const Frame& frame, Batch batch) {
  StreamId id;
  IngestStream* stream = stream_of(session, frame, id);
  if (stream == nullptr)
    return protocol_error(std::string(session.route), session.key,
                          "a frame names a spool that HELLO did not");
  switch (stream->place(batch.first, batch.last)) {
    case IngestStream::Place::known:
      ++stats_.duplicates;
      return acknowledge(id, false);
    case IngestStream::Place::waiting:
      ++stats_.duplicates;
      return;
    case IngestStream::Place::beyond:
      if (stream->should_nack()) acknowledge(id, true);
      return;
    case IngestStream::Place::next:
      break;
  }
  if (stream->bytes() + batch.bytes > settings_.lane_credit + 2 * kMaxFrameAtServer) {
    ++stats_.out_of_window;
    return protocol_error(std::string(session.route), session.key,
                          "more was sent than there was credit for");
  }
  const std::uint64_t events = batch.events.size(), bytes = batch.bytes;
  std::uint64_t missing = 0;
  batch.first = stream->expected();
  for (SpoolGap& gap : batch.gaps) {
    gap.first = std::max(gap.first, batch.first);
    missing += gap.count();
  }
  const std::uint64_t gaps = batch.gaps.size(), first = batch.first, last = batch.last;
  batch.stream = id;
  batch.agency = session.agent.agency;
  batch.received_us = now().micros;
  batch.clock_offset_us = session.clock_offset_us;
  batch.clock_quality = quality(session.clock_measured, session.clock_offset_us);
  const bool room = bytes_waiting_ + bytes <= settings_.memory_bytes;
  if (!room || !handler_.submit(std::move(batch), sink_)) {
    ++stats_.busy;
    stream->starve(Clock::now() + kBusyPause);
    if (stream->should_nack()) acknowledge(id, true);
    return;
  }
  stream->submitted(first, last, bytes);
  bytes_waiting_ += bytes;
  ++stats_.batches;
  stats_.events += events;
  stats_.gaps += gaps;
  stats_.gap_records += missing;
}

void ListenerThread::on_beat(Session& session, const Frame& frame) {
  const auto beat = decode_beat(as_bytes(frame.body));
  if (!beat) return protocol_error(std::string(session.route), session.key, beat.error().text);
  ++stats_.beats;
  session.clock_measured = beat->round_trip_us >= 0;
  session.clock_offset_us = session.clock_measured ? beat->clock_offset_us : 0;
  Frame answer;
  answer.type = FrameType::beat;
  answer.session = session.number;
  answer.body = encode_beat_answer({beat->monotonic_us, now().micros});
  send(session.route, answer);
  handler_.on_beat({session.agent.agent, session.agent.agency, beat->json, now().micros,
                    session.clock_measured, session.clock_offset_us, beat->round_trip_us});
}

}  // namespace chieng
