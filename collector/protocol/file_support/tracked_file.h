// A file on its way through a transfer: counts and hashes what arrives, and tells the flow when it
// is over.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "collector/protocol/parser.h"
#include "core/hash/digest.h"

namespace chieng::collector {

// Owned by a transaction; keeps no content. Ended once: by finish, or never (then it was never
// reported).
class TrackedFile {
 public:
  TrackedFile(std::string name, Direction direction, const FileSettings& settings);

  void update(Bytes data);
  void gap(std::uint64_t bytes);  // lost bytes: counted in the size, no hash any more
  void finish(ParserHost& host, const Transaction& tx, FileView::State state);

  // As it is now; unknown while it is not over.
  [[nodiscard]] FileView view(const Transaction& tx) const;
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] bool ended() const { return ended_; }
  // In lower-case hexadecimal; empty where it is not computed, or the file is not whole.
  [[nodiscard]] const std::string& hash(DigestKind kind) const {
    return kind == DigestKind::md5 ? md5_hex_ : kind == DigestKind::sha1 ? sha1_hex_ : sha256_hex_;
  }
  void set_range(std::uint64_t start, std::uint64_t end) { range_ = Range{start, end}; }

 private:
  struct Range {
    std::uint64_t start, end;
  };

  std::string name_;
  Direction direction_;
  std::uint64_t size_ = 0;
  bool gaps_ = false, ended_ = false;
  FileView::State state_ = FileView::State::unknown;
  std::optional<Digest> md5_, sha1_, sha256_;
  std::string md5_hex_, sha1_hex_, sha256_hex_;
  std::optional<Range> range_;
};

}  // namespace chieng::collector
