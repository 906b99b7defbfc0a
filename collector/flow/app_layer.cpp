#include "collector/flow/app_layer.h"

#include <algorithm>
#include <iterator>

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
  if (failed_) return;
  // The beginning is not whole: what this side speaks can only be told by the other one.
  drop_held(d, bytes);
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
  for (std::size_t i = 0; i < 2; ++i) updated_[i] |= touched_[i];
  if (opening_ && opening_->change) apply_change();
}

void AppLayer::apply_change() {
  opening_->expected = std::exchange(opening_->change, std::nullopt);
  parser_.reset();
  frames_.reset();
  flow_.app_proto_original = flow_.app_proto;
  first_transaction_ = flow_.tx_count;
  failed_ = false;
  flow_.detection_done = {};
  stopped_ = {};
  const auto rest = std::exchange(opening_->passed_on, {});
  for (const Direction d : {Direction::to_server, Direction::to_client})
    position_[index(d)] -= rest[index(d)].size();
  if (opening_->expected->at_once) {
    const std::optional<Change> change = take_expected();
    flow_.app_proto = number_of(*change->next);
    protocol_ = static_cast<std::uint8_t>(flow_.app_proto.value - 2u);
    flow_.app_proto_side = {flow_.app_proto, flow_.app_proto};
    flow_.detection_done = {true, true};
    detected_[index(Direction::to_client)] = true;
    keep_frames(flow_.app_proto);
    parser_ = change->make(*this, flow_.app_proto);
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
  if (live_.size() >= worker_.settings.max_transactions) {
    const auto done =
        std::ranges::find_if(live_, [this](const Transaction* t) { return complete(*t); });
    ++worker_.counters.transactions_dropped;
    if (done != live_.end()) {
      report(**done);
      remove(**done);
    } else {
      // The parser may still hold every one of them: it must not run again.
      stopped_ = {true, true};
    }
  }
  ++worker_.counters.transactions;
  ++flow_.tx_count;
  tx->track.watcher = this;
  for (const Direction d : {Direction::to_server, Direction::to_client}) {
    touched_[index(d)] |= tx->revision(d) != 0;
    await(*tx, d);
  }
  live_.push_back(tx.get());
  owned_.push_back(std::move(tx));
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

bool AppLayer::finished(const Transaction& tx) const {
  if (!complete(tx)) return false;
  const auto seen = [&](Direction d) {
    return tx.track.inspected[index(d)] && tx.track.seen[index(d)] == tx.revision(d);
  };
  if (tx.one_sided()) return seen(tx.event_direction());
  return seen(Direction::to_server) && seen(Direction::to_client);
}

void AppLayer::report(Transaction& tx) {
  if (std::exchange(tx.track.reported, true) || worker_.observer == nullptr || tx.logging_disabled)
    return;
  worker_.observer->on_transaction(flow_, tx, packet());
}

void AppLayer::touched(Transaction& tx, Direction d) {
  touched_[index(d)] = true;
  await(tx, d);
}

void AppLayer::await(Transaction& tx, Direction d) {
  if (!std::exchange(tx.track.pending[index(d)], true)) pending_[index(d)].push_back(&tx);
}

void AppLayer::mark_inspected(Direction d) {
  const std::size_t i = index(d);
  updated_[i] = touched_[i] = false;
  for (Transaction* tx : pending_[i]) {
    tx->track.pending[i] = false;
    tx->track.inspected[i] = true;
    tx->track.seen[i] = tx->revision(d);
    if (!std::exchange(tx->track.candidate, true)) worker_.candidates.push_back(tx);
  }
  pending_[i].clear();
}

void AppLayer::inspected(std::array<bool, 2> sides) {
  for (const Direction d : {Direction::to_server, Direction::to_client})
    if (sides[index(d)]) mark_inspected(d);
  auto& candidates = worker_.candidates;
  if (candidates.empty()) return;
  if (candidates.size() > 1) {  // in the order of their creation
    candidates.clear();
    std::ranges::copy_if(live_, std::back_inserter(candidates),
                         [](const Transaction* tx) { return tx->track.candidate; });
  }
  for (Transaction* tx : candidates) {
    tx->track.candidate = false;
    if (complete(*tx)) report(*tx);
    if (finished(*tx)) remove(*tx);
  }
  candidates.clear();
}

void AppLayer::remove(Transaction& tx) {
  for (std::size_t i = 0; i < 2; ++i)
    if (tx.track.pending[i]) std::erase(pending_[i], &tx);
  const auto at = std::ranges::find(live_, &tx) - live_.begin();
  live_.erase(live_.begin() + at);
  owned_.erase(owned_.begin() + at);
}

void AppLayer::report_all() {
  for (Transaction* tx : live_) report(*tx);
}

AppLayer::Opening& AppLayer::opening() {
  if (opening_ == nullptr) opening_ = std::make_unique<Opening>();
  return *opening_;
}

void AppLayer::close_opening() {
  if (opening_ == nullptr || !flow_.detection_done[0] || !flow_.detection_done[1]) return;
  if (opening_->change || opening_->expected || opening_->announced) return;
  (void)take_held();
  opening_.reset();
}

std::optional<AppLayer::Change> AppLayer::take_expected() {
  if (opening_ == nullptr) return std::nullopt;
  return std::exchange(opening_->expected, std::nullopt);
}

}  // namespace chieng::collector
