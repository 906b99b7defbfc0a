// A message body on its way: de-chunked bytes come in, are decoded, and go to the rules' window and
// the files.
#pragma once

#include <optional>
#include <string>

#include "collector/protocol/http/connection.h"
#include "collector/protocol/http/decompress/content_coding.h"
#include "collector/protocol/http/multipart.h"

namespace chieng::collector::http {

// One side's body; started anew for each message. Must not outlive the connection. The transaction
// has to live from start to finish, which it does while that side is incomplete.
class Body final : private DecodedSink, private PartSink {
 public:
  Body(Connection& connection, Direction direction)
      : connection_(connection), direction_(direction) {}

  void start(HttpTransaction& tx, bool decode);
  void data(Bytes data);
  void gap(std::uint64_t bytes);
  void finish(FileView::State state);

 private:
  void decoded(Bytes data) override;
  [[nodiscard]] bool wants_more() const override { return true; }
  void file_begins(std::string name) override;
  void file_data(Bytes data) override;
  void file_ends(bool whole) override;
  void bad_part() override;

  [[nodiscard]] Message& message() { return tx_->message(direction_); }
  [[nodiscard]] bool is_file() const;
  void open_file();
  void add_to_range(Bytes data);
  void start_decoding();
  void report_decoding();

  Connection& connection_;
  Direction direction_;
  HttpTransaction* tx_ = nullptr;
  std::optional<DecodeChain> chain_;
  std::optional<MultipartReader> parts_;
  bool file_open_ = false, part_open_ = false;
  std::optional<std::uint64_t> range_at_;  // where the next byte belongs in the whole file
  std::uint64_t range_size_ = 0;
};

}  // namespace chieng::collector::http
