// HTTP/2 as bytes, and a sensor that it is played to.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <utility>
#include <vector>

#include "tests/unit/collector/flow/recorder.h"

namespace chieng::collector::test {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

inline std::string h2_frame(int type, int flags, std::uint32_t stream, const std::string& payload) {
  std::string out;
  const auto byte = [&](std::uint32_t v) { out += static_cast<char>(v & 0xff); };
  const auto size = static_cast<std::uint32_t>(payload.size());
  byte(size >> 16), byte(size >> 8), byte(size);
  byte(static_cast<std::uint32_t>(type)), byte(static_cast<std::uint32_t>(flags));
  byte(stream >> 24), byte(stream >> 16), byte(stream >> 8), byte(stream);
  return out + payload;
}

// Literals that do not go into the table; names and values of at most 126 bytes.
inline std::string h2_block(const HeaderList& headers) {
  std::string out;
  for (const auto& [name, value] : headers) {
    out += '\0';
    out += static_cast<char>(name.size());
    out += name;
    out += static_cast<char>(value.size());
    out += value;
  }
  return out;
}

inline std::string h2_headers(std::uint32_t stream, const HeaderList& headers, bool end) {
  return h2_frame(1, end ? 5 : 4, stream, h2_block(headers));
}
inline std::string h2_data(std::uint32_t stream, const std::string& data, bool end) {
  return h2_frame(0, end ? 1 : 0, stream, data);
}

inline const std::string kClientPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

struct SeenFile {
  std::string name, sha256;
  std::uint64_t size = 0;
  FileView::State state = FileView::State::unknown;
};

// Sides are played in segments of at most `segment` bytes.
class H2Recorder final : public Recorder {
 public:
  using Recorder::Recorder;

  std::size_t segment = 1400;
  std::vector<SeenFile> files;
  std::vector<std::string> types;

  void on_file(const FlowView&, const Transaction*, const FileView& f, const PacketView*) override {
    files.push_back({std::string(f.name), std::string(f.sha256), f.size, f.state});
  }
  void on_transaction(const FlowView& flow, const Transaction& tx, const PacketView* p) override {
    types.emplace_back(tx.event_type());
    if (!tx.logging_disabled) Recorder::on_transaction(flow, tx, p);
  }
  void begin() {
    ends.dst_port = 8080;
    handshake();
  }
  H2Recorder& from_client(const std::string& data) { return play(true, data); }
  H2Recorder& from_server(const std::string& data) { return play(false, data); }
  void lose(bool from_client, std::uint32_t bytes) { sent_[from_client ? 0 : 1] += bytes; }
  void close() {
    client(sent_[0], "", sent_[1], tcp_flag::ack | tcp_flag::fin);
    server(sent_[1], "", sent_[0] + 1, tcp_flag::ack | tcp_flag::fin);
    client(sent_[0] + 1, "", sent_[1] + 1);
    sensor.finish();
  }
  [[nodiscard]] nlohmann::json event(std::size_t i) const {
    return nlohmann::json::parse(transactions.at(i));
  }

 private:
  H2Recorder& play(bool by_client, const std::string& data) {
    for (std::size_t at = 0; at < data.size(); at += segment) {
      const std::string part = data.substr(at, segment);
      if (by_client)
        client(sent_[0], part, sent_[1]);
      else
        server(sent_[1], part, sent_[0]);
      sent_[by_client ? 0 : 1] += static_cast<std::uint32_t>(part.size());
    }
    return *this;
  }
  std::array<std::uint32_t, 2> sent_{};
};

}  // namespace chieng::collector::test
