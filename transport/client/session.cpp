#include "transport/client/session.h"

#include <algorithm>

#include "core/time/timestamp.h"

namespace chieng {
namespace {

constexpr auto kPublishEvery = std::chrono::milliseconds(200);
constexpr int kFramesAtOnce = 64;

std::uint64_t monotonic_us() {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                        ClientSession::Clock::now().time_since_epoch())
                                        .count());
}

}  // namespace

ClientSession::ClientSession(zmq::context_t& context, const ClientSettings& settings,
                             std::vector<OpenSpool*> spools, const Uuid& boot, ClientStatus& status,
                             std::function<void()> changed)
    : settings_(settings),
      spools_(std::move(spools)),
      boot_(boot),
      status_(status),
      changed_(std::move(changed)),
      socket_(make_dealer(context, settings.keys, settings.server_key, kMaxFrameAtAgent)),
      monitor_(context, socket_) {
  for (std::size_t lane = 0; lane < kEventClasses; ++lane)
    for (std::size_t s = 0; s < spools_.size(); ++s)
      streams_.emplace_back(s, static_cast<EventClass>(lane));
}

SessionEnd ClientSession::run(const std::atomic<bool>& stop,
                              const std::function<bool()>& another_spool) {
  started_ = heard_ = next_publish_ = Clock::now();
  socket_.connect(settings_.endpoint);
  say_hello();
  bool busy = false;
  while (!end_ && !stop) {
    wait(busy);
    look_at_connection();
    receive();
    if (end_) break;
    const auto time = Clock::now();
    if (!welcome_ && time - started_ > settings_.welcome_within)
      end(SessionEnd::Kind::trouble, "no answer from " + settings_.endpoint);
    if (time - heard_ > settings_.dead_after)
      end(SessionEnd::Kind::trouble, "the server has gone silent");
    if (!welcome_) continue;
    if (time >= next_beat_) beat();
    busy = send_something();
    if (time >= next_publish_) {
      publish();
      if (another_spool()) end(SessionEnd::Kind::again, "");
    }
  }
  if (welcome_ && !(end_ && end_->kind == SessionEnd::Kind::refused)) {
    Frame bye;
    bye.session = session_;
    (void)put(std::move(bye), nullptr, 0, 0, false);
    // LINGER 0 would drop it unsent; the farewell is worth this moment.
    socket_.set(zmq::sockopt::linger, 50);
  }
  publish();
  SessionEnd out = end_.value_or(SessionEnd{SessionEnd::Kind::stopped, welcome_, ""});
  out.was_welcome = welcome_;
  return out;
}

void ClientSession::end(SessionEnd::Kind kind, std::string why) {
  if (!end_) end_ = SessionEnd{kind, welcome_, std::move(why)};
}

void ClientSession::say_hello() {
  Hello hello;
  hello.agent = settings_.agent;
  hello.boot = boot_;
  hello.version = settings_.version;
  hello.settings_hash = settings_.settings_hash;
  hello.rule_set_hash = settings_.rule_set_hash;
  hello.wall_us = now().micros;
  for (OpenSpool* spool : spools_) {
    (void)spool->reader->refresh();
    HelloSpool entry{spool->reader->spool(), spool->reader->epoch(), {}};
    for (std::size_t lane = 0; lane < kEventClasses; ++lane) {
      const SpoolRange range = spool->reader->range(static_cast<EventClass>(lane));
      entry.lanes[lane] = {range.oldest, range.next};
    }
    hello.spools.push_back(entry);
  }
  Frame frame;
  frame.type = FrameType::hello;
  frame.body = encode_hello(hello);
  (void)put(std::move(frame), nullptr, 0, 0, false);
}

void ClientSession::wait(bool busy) {
  const short events = static_cast<short>(ZMQ_POLLIN | (waiting_frame_.empty() ? 0 : ZMQ_POLLOUT));
  zmq::pollitem_t items[] = {{socket_.handle(), 0, events, 0},
                             {monitor_.socket().handle(), 0, ZMQ_POLLIN, 0}};
  const bool at_once = busy && waiting_frame_.empty();
  zmq::poll(items, 2, at_once ? std::chrono::milliseconds(0) : settings_.poll_every);
}

void ClientSession::look_at_connection() {
  for (auto event = monitor_.next(); event != ConnectionEvent::none && !end_;
       event = monitor_.next()) {
    if (event == ConnectionEvent::ready) connected_ = true;
    if (event == ConnectionEvent::refused)
      end(SessionEnd::Kind::refused,
          "the server does not know this agent's key, or has revoked it");
    if (event == ConnectionEvent::failed)
      end(SessionEnd::Kind::trouble,
          "the handshake failed; is server_key the key of " + settings_.endpoint + "?");
    if (event == ConnectionEvent::lost) {
      receive();  // the server may have said why
      end(SessionEnd::Kind::trouble,
          connected_ ? "the connection was lost"
                     : "cannot connect to " + settings_.endpoint +
                           "; is the server running, and is server_key its key?");
    }
  }
}

void ClientSession::receive() {
  for (int i = 0; i < kFramesAtOnce && !end_; ++i) {
    zmq::message_t message;
    if (!socket_.recv(message, zmq::recv_flags::dontwait)) return;
    const bool whole = !message.more();
    for (bool more = message.more(); more;) {
      zmq::message_t rest;
      if (!socket_.recv(rest, zmq::recv_flags::dontwait)) break;
      more = rest.more();
    }
    const auto frame =
        decode_frame({static_cast<const std::byte*>(message.data()), message.size()});
    if (!frame || !whole) {
      ++status_.bad_frames;
      return end(SessionEnd::Kind::trouble, "the server sent a frame that cannot be read");
    }
    heard_ = Clock::now();
    on_frame(*frame);
  }
}

void ClientSession::on_frame(const Frame& frame) {
  if (frame.type == FrameType::welcome) return on_welcome(frame);
  if (frame.type == FrameType::error) return on_error(frame);
  if (!welcome_ || frame.session != session_) return;
  if (frame.type == FrameType::ack) return on_ack(frame);
  if (frame.type == FrameType::nack) return on_nack(frame);
  if (frame.type == FrameType::beat) return on_beat(frame);
  if (frame.type == FrameType::bye)
    return end(SessionEnd::Kind::trouble, "the server said good-bye");
  ++status_.bad_frames;
}

void ClientSession::on_welcome(const Frame& frame) {
  const auto welcome = decode_welcome(as_bytes(frame.body));
  if (welcome_ || !welcome || frame.session == 0) {
    ++status_.bad_frames;
    return end(SessionEnd::Kind::trouble, "the server's welcome cannot be read");
  }
  welcome_ = true;
  session_ = frame.session;
  status_.session = session_;
  status_.server = welcome->server;
  status_.server_generation = welcome->generation;
  status_.state = ClientState::connected;
  status_.problem.clear();
  ++status_.connects;
  for (const WelcomeLane& lane : welcome->lanes)
    for (LaneStream& stream : streams_)
      if (stream.spool() == lane.spool && stream.lane() == lane.lane)
        stream.start(lane.committed, lane.credit);
  check_rollback();
  next_beat_ = Clock::now();
  tell_writers();
  publish();
}

// A spool that is behind what the server has of it was restored from an older copy: the numbers
// that it gives out now were used before, and the server would take new events for old ones.
void ClientSession::check_rollback() {
  for (LaneStream& stream : streams_) {
    OpenSpool& spool = *spools_[stream.spool()];
    if (stream.committed() < spool.reader->range(stream.lane()).next) continue;
    stream.go_back(stream.next(), 0);
    status_.problem = "the spool \"" + spool.settings->name +
                      "\" is older than what the server has of it (a restored "
                      "copy?); move " +
                      spool.settings->folder.string() + " aside and restart the agent";
  }
}

LaneStream* ClientSession::stream_of(const Frame& frame) {
  for (LaneStream& stream : streams_)
    if (stream.spool() == frame.spool && stream.lane() == frame.lane &&
        spools_[stream.spool()]->reader->epoch() == frame.epoch)
      return &stream;
  return nullptr;
}

void ClientSession::on_ack(const Frame& frame) {
  const auto credit = decode_credit(as_bytes(frame.body));
  LaneStream* stream = stream_of(frame);
  if (!credit || stream == nullptr ||
      frame.sequence >= spools_[stream->spool()]->reader->range(frame.lane).next) {
    ++status_.bad_frames;
    return;
  }
  const std::uint64_t fresh = stream->acknowledged(frame.sequence, *credit);
  status_.records_acknowledged += fresh;
  if (fresh == 0) return;
  const SpoolReader& reader = *spools_[stream->spool()]->reader;
  (void)spools_[stream->spool()]->settings->acknowledgements.send(
      {reader.spool(), reader.epoch(), stream->lane(), stream->committed()});
}

void ClientSession::on_nack(const Frame& frame) {
  const auto credit = decode_credit(as_bytes(frame.body));
  LaneStream* stream = stream_of(frame);
  if (!credit || stream == nullptr || frame.sequence == 0 ||
      frame.sequence > spools_[stream->spool()]->reader->range(frame.lane).next) {
    ++status_.bad_frames;
    return;
  }
  if (frame.sequence < stream->next()) ++status_.resends;
  stream->go_back(frame.sequence, *credit);
}

void ClientSession::on_beat(const Frame& frame) {
  const auto answer = decode_beat_answer(as_bytes(frame.body));
  const std::uint64_t time = monotonic_us();
  if (!answer || answer->monotonic_us > time) return;
  status_.round_trip_us = static_cast<std::int64_t>(time - answer->monotonic_us);
  status_.clock_offset_us = answer->wall_us - (now().micros - status_.round_trip_us / 2);
  status_.clock_measured = true;
}

void ClientSession::on_error(const Frame& frame) {
  const auto error = decode_error(as_bytes(frame.body));
  if (!error) return end(SessionEnd::Kind::trouble, "the server refused the session");
  const bool refused = error->code == static_cast<std::uint16_t>(SessionError::revoked) ||
                       error->code == static_cast<std::uint16_t>(SessionError::wrong_agent) ||
                       error->code == static_cast<std::uint16_t>(SessionError::version);
  std::string text = error->text;  // from the wire: it may stand in a log line
  std::ranges::replace_if(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  end(refused ? SessionEnd::Kind::refused : SessionEnd::Kind::trouble, "the server says: " + text);
}

void ClientSession::beat() {
  next_beat_ = Clock::now() + settings_.beat_every;
  Beat beat;
  beat.monotonic_us = monotonic_us();
  beat.wall_us = now().micros;
  beat.clock_offset_us = status_.clock_offset_us;
  beat.round_trip_us = status_.clock_measured ? status_.round_trip_us : -1;
  if (settings_.health) beat.json = settings_.health();
  Frame frame;
  frame.type = FrameType::beat;
  frame.session = session_;
  frame.body = encode_beat(beat);
  (void)put(std::move(frame), nullptr, 0, 0, true);
  tell_writers();
}

// Again and again, since a message to a writer that was away is lost.
void ClientSession::tell_writers() {
  for (const LaneStream& stream : streams_) {
    OpenSpool& spool = *spools_[stream.spool()];
    if (stream.committed() == 0) continue;
    (void)spool.settings->acknowledgements.send(
        {spool.reader->spool(), spool.reader->epoch(), stream.lane(), stream.committed()});
  }
}

// True: something was sent, there may be more. The lowest lane that has something goes first.
bool ClientSession::send_something() {
  if (!waiting_frame_.empty()) {
    if (!socket_.send(zmq::buffer(waiting_frame_), zmq::send_flags::dontwait)) return false;
    waiting_frame_.clear();
  }
  for (std::size_t lane = 0; lane < kEventClasses; ++lane)
    for (std::size_t i = 0; i < spools_.size(); ++i) {
      const std::size_t s = (turn_ + i) % spools_.size();
      if (!send_from(streams_[lane * spools_.size() + s])) continue;
      turn_ = s + 1;
      return true;
    }
  return false;
}

bool ClientSession::send_from(LaneStream& stream) {
  if (!stream.may_send(settings_.batch_bytes)) return false;
  const auto read =
      spools_[stream.spool()]->reader->read(stream.lane(), stream.next(), settings_.batch_bytes);
  if (!read) {
    status_.problem = read.error().message();
    return false;
  }
  Frame frame;
  frame.session = session_;
  frame.lane = stream.lane();
  frame.spool = static_cast<std::uint16_t>(stream.spool());
  frame.epoch = spools_[stream.spool()]->reader->epoch();
  frame.sequence = stream.next();
  bool sent = false;
  if (read->gap) {
    Frame gap = frame;
    gap.type = FrameType::gap;
    gap.body = encode_gap(*read->gap);
    ++status_.gaps_reported;
    status_.gap_records += read->gap->count();
    sent = true;
    if (!put(std::move(gap), &stream, read->gap->last, 0, false)) return true;
    frame.sequence = read->gap->last + 1;
  }
  if (read->records.empty()) return sent;
  frame.type = FrameType::data;
  frame.count = static_cast<std::uint16_t>(read->records.size());
  for (const SpoolRecord& record : read->records) append_record(frame.body, record);
  (void)put(std::move(frame), &stream, read->records.back().sequence, read->records.size(), true);
  return true;
}

// The frame counts as sent also when it has to wait for room in the socket's queue; false says that
// it waits.
bool ClientSession::put(Frame frame, LaneStream* stream, std::uint64_t last, std::uint64_t records,
                        bool pack) {
  std::string bytes = encode_frame(frame, pack);
  ++status_.frames_sent;
  status_.bytes_sent += bytes.size();
  status_.records_sent += records;
  if (stream != nullptr) stream->sent(last, bytes.size());
  if (waiting_frame_.empty() && socket_.send(zmq::buffer(bytes), zmq::send_flags::dontwait))
    return true;
  // Behind a waiting frame only a beat or a farewell can come; both are repeated or not needed.
  if (waiting_frame_.empty()) waiting_frame_ = std::move(bytes);
  return false;
}

void ClientSession::publish() {
  next_publish_ = Clock::now() + kPublishEvery;
  status_.lanes.clear();
  for (const LaneStream& stream : streams_) {
    const OpenSpool& spool = *spools_[stream.spool()];
    status_.lanes.push_back({spool.settings->name, stream.lane(), stream.committed(),
                             spools_[stream.spool()]->reader->range(stream.lane()).next});
  }
  changed_();
}

}  // namespace chieng
