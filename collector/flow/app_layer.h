// The application layer of one flow: finds the protocol, feeds its parser, and keeps the
// transactions until rules and events have had them.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "collector/flow/frames.h"
#include "collector/flow/worker.h"
#include "collector/protocol/parser.h"

namespace chieng::collector {

class RawWindow;

// Lives with its flow. Bounded: kDetectLimit bytes a direction until the protocol is known, and
// SensorSettings::max_transactions; the parser states its own bound. What is held until the
// protocol is known counts towards StreamSettings::memory.
class AppLayer final : public ParserHost, private TransactionWatcher, public Pooled {
 public:
  static constexpr std::size_t kDetectLimit = 4096;

  // flow outlives this object. raw: the flow's windows of raw bytes, null but for TCP.
  AppLayer(Worker& worker, FlowView& flow, RawWindow* raw, TransportMask transport)
      : worker_(worker), flow_(flow), raw_(raw), transport_(transport) {}
  ~AppLayer() override { (void)take_held(); }

  void data(Direction d, Bytes data);      // TCP, in order
  void datagram(Direction d, Bytes data);  // UDP
  void gap(Direction d, std::uint64_t bytes);
  void end(Direction d);

  [[nodiscard]] std::span<Transaction* const> transactions() const { return live_; }
  // Something changed in that direction since the last packet in it was inspected.
  [[nodiscard]] bool is_updated(Direction d) const { return updated_[index(d)]; }
  [[nodiscard]] bool take_detected(Direction d) {
    return std::exchange(detected_[index(d)], false);
  }
  // After an Inspection: reports and frees what is finished. sides: what it had, by direction.
  void inspected(std::array<bool, 2> sides);
  // Nothing more will come of it: what the flow speaks is not known, and will not be.
  [[nodiscard]] bool is_over() const {
    return !parser_ && live_.empty() && !opening_ && !frames_ && !detected_[0] && !detected_[1] &&
           (failed_ || transport_ == TransportMask::udp);
  }
  // At the end of the flow: reports everything that is left.
  void report_all();

  // ParserHost
  [[nodiscard]] const SensorSettings& settings() const override { return worker_.settings; }
  [[nodiscard]] const FlowView& flow() const override { return flow_; }
  [[nodiscard]] const PacketView* packet() const override { return worker_.packet(); }
  [[nodiscard]] std::uint64_t next_transaction_id() override {
    return flow_.tx_count - first_transaction_;
  }
  Transaction* add(std::unique_ptr<Transaction> tx) override;
  void event(Transaction* tx, std::uint16_t number, Direction d) override;
  void inspect_raw(Direction d) override;
  void hide_payload(Direction d) override;
  void stop(Direction d) override { stopped_[index(d)] = true; }
  [[nodiscard]] std::uint64_t position(Direction d) const override { return position_[index(d)]; }
  std::uint64_t frame(Direction d, std::uint8_t type, std::uint64_t start,
                      std::optional<std::uint64_t> length, const Transaction* tx) override;
  void end_frame(Direction d, std::uint64_t id, std::uint64_t end) override;

  // Null where nobody looks at frames of the flow's protocol.
  [[nodiscard]] FrameStore* frames() { return frames_.get(); }
  void change_protocol() override { opening().change = Change{}; }
  void change_protocol_to(const Protocol& next, MakeParser make) override {
    opening().change = Change{&next, std::move(make), false};
  }
  void become(const Protocol& next, MakeParser make) override {
    opening().change = Change{&next, std::move(make), true};
  }
  void pass_on(Direction d, Bytes rest) override {
    opening().passed_on[index(d)].assign(rest.begin(), rest.end());
  }
  void rename_protocol(const Protocol& protocol) override;
  [[nodiscard]] RangeStore* ranges() override { return &worker_.ranges; }
  void expect(const ExpectedFlow& flow) override;
  [[nodiscard]] const ExpectedContext* expected() const override {
    return opening_ ? opening_->announced.get() : nullptr;
  }
  void file(const Transaction* tx, const FileView& file) override;

 private:
  struct Change {                    // of the protocol
    const Protocol* next = nullptr;  // that is to follow, where one is known
    MakeParser make = {};
    bool at_once = false;
  };
  struct Opening {  // what is needed only until the protocol is known, or while it changes
    std::array<std::vector<std::byte>, 2> held;
    std::array<std::uint64_t, 2> lost{};     // before the protocol was known
    std::optional<Change> change, expected;  // asked for in this call; under way
    std::array<std::vector<std::byte>, 2> passed_on;
    std::shared_ptr<const ExpectedContext> announced;
  };
  [[nodiscard]] Opening& opening();
  // Lets it go when nothing is left to tell.
  void close_opening();
  bool hold(Direction d, Bytes data);
  void refuse(Direction d, Bytes data);
  void drop_held(Direction d, std::uint64_t more);
  void found_by(Direction d, const Protocol& found, Bytes first);
  [[nodiscard]] std::array<std::vector<std::byte>, 2> take_held();
  [[nodiscard]] std::optional<Change> take_expected();
  [[nodiscard]] const Protocol* probe(Direction d, Bytes data, bool& more) const;
  [[nodiscard]] bool port_hint(const Protocol& protocol) const;
  void detect(Direction d, Bytes data);
  // Whether the flow was announced; its parser is there then.
  bool start_expected(Direction d);
  void start(std::size_t position, Direction d);
  void keep_frames(AppProto proto);
  void give_up(Direction d);
  void report_failed_change();
  void report_missed_change(const Change& expected);
  void apply_change();
  void lend(Direction d, Bytes first);
  void feed(Direction d, Bytes data);
  void after_call();
  void detection_event(PacketEvent e);
  [[nodiscard]] const ProtocolSpec* spec(const Transaction& tx) const;
  [[nodiscard]] bool complete(const Transaction& tx) const;
  [[nodiscard]] bool finished(const Transaction& tx) const;
  void report(Transaction& tx);
  void touched(Transaction& tx, Direction d) override;
  void await(Transaction& tx, Direction d);
  void mark_inspected(Direction d);
  void remove(Transaction& tx);

  Worker& worker_;
  FlowView& flow_;
  RawWindow* raw_;
  TransportMask transport_;
  std::uint8_t protocol_ = 0;  // position in protocols(), where there is a parser
  bool failed_ = false;
  std::array<bool, 2> stopped_{}, ended_{}, detected_{}, updated_{};
  std::array<bool, 2> touched_{};        // a transaction changed since it was inspected
  std::uint32_t first_transaction_ = 0;  // of the present protocol, in the flow
  std::unique_ptr<Opening> opening_;
  std::unique_ptr<Parser> parser_;
  std::array<std::uint64_t, 2> position_{};  // in the stream, of what the parser gets next
  std::unique_ptr<FrameStore> frames_;
  PooledVector<std::unique_ptr<Transaction>> owned_;
  PooledVector<Transaction*> live_;                    // the same, for FlowView
  std::array<PooledVector<Transaction*>, 2> pending_;  // that rules have to see, by direction
};

}  // namespace chieng::collector
