// A stream of HTTP/2, or a frame that concerns the whole connection (stream 0).
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "collector/protocol/dns/transaction.h"
#include "collector/protocol/http2/body.h"
#include "collector/protocol/http2/frame.h"
#include "collector/protocol/http2/hpack.h"
#include "collector/protocol/http2/spec.h"
#include "core/inspect/transaction.h"

namespace chieng::collector::http2 {

// A number that a frame brought: an error code, a weight, a window's increment.
struct FrameValue {
  std::uint32_t value = 0;
  std::uint32_t frame = 0;  // position among the side's frames
  bool goaway = false;      // an error code of GOAWAY, which EVE spells in capitals
};

// What one side has sent. Bounded: kMostFrames of each list, kMostHeaderBytes of headers.
struct StreamSide {
  static constexpr std::size_t kMostFrames = 4096, kMostHeaderBytes = std::size_t{512} << 10;

  std::vector<std::uint8_t> frames;  // types
  std::vector<Setting> settings;
  std::vector<FrameValue> errors, priorities, windows;
  std::vector<std::uint64_t> size_updates;
  std::vector<Field> fields;
  std::size_t header_bytes = 0;
  bool ended = false;  // END_STREAM
  std::unique_ptr<Body> body;
  std::optional<std::string> dns;  // the bytes of a DNS message, where the body is one
};

// Owned by its flow; the parser fills it until it is complete.
class Http2Transaction final : public Transaction {
 public:
  Http2Transaction(AppProto proto, std::uint64_t id, std::uint32_t stream)
      : Transaction(proto, id), stream_(stream) {}

  [[nodiscard]] std::optional<BufferSlice> buffer(unsigned local, Direction d,
                                                  std::uint32_t instance) const override;
  [[nodiscard]] std::optional<std::uint64_t> integer(unsigned local, Direction d,
                                                     std::uint32_t instance) const override;
  [[nodiscard]] std::optional<Place> place(unsigned local, Direction d,
                                           std::uint32_t instance) const override;
  void write(JsonWriter& out) const override;
  [[nodiscard]] std::optional<FileView> file(std::uint32_t number) const override;
  // A frame of the whole connection has one side only.
  [[nodiscard]] bool one_sided() const override { return stream_ == 0; }
  [[nodiscard]] Direction event_direction() const override {
    return stream_ == 0 && sides_[0].frames.empty() ? Direction::to_client : Direction::to_server;
  }
  [[nodiscard]] std::string_view event_type() const override { return has_dns() ? "dns" : "http"; }

  [[nodiscard]] std::uint32_t stream() const { return stream_; }
  [[nodiscard]] StreamSide& side(Direction d) { return sides_[index(d)]; }
  [[nodiscard]] const StreamSide& side(Direction d) const { return sides_[index(d)]; }
  void add_fields(Direction d, std::vector<Field> fields);
  void advance(Direction d, Progress p);
  // RST_STREAM came: frames that were under way may follow.
  void set_reset() { reset_ = true; }
  [[nodiscard]] bool is_reset() const { return reset_; }
  // Gives it its event once there is anything to say of it beyond its number.
  void check_worth();
  // The value of a header, by its exact name; several are joined.
  [[nodiscard]] std::optional<std::string_view> header(Direction d, std::string_view name) const;

  // DNS over HTTP/2: from the headers that say so on; `proto` has the buffers of DNS as well.
  void carry_dns(AppProto proto) {
    set_proto(proto);
    is_doh_ = true;
  }
  [[nodiscard]] bool carries_dns() const { return is_doh_; }
  void set_dns(Direction d, dns::Message message);
  [[nodiscard]] bool has_dns() const { return dns_[0] || dns_[1]; }

 private:
  struct Views {  // made on demand; of one side
    bool made = false;
    std::string header, raw, names, first_line, host;
    std::vector<std::pair<std::string, std::string>> joined;  // by name, in order of appearance
  };
  [[nodiscard]] const Views& views(Direction d) const;
  [[nodiscard]] std::optional<BufferSlice> header_value(Buffer b, Direction d) const;
  [[nodiscard]] std::optional<BufferSlice> request_value(Buffer b) const;
  [[nodiscard]] std::optional<BufferSlice> field_buffer(Buffer b, Direction d,
                                                        std::uint32_t instance) const;
  [[nodiscard]] std::optional<BufferSlice> file_buffer(Buffer b, Direction d,
                                                       std::uint32_t instance) const;

  std::uint32_t stream_;
  bool is_doh_ = false, worth_ = false, reset_ = false;
  std::array<StreamSide, 2> sides_;
  std::array<std::unique_ptr<dns::DnsTransaction>, 2> dns_;
  mutable std::array<Views, 2> views_;
  mutable std::string line_;  // the last instance of a header line that was asked for
};

}  // namespace chieng::collector::http2
