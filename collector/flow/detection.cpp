// Which protocol a flow speaks: told by the first bytes of either side.
#include <algorithm>

#include "collector/flow/app_layer.h"

namespace chieng::collector {

bool AppLayer::port_hint(const Protocol& protocol) const {
  return std::ranges::find(protocol.ports, flow_.key.dst_port) != protocol.ports.end() ||
         std::ranges::find(protocol.ports, flow_.key.src_port) != protocol.ports.end();
}

const Protocol* AppLayer::probe(Direction d, Bytes data, bool& more) const {
  const Protocol* found = nullptr;
  for (const Protocol* p : protocols()) {
    if ((static_cast<unsigned>(p->spec->transport) & static_cast<unsigned>(transport_)) == 0)
      continue;
    const bool hint = port_hint(*p);
    const Probe answer = p->probe(d, data, hint);
    if (answer == Probe::maybe) more = true;
    if (answer != Probe::yes) continue;
    if (found == nullptr || hint) found = p;
  }
  return found;
}

void AppLayer::detection_event(PacketEvent e) {
  worker_.event(e);
  if (worker_.observer == nullptr) return;
  const std::string_view name = packet_event_names()[static_cast<std::size_t>(e)];
  worker_.observer->on_app_event(flow_, nullptr, name, "proto_detect", packet());
}

// What was to follow the protocol is none that is known, or another one; the protocol itself is
// over.
void AppLayer::report_failed_change() {
  const auto& events = protocols()[protocol_]->spec->events;
  const auto at = std::ranges::find(events, std::string_view("failed_protocol_change"));
  if (at != events.end() && !live_.empty())
    event(live_.back(), static_cast<std::uint16_t>(at - events.begin()), Direction::to_server);
  flow_.app_proto = kAppFailed;
}

void AppLayer::give_up(Direction d) {
  flow_.detection_done[index(d)] = true;
  flow_.app_proto_side[index(d)] = kAppFailed;
  detected_[index(d)] = true;
  // A datagram says all there is; a stream's other side may still tell.
  if (transport_ == TransportMask::udp && !flow_.app_proto.is_known()) flow_.app_proto = kAppFailed;
  if (!flow_.detection_done[index(opposite(d))]) return;
  if (const auto expected = take_expected()) report_missed_change(*expected);
  if (flow_.app_proto_original.is_known()) report_failed_change();
  if (!flow_.app_proto.is_known()) flow_.app_proto = kAppFailed;
  failed_ = true;
  close_opening();
}

// The protocol is known from the other side: this one's first bytes confirm it or do not.
void AppLayer::lend(Direction d, Bytes first) {
  const Protocol& own = *protocols()[protocol_];
  const AppProto proto = flow_.app_proto;
  flow_.detection_done[index(d)] = true;
  // After a change of protocol rules hear of the new one once.
  detected_[index(d)] = !flow_.app_proto_original.is_known();
  flow_.app_proto_side[index(d)] = proto;
  if (own.probe(d, first, true) != Probe::no) return;
  bool more = false;
  const Protocol* other = probe(d, first, more);
  if (other != nullptr)
    detection_event(PacketEvent::applayer_mismatch_protocol_both_directions);
  else if (!more)
    detection_event(PacketEvent::applayer_detect_protocol_only_one_direction);
}

void AppLayer::keep_frames(AppProto proto) {
  if (worker_.inspector == nullptr || !worker_.inspector->wants_frames(proto)) return;
  frames_ = std::make_unique<FrameStore>(proto, position_);
  if (transport_ != TransportMask::tcp) return;
  for (const Direction side : {Direction::to_server, Direction::to_client})
    frames_->open(side, kStreamFrame, position_[index(side)], std::nullopt, std::nullopt);
}

void AppLayer::start(std::size_t position, Direction d) {
  protocol_ = static_cast<std::uint8_t>(position);
  const AppProto proto{static_cast<std::uint8_t>(position + 2)};
  flow_.app_proto = proto;
  flow_.app_proto_side[index(d)] = proto;
  flow_.detection_done[index(d)] = true;
  detected_[index(d)] = true;
  for (const Direction side : {Direction::to_server, Direction::to_client})
    if (opening_)
      position_[index(side)] = std::max(position_[index(side)], opening_->lost[index(side)]);
  keep_frames(proto);
  const std::optional<Change> expected = take_expected();
  const bool as_expected = expected && expected->next == protocols()[position];
  parser_ = as_expected ? expected->make(*this, proto) : protocols()[position]->make(*this, proto);
  if (!as_expected && expected) report_missed_change(*expected);
}

// What was found is not what the protocol before led to.
void AppLayer::report_missed_change(const Change& expected) {
  if (expected.next == nullptr) return;
  detection_event(PacketEvent::applayer_unexpected_protocol);
  if (expected.next->spec->name == "tls")
    detection_event(PacketEvent::applayer_no_tls_after_starttls);
}

bool AppLayer::start_expected(Direction d) {
  if (worker_.expectations.size() == 0 || failed_ || flow_.detection_done[0] ||
      flow_.detection_done[1])
    return false;
  auto entry = worker_.expectations.take(flow_.key, flow_.last);
  if (!entry) return false;
  flow_.parent_id = entry->parent;
  opening().announced = std::move(entry->context);
  start(entry->protocol, d);
  // Neither side's bytes say what they are: nothing is left to detect.
  const Direction other = opposite(d);
  flow_.app_proto_side[index(other)] = flow_.app_proto;
  flow_.detection_done[index(other)] = true;
  detected_[index(other)] = true;
  return true;
}

bool AppLayer::hold(Direction d, Bytes data) {
  auto& held = opening().held[index(d)];
  if (worker_.memory_full(data.size())) {
    refuse(d, data);
    return false;
  }
  held.insert(held.end(), data.begin(), data.end());
  worker_.memory(std::ssize(data));
  return true;
}

// A parser that begins in the middle would misread this side.
void AppLayer::refuse(Direction d, Bytes data) {
  drop_held(d, data.size());
  stopped_[index(d)] = true;
}

// Bytes that are lost to the parser to come: those that are held, and more.
void AppLayer::drop_held(Direction d, std::uint64_t more) {
  std::vector<std::byte>& held = opening().held[index(d)];
  opening_->lost[index(d)] += held.size() + more;
  worker_.memory(-std::ssize(held));
  held = {};
}

std::array<std::vector<std::byte>, 2> AppLayer::take_held() {
  std::array<std::vector<std::byte>, 2> out;
  if (opening_ == nullptr) return out;
  out.swap(opening_->held);
  worker_.memory(-std::ssize(out[0]) - std::ssize(out[1]));
  return out;
}

void AppLayer::detect(Direction d, Bytes data) {
  const std::size_t i = index(d);
  const std::size_t before = opening_ ? opening_->held[i].size() : 0;
  const bool done = flow_.detection_done[i];
  if (done && before + data.size() > kDetectLimit) return refuse(d, data);
  if (done) {
    if (opening_ == nullptr || opening_->lost[i] == 0) (void)hold(d, data);
    return;
  }
  // Nearly always the first piece tells, and nothing has to be held.
  Bytes first = data;
  if (before != 0) {
    if (!hold(d, data)) return give_up(d);
    first = opening_->held[i];
  }
  bool more = false;
  const Protocol* found = probe(d, first, more);
  if (found != nullptr) return found_by(d, *found, first);
  if ((before == 0 && !hold(d, data)) || !more || first.size() >= kDetectLimit) give_up(d);
}

// The protocol is known now: what both sides have said so far goes to its parser.
void AppLayer::found_by(Direction d, const Protocol& found, Bytes first) {
  start(static_cast<std::size_t>(std::ranges::find(protocols(), &found) - protocols().begin()), d);
  const std::array<std::vector<std::byte>, 2> held = take_held();
  std::array<Bytes, 2> said{held[0], held[1]};
  said[index(d)] = first;
  const Direction other = opposite(d);
  if (!said[index(other)].empty() && !flow_.detection_done[index(other)])
    lend(other, said[index(other)]);
  const Direction begins = found.server_first ? Direction::to_client : Direction::to_server;
  for (const Direction side : {begins, opposite(begins)})
    if (!said[index(side)].empty()) feed(side, said[index(side)]);
  for (const Direction side : {Direction::to_server, Direction::to_client})
    if (ended_[index(side)] && parser_) parser_->end(side);
  close_opening();
}

}  // namespace chieng::collector
