// Feeds a protocol's parser pieces in both directions, gaps and ends, as fuzz input says, and reads
// everything that its transactions offer, so that a wild pointer or an endless instance list shows.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "collector/protocol/parser.h"
#include "core/bytes/reader.h"

namespace chieng::fuzz {

class FlowStub final : public FlowView {
 public:
  [[nodiscard]] std::span<Transaction* const> transactions() const override { return {}; }
};

class ParserDriver final : public collector::ParserHost {
 public:
  ParserDriver(const collector::Protocol& protocol, std::uint8_t transport) : protocol_(protocol) {
    flow_.key.proto = transport;
    parser_ = protocol.make(*this, AppProto{2});
  }

  // Each step: a byte of what to do (bit 0: direction, bits 1-2: data, gap, end) and two of how
  // many bytes.
  void run(Bytes input) {
    Reader in(input);
    while (!in.at_end()) {
      const std::uint8_t what = in.u8();
      const std::uint16_t size = in.u16();
      const auto d = static_cast<Direction>(what & 1);
      if (!in.ok() || stopped_[index(d)]) continue;
      if ((what & 6) == 2)
        parser_->gap(d, size);
      else if ((what & 6) == 4)
        end(d);
      else
        parser_->data(d, in.take(std::min<std::size_t>(size, in.remaining())));
    }
    end(Direction::to_server);
    end(Direction::to_client);
    for (const auto& tx : transactions_) read(*tx);
  }

  [[nodiscard]] const collector::SensorSettings& settings() const override { return settings_; }
  [[nodiscard]] const FlowView& flow() const override { return flow_; }
  [[nodiscard]] const PacketView* packet() const override { return nullptr; }
  [[nodiscard]] std::uint64_t next_transaction_id() override { return transactions_.size(); }
  Transaction* add(std::unique_ptr<Transaction> tx) override {
    transactions_.push_back(std::move(tx));
    if (transactions_.size() > 1024) stopped_ = {true, true};
    return transactions_.back().get();
  }
  void event(Transaction* tx, std::uint16_t number, Direction d) override {
    if (number >= protocol_.spec->events.size()) __builtin_trap();
    if (tx != nullptr) tx->add_event(number, d);
  }
  void inspect_raw(Direction) override {}
  void hide_payload(Direction) override {}
  void stop(Direction d) override { stopped_[index(d)] = true; }
  void change_protocol() override { stopped_ = {true, true}; }
  void file(const Transaction*, const FileView&) override {}

 private:
  void end(Direction d) {
    if (stopped_[index(d)]) return;
    parser_->end(d);
    stopped_[index(d)] = true;
  }
  void read(const Transaction& tx) {
    for (const Direction d : {Direction::to_server, Direction::to_client}) {
      for (unsigned b = 0; b < protocol_.spec->buffers.size(); ++b) {
        const bool multi = protocol_.spec->buffers[b].multi;
        for (std::uint32_t i = 0; i < (multi ? 64u : 1u); ++i) {
          const auto slice = tx.buffer(b, d, i);
          if (!slice) break;
          for (const std::byte byte : slice->data) sum_ = sum_ + std::to_integer<unsigned>(byte);
        }
      }
      for (unsigned n = 0; n < protocol_.spec->integers.size(); ++n)
        sum_ = sum_ + tx.integer(n, d, 0).value_or(0);
    }
    json_.clear();
    JsonWriter out(json_);
    tx.write(out);
  }

  const collector::Protocol& protocol_;
  collector::SensorSettings settings_;
  FlowStub flow_;
  std::vector<std::unique_ptr<Transaction>> transactions_;
  std::unique_ptr<collector::Parser> parser_;
  std::array<bool, 2> stopped_{};
  std::string json_;
  volatile std::uint64_t sum_ = 0;
};

}  // namespace chieng::fuzz
