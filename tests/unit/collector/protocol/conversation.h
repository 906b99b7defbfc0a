// Two sides that talk a protocol of lines, and what its parser makes of it.
#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "collector/protocol/parser.h"

namespace chieng::collector::test {

class Conversation final : public ParserHost, private FlowView {
 public:
  struct SeenFile {
    std::string name, md5, sha256;
    std::uint64_t size;
    FileView::State state;
    bool gaps;
  };
  struct SeenFrame {
    std::uint8_t type;
    std::uint64_t start, end;  // end: 0 where it was never told
    friend bool operator==(const SeenFrame&, const SeenFrame&) = default;
  };

  explicit Conversation(const Protocol& protocol) : protocol_(protocol) {
    settings_.files.md5 = true;
    parser_ = protocol.make(*this, AppProto{2});
  }

  Conversation& client(std::string_view text) { return data(Direction::to_server, text); }
  Conversation& server(std::string_view text) { return data(Direction::to_client, text); }
  // What the client says, and that the server agrees.
  Conversation& asks(std::string_view text, std::string_view answer = "250 ok\r\n") {
    return client(text).server(answer);
  }
  Conversation& lose(Direction d, std::uint64_t count) {
    parser_->gap(d, count);
    place_[index(d)] += count;
    return *this;
  }
  void end() {
    parser_->end(Direction::to_server);
    parser_->end(Direction::to_client);
  }
  // From here on, in pieces of that size.
  Conversation& in_pieces(std::size_t size) {
    piece_ = size;
    return *this;
  }

  [[nodiscard]] std::size_t count() const { return list_.size(); }
  template <typename T>
  [[nodiscard]] const T& tx(std::size_t n) const {
    return static_cast<const T&>(*list_.at(n));
  }
  [[nodiscard]] std::vector<std::string> events() const { return events_; }
  [[nodiscard]] bool has_event(std::string_view name) const {
    return std::ranges::find(events_, name) != events_.end();
  }
  [[nodiscard]] const std::vector<SeenFile>& files() const { return files_; }
  [[nodiscard]] const std::vector<SeenFrame>& frames(Direction d) const {
    return frames_[index(d)];
  }
  [[nodiscard]] bool has_changed() const { return changed_; }
  [[nodiscard]] std::string json(std::size_t n) const {
    std::string out;
    JsonWriter writer(out);
    writer.begin_object();
    list_.at(n)->write(writer);
    writer.end_object();
    return out;
  }
  [[nodiscard]] bool is_complete(std::size_t n) const {
    return list_.at(n)->progress(Direction::to_server) >= protocol_.spec->complete[0] &&
           list_.at(n)->progress(Direction::to_client) >= protocol_.spec->complete[1];
  }
  // A buffer by its rule name, "-" where it is absent.
  [[nodiscard]] std::string text(std::size_t n, std::string_view name,
                                 std::uint32_t instance = 0) const {
    for (unsigned b = 0; b < protocol_.spec->buffers.size(); ++b) {
      if (protocol_.spec->buffers[b].name != name) continue;
      const auto slice = list_.at(n)->buffer(b, Direction::to_server, instance);
      return slice ? std::string(as_text(slice->data)) : "-";
    }
    return "no such buffer";
  }

  // ParserHost
  [[nodiscard]] const SensorSettings& settings() const override { return settings_; }
  [[nodiscard]] const FlowView& flow() const override { return *this; }
  [[nodiscard]] const PacketView* packet() const override { return nullptr; }
  [[nodiscard]] std::uint64_t next_transaction_id() override { return list_.size(); }
  Transaction* add(std::unique_ptr<Transaction> tx) override {
    list_.push_back(std::move(tx));
    return list_.back().get();
  }
  void event(Transaction* tx, std::uint16_t number, Direction d) override {
    if (tx != nullptr) tx->add_event(number, d);
    events_.emplace_back(protocol_.spec->events[number]);
  }
  void inspect_raw(Direction) override {}
  void hide_payload(Direction) override {}
  void stop(Direction) override {}
  [[nodiscard]] std::uint64_t position(Direction d) const override { return place_[index(d)]; }
  std::uint64_t frame(Direction d, std::uint8_t type, std::uint64_t from,
                      std::optional<std::uint64_t> length, const Transaction*) override {
    frames_[index(d)].push_back({type, from, length ? from + *length : 0});
    return frames_[index(d)].size();
  }
  void end_frame(Direction d, std::uint64_t number, std::uint64_t until) override {
    frames_[index(d)].at(number - 1).end = until;
  }
  void change_protocol() override { changed_ = true; }
  void file(const Transaction*, const FileView& file) override {
    files_.push_back({std::string(file.name), std::string(file.md5), std::string(file.sha256),
                      file.size, file.state, file.gaps});
  }

 private:
  [[nodiscard]] std::span<Transaction* const> transactions() const override { return {}; }
  Conversation& data(Direction d, std::string_view text) {
    while (!text.empty()) {
      // In memory of its own, so that a read beyond its end shows.
      const std::string_view now = text.substr(0, piece_);
      const std::vector<char> copy(now.begin(), now.end());
      parser_->data(d, as_bytes(std::string_view(copy.data(), copy.size())));
      text.remove_prefix(now.size());
      place_[index(d)] += now.size();
    }
    return *this;
  }

  const Protocol& protocol_;
  SensorSettings settings_;
  std::vector<std::unique_ptr<Transaction>> list_;
  std::vector<std::string> events_;
  std::vector<SeenFile> files_;
  std::array<std::vector<SeenFrame>, 2> frames_;
  std::array<std::uint64_t, 2> place_{};
  std::unique_ptr<Parser> parser_;
  std::size_t piece_ = std::string_view::npos;
  bool changed_ = false;
};

}  // namespace chieng::collector::test
