#include "transport/spool/scanner.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "core/hash/crc32c.h"

namespace chieng {
namespace {

constexpr std::size_t kBlockBytes = 262'144;

// As much of [offset, offset + size) as the file has.
void read_at(int fd, std::uint64_t offset, std::size_t size, std::string& out) {
  out.resize(size);
  std::size_t have = 0;
  while (have < size) {
    const ssize_t n =
        ::pread(fd, out.data() + have, size - have, static_cast<off_t>(offset + have));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;  // an unreadable sector is damage like any other
    have += static_cast<std::size_t>(n);
  }
  out.resize(have);
}

bool all_zero(Bytes bytes) {
  return std::ranges::all_of(bytes, [](std::byte b) { return b == std::byte{0}; });
}

}  // namespace

Bytes RecordScanner::look(std::uint64_t offset, std::size_t size) {
  if (offset >= end_) return {};
  size = static_cast<std::size_t>(std::min<std::uint64_t>(size, end_ - offset));
  if (offset < block_at_ || offset + size > block_at_ + block_.size()) {
    const auto block = static_cast<std::size_t>(
        std::min<std::uint64_t>(std::max(size, kBlockBytes), end_ - offset));
    read_at(fd_, offset, block, block_);
    block_at_ = offset;
  }
  const std::size_t start = static_cast<std::size_t>(offset - block_at_);
  const Bytes have = as_bytes(block_);
  return start >= have.size() ? Bytes{} : have.subspan(start, std::min(size, have.size() - start));
}

std::optional<RecordScanner::Found> RecordScanner::next() {
  bool skipped = false;
  while (at_ + kRecordHeaderBytes <= end_) {
    const Bytes bytes = look(at_, kRecordHeaderBytes);
    if (bytes.size() < kRecordHeaderBytes) break;
    if (const auto header = decode_record_header(bytes)) {
      Found found{at_, *header, skipped};
      at_ = found.end();
      return found;
    }
    if (!all_zero(bytes.first(8))) damage_ = true;
    skipped = true;
    at_ += 8;
  }
  return std::nullopt;
}

bool RecordScanner::body(const Found& found, std::string& out) {
  const Bytes bytes = look(found.offset + kRecordHeaderBytes, found.header.body_bytes);
  if (bytes.size() != found.header.body_bytes || crc32c(bytes) != found.header.body_crc)
    return false;
  out.assign(as_text(bytes));
  return true;
}

}  // namespace chieng
