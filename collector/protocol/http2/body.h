// The data of one side of a stream: decoded as its headers say, for rules and as a file.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "collector/protocol/file_support/range_store.h"
#include "collector/protocol/file_support/tracked_file.h"
#include "collector/protocol/file_support/window.h"
#include "collector/protocol/http/decompress/content_coding.h"
#include "collector/protocol/parser.h"

namespace chieng::collector::http2 {

// Owned by its transaction. Bounded by the window's limit and the decoders' own.
class Body final : private http::DecodedSink {
 public:
  // encoding: the value of content-encoding, or empty. The limits of HTTP/1's bodies hold here as
  // well.
  Body(ParserHost& host, Direction direction, std::string_view encoding);

  // It is a part of a file: from that offset on, of that many bytes in all.
  void set_range(std::string host, std::string path, std::uint64_t offset, std::uint64_t end,
                 std::uint64_t size);

  // Each returns whether rules have something new to look at.
  bool data(Bytes data);
  bool gap(std::uint64_t bytes);
  bool finish();
  void report(const Transaction& tx, FileView::State state);

  [[nodiscard]] const TrackedFile& file() const { return file_; }
  [[nodiscard]] TrackedFile& file() { return file_; }
  [[nodiscard]] const InspectionWindow& window() const { return window_; }
  // The whole file, where this part of it was the last one that was missing.
  [[nodiscard]] const RangeFile* whole() const { return whole_.get(); }
  [[nodiscard]] bool failed() const { return chain_ && chain_->failed(); }
  [[nodiscard]] bool bomb() const { return chain_ && chain_->bomb(); }

 private:
  void decoded(Bytes data) override;
  [[nodiscard]] bool wants_more() const override { return true; }

  struct Range {
    std::string host, path;
    std::uint64_t offset = 0, size = 0;
  };

  ParserHost& host_;
  Direction direction_;
  TrackedFile file_;
  InspectionWindow window_;
  std::unique_ptr<http::DecodeChain> chain_;
  std::optional<Range> range_;
  std::unique_ptr<RangeFile> whole_;
  bool changed_ = false;
};

}  // namespace chieng::collector::http2
