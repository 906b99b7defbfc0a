// A request with its response.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/protocol/file_support/tracked_file.h"
#include "collector/protocol/file_support/window.h"
#include "collector/protocol/http/headers.h"
#include "collector/protocol/http/spec.h"
#include "core/inspect/transaction.h"

namespace chieng::collector::http {

inline constexpr std::string_view kRequestNotSeen = "/libhtp::request_uri_not_seen";
inline constexpr std::size_t kMaxFiles = 64;  // of one side of a transaction

// A file that one side carries. Its window is the body's own where the body is the file.
struct HttpFile {
  TrackedFile tracked;
  std::optional<InspectionWindow> own_window;  // of a multipart body's part
};

// One side. Bounded by the limits of its parts.
struct Message {
  bool seen = false;
  PooledString line;  // first line without its end
  std::string_view protocol_text() const {
    return std::string_view(line).substr(protocol_at, protocol_size);
  }
  std::size_t protocol_at = 0, protocol_size = 0;
  Headers headers;
  InspectionWindow body;
  std::uint64_t length = 0;  // of the body: without chunking, before decoding
  PooledVector<HttpFile> files;
};

// Owned by its flow; the parser fills it. Bounded by its messages' limits.
class HttpTransaction final : public Transaction {
 public:
  using Transaction::Transaction;

  [[nodiscard]] std::optional<BufferSlice> buffer(unsigned local, Direction d,
                                                  std::uint32_t instance) const override;
  [[nodiscard]] std::optional<std::uint64_t> integer(unsigned local, Direction d,
                                                     std::uint32_t instance) const override;
  void write(JsonWriter& out) const override;
  [[nodiscard]] std::optional<FileView> file(std::uint32_t number) const override;

  [[nodiscard]] Message& message(Direction d) { return messages_[index(d)]; }
  [[nodiscard]] const Message& message(Direction d) const { return messages_[index(d)]; }
  void advance(Direction d, Progress p);
  [[nodiscard]] bool at_least(Direction d, Progress p) const;

  // Of the request line
  PooledString method, uri_raw, uri, path;
  bool no_protocol = false;  // HTTP/0.9
  // From the target or the Host header
  PooledString host, host_raw;
  std::optional<int> port;
  // Of the status line
  PooledString status_text, reason;
  int status = 0;  // 0: not a number from 100 to 999

 private:
  [[nodiscard]] std::optional<BufferSlice> request_buffer(Buffer b) const;
  [[nodiscard]] std::optional<BufferSlice> response_buffer(Buffer b) const;
  [[nodiscard]] std::optional<BufferSlice> header_buffer(Buffer b, Direction d,
                                                         std::uint32_t instance) const;
  [[nodiscard]] std::optional<BufferSlice> header_value(Buffer b, Direction d) const;
  [[nodiscard]] std::optional<BufferSlice> file_buffer(Buffer b, Direction d,
                                                       std::uint32_t instance) const;

  std::array<Message, 2> messages_;
  mutable std::array<PooledString, 2> start_;  // http.start, made on first demand
};

}  // namespace chieng::collector::http
