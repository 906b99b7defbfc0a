#include "collector/flow/app_layer.h"

#include <algorithm>

#include "collector/flow/raw_window.h"

namespace chieng::collector {

const ProtocolSpec* AppLayer::spec(const Transaction& tx) const {
  const std::size_t position = tx.proto().value - 2u;
  return position < protocols().size() ? protocols()[position]->spec : nullptr;
}

void AppLayer::feed(Direction d, Bytes data) {
  if (stopped_[index(d)] || !parser_) return;
  const bool stream = transport_ == TransportMask::tcp;
  if (frames_ && stream) frames_->data(d, data);
  if (frames_ && !stream) frames_->datagram(d, data);
  parser_->data(d, data);
  if (stream) position_[index(d)] += data.size();
  after_call();
}

std::uint64_t AppLayer::frame(Direction d, std::uint8_t type, std::uint64_t start,
                              std::optional<std::uint64_t> length, const Transaction* tx) {
  if (!frames_) return 0;
  return frames_->open(d, type, start, length,
                       tx != nullptr ? std::optional(tx->id()) : std::nullopt);
}

void AppLayer::end_frame(Direction d, std::uint64_t id, std::uint64_t end) {
  if (frames_) frames_->close(d, id, end);
}

void AppLayer::data(Direction d, Bytes data) {
  if (parser_ || start_expected(d)) {
    if (!flow_.detection_done[index(d)]) lend(d, data);
    feed(d, data);
  } else if (!failed_ && !stopped_[index(d)]) {
    detect(d, data);
  }
}

void AppLayer::datagram(Direction d, Bytes data) {
  if (data.empty()) return;
  if (!parser_ && !start_expected(d) && !flow_.detection_done[index(d)]) {
    bool more = false;
    const Protocol* found = probe(d, data, more);
    if (found == nullptr) return give_up(d);
    start(static_cast<std::size_t>(std::ranges::find(protocols(), found) - protocols().begin()), d);
  }
  if (parser_ && !flow_.detection_done[index(d)]) lend(d, data);
  feed(d, data);
}

void AppLayer::gap(Direction d, std::uint64_t bytes) {
  if (parser_) {
    if (stopped_[index(d)]) return;
    if (frames_) frames_->gap(d, bytes);
    parser_->gap(d, bytes);
    position_[index(d)] += bytes;
    after_call();
    return;
  }
  // The beginning is not whole: what this side speaks can only be told by the other one.
  lost_[index(d)] += held_[index(d)].size() + bytes;
  held_[index(d)].clear();
  if (!flow_.detection_done[index(d)]) give_up(d);
}

void AppLayer::end(Direction d) {
  if (std::exchange(ended_[index(d)], true)) return;
  if (frames_) frames_->end(d);
  if (!parser_) return;
  if (!stopped_[index(d)]) {
    parser_->end(d);
    after_call();
  }
  updated_[index(d)] = true;
}

void AppLayer::after_call() {
  for (const Direction d : {Direction::to_server, Direction::to_client}) {
    bool changed = false;
    for (const Slot& slot : slots_) changed |= slot.tx->revision(d) != slot.seen[index(d)];
    updated_[index(d)] |= changed;
  }
  if (change_) apply_change();
}

void AppLayer::apply_change() {
  expected_ = std::exchange(change_, std::nullopt);
  parser_.reset();
  frames_.reset();
  flow_.app_proto_original = flow_.app_proto;
  first_transaction_ = flow_.tx_count;
  failed_ = false;
  flow_.detection_done = {};
  stopped_ = {};
  const auto rest = std::exchange(passed_on_, {});
  for (const Direction d : {Direction::to_server, Direction::to_client})
    position_[index(d)] -= rest[index(d)].size();
  if (expected_->at_once) {
    flow_.app_proto = number_of(*expected_->next);
    protocol_ = flow_.app_proto.value - 2u;
    flow_.app_proto_side = {flow_.app_proto, flow_.app_proto};
    flow_.detection_done = {true, true};
    detected_[index(Direction::to_client)] = true;
    keep_frames(flow_.app_proto);
    parser_ = std::exchange(expected_, std::nullopt)->make(*this, flow_.app_proto);
  }
  for (const Direction d : {Direction::to_server, Direction::to_client})
    if (!rest[index(d)].empty()) data(d, rest[index(d)]);
}

void AppLayer::rename_protocol(const Protocol& protocol) {
  const AppProto now = number_of(protocol);
  if (flow_.app_proto == now) return;
  if (!flow_.app_proto_original.is_known()) flow_.app_proto_original = flow_.app_proto;
  flow_.app_proto = now;
  flow_.app_proto_side = {now, now};
}

Transaction* AppLayer::add(std::unique_ptr<Transaction> tx) {
  if (slots_.size() >= worker_.settings.max_transactions) {
    const auto done =
        std::ranges::find_if(slots_, [this](const Slot& s) { return complete(*s.tx); });
    ++worker_.counters.transactions_dropped;
    if (done != slots_.end()) {
      report(*done);
      live_.erase(live_.begin() + (done - slots_.begin()));
      slots_.erase(done);
    } else {
      // The parser may still hold every one of them: it must not run again.
      stopped_ = {true, true};
    }
  }
  ++worker_.counters.transactions;
  ++flow_.tx_count;
  live_.push_back(tx.get());
  slots_.push_back(Slot{.tx = std::move(tx), .seen = {}, .inspected = {}});
  return live_.back();
}

void AppLayer::event(Transaction* tx, std::uint16_t number, Direction d) {
  ++worker_.counters.app_events;
  if (tx != nullptr) tx->add_event(number, d);
  if (worker_.observer == nullptr || protocol_ >= protocols().size()) return;
  const ProtocolSpec& s = *protocols()[protocol_]->spec;
  if (number < s.events.size())
    worker_.observer->on_app_event(flow_, tx, s.events[number], "proto_parser", packet());
}

void AppLayer::inspect_raw(Direction d) {
  if (raw_ != nullptr) raw_[index(d)].request();
}

void AppLayer::hide_payload(Direction d) {
  inspect_raw(d);
  flow_.payload_hidden[index(d)] = true;
}

void AppLayer::expect(const ExpectedFlow& flow) {
  const auto at = std::ranges::find(protocols(), flow.protocol);
  if (at == protocols().end()) return;
  worker_.expectations.add(flow_.key, flow_.id, flow,
                           static_cast<std::size_t>(at - protocols().begin()), flow_.last);
}

void AppLayer::file(const Transaction* tx, const FileView& file) {
  if (worker_.observer != nullptr) worker_.observer->on_file(flow_, tx, file, packet());
}

bool AppLayer::complete(const Transaction& tx) const {
  const ProtocolSpec* s = spec(tx);
  return s == nullptr || (tx.progress(Direction::to_server) >= s->complete[0] &&
                          tx.progress(Direction::to_client) >= s->complete[1]);
}

bool AppLayer::finished(const Slot& slot) const {
  const Transaction& tx = *slot.tx;
  if (!complete(tx)) return false;
  const auto seen = [&](Direction d) {
    return slot.inspected[index(d)] && slot.seen[index(d)] == tx.revision(d);
  };
  if (tx.one_sided()) return seen(tx.event_direction());
  return seen(Direction::to_server) && seen(Direction::to_client);
}

void AppLayer::report(Slot& slot) {
  if (std::exchange(slot.reported, true) || worker_.observer == nullptr ||
      slot.tx->logging_disabled)
    return;
  worker_.observer->on_transaction(flow_, *slot.tx, packet());
}

void AppLayer::inspected(std::array<bool, 2> sides) {
  bool any = false;
  for (const Direction d : {Direction::to_server, Direction::to_client}) {
    if (!sides[index(d)]) continue;
    updated_[index(d)] = false;
    for (Slot& slot : slots_) {
      slot.inspected[index(d)] = true;
      slot.seen[index(d)] = slot.tx->revision(d);
    }
  }
  for (Slot& slot : slots_) {
    if (!slot.reported && complete(*slot.tx)) report(slot);
    any |= finished(slot);
  }
  if (any) remove_finished();
}

void AppLayer::remove_finished() {
  std::erase_if(slots_, [this](const Slot& slot) { return finished(slot); });
  live_.clear();
  for (const Slot& slot : slots_) live_.push_back(slot.tx.get());
}

void AppLayer::report_all() {
  for (Slot& slot : slots_) report(slot);
}

}  // namespace chieng::collector
