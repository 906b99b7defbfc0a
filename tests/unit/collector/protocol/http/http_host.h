// A flow for the HTTP parser under test: keeps every transaction, file and event.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "collector/protocol/http/http.h"
#include "collector/protocol/http/spec.h"
#include "core/inspect/transaction.h"

namespace chieng::collector::test {

class HttpHost final : public ParserHost, private FlowView {
 public:
  struct File {
    std::string name, sha256, md5;
    std::uint64_t size;
    FileView::State state;
    bool gaps;
    Direction direction;
    friend bool operator==(const File&, const File&) = default;
  };

  HttpHost() : parser_(kHttp.make(*this, AppProto{2})) { key.dst_port = 80; }
  explicit HttpHost(const SensorSettings& settings) : HttpHost() { settings_ = settings; }

  HttpHost& request(std::string_view text) { return feed(Direction::to_server, text); }
  HttpHost& response(std::string_view text) { return feed(Direction::to_client, text); }
  HttpHost& feed(Direction d, std::string_view text) {
    if (stopped_[index(d)] || changed_) return *this;
    parser_->data(d, as_bytes(text));
    collect();
    return *this;
  }
  HttpHost& in_pieces(Direction d, std::string_view text, std::size_t size) {
    for (std::size_t at = 0; at < text.size(); at += size) feed(d, text.substr(at, size));
    return *this;
  }
  HttpHost& gap(Direction d, std::uint64_t lost) {
    if (!stopped_[index(d)]) parser_->gap(d, lost);
    return *this;
  }
  HttpHost& end() {
    for (const Direction d : {Direction::to_server, Direction::to_client}) {
      parser_->end(d);
      collect();
    }
    return *this;
  }

  [[nodiscard]] std::size_t count() const { return owned_.size(); }
  [[nodiscard]] const Transaction& tx(std::size_t i = 0) const { return *owned_.at(i); }
  [[nodiscard]] std::optional<std::string> text(http::Buffer b, Direction d, std::size_t i = 0,
                                                std::uint32_t instance = 0) const {
    const auto slice = tx(i).buffer(static_cast<unsigned>(b), d, instance);
    if (!slice) return std::nullopt;
    return std::string(as_text(slice->data));
  }
  [[nodiscard]] std::string request_text(http::Buffer b, std::size_t i = 0) const {
    return text(b, Direction::to_server, i).value_or("(none)");
  }
  [[nodiscard]] std::string response_text(http::Buffer b, std::size_t i = 0) const {
    return text(b, Direction::to_client, i).value_or("(none)");
  }
  // All that rules were shown of a streaming buffer of the first transaction, windows put together.
  [[nodiscard]] std::string seen(Direction d) const { return seen_[index(d)]; }
  [[nodiscard]] std::string eve(std::size_t i = 0) const {
    std::string out;
    JsonWriter writer(out);
    tx(i).write(writer);
    return out;
  }
  [[nodiscard]] bool has_event(std::string_view name) const {
    return events_.contains(std::string(name));
  }
  [[nodiscard]] const std::set<std::string>& events() const { return events_; }
  [[nodiscard]] const std::vector<File>& files() const { return files_; }
  [[nodiscard]] bool changed_protocol() const { return changed_; }
  [[nodiscard]] bool is_stopped(Direction d) const { return stopped_[index(d)]; }
  SensorSettings& options() { return settings_; }

  // ParserHost
  [[nodiscard]] const SensorSettings& settings() const override { return settings_; }
  [[nodiscard]] const FlowView& flow() const override { return *this; }
  [[nodiscard]] const PacketView* packet() const override { return nullptr; }
  [[nodiscard]] std::uint64_t next_transaction_id() override { return owned_.size(); }
  Transaction* add(std::unique_ptr<Transaction> tx) override {
    owned_.push_back(std::move(tx));
    live_.push_back(owned_.back().get());
    return owned_.back().get();
  }
  void event(Transaction* tx, std::uint16_t number, Direction d) override {
    if (tx != nullptr) tx->add_event(number, d);
    events_.insert(std::string(http::kSpec.events[number]));
  }
  void inspect_raw(Direction) override {}
  void hide_payload(Direction) override {}
  void stop(Direction d) override { stopped_[index(d)] = true; }
  void change_protocol() override { changed_ = true; }
  void file(const Transaction*, const FileView& f) override {
    files_.push_back({std::string(f.name), std::string(f.sha256), std::string(f.md5), f.size,
                      f.state, f.gaps, f.direction});
  }

 private:
  [[nodiscard]] std::span<Transaction* const> transactions() const override { return live_; }

  void collect() {
    if (owned_.empty()) return;
    for (const Direction d : {Direction::to_server, Direction::to_client}) {
      const auto b =
          d == Direction::to_server ? http::Buffer::request_body : http::Buffer::response_body;
      const auto slice = owned_.front()->buffer(static_cast<unsigned>(b), d, 0);
      if (!slice || slice->generation == generation_[index(d)]) continue;
      generation_[index(d)] = slice->generation;
      std::string& seen = seen_[index(d)];
      seen.resize(std::min<std::size_t>(seen.size(), slice->offset));
      seen += as_text(slice->data);
    }
  }

  SensorSettings settings_;
  std::vector<std::unique_ptr<Transaction>> owned_;
  std::vector<Transaction*> live_;
  std::set<std::string> events_;
  std::vector<File> files_;
  std::array<bool, 2> stopped_{};
  bool changed_ = false;
  std::array<std::uint32_t, 2> generation_{};
  std::array<std::string, 2> seen_;
  std::unique_ptr<Parser> parser_;
};

}  // namespace chieng::collector::test
