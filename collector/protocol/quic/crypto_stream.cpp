#include "collector/protocol/quic/crypto_stream.h"

#include <algorithm>

namespace chieng::collector::quic {

bool CryptoStream::add(std::uint64_t offset, Bytes data) {
  if (data.empty()) return true;
  if (offset > kMaxBytes || data.size() > kMaxBytes - offset) return false;
  const auto begin = static_cast<std::size_t>(offset), end = begin + data.size();
  if (ranges_.size() >= kMaxRanges) return false;
  if (bytes_.size() < end) bytes_.resize(end);
  std::vector<Range> merged;
  Range whole{begin, end};
  std::size_t at = begin;  // of the part that is not filled yet
  const auto fill = [&](std::size_t to) {
    if (at < to)
      std::ranges::copy(as_text(data.subspan(at - begin, to - at)),
                        bytes_.begin() + static_cast<std::ptrdiff_t>(at));
  };
  for (const Range& r : ranges_) {
    if (r.end < whole.begin || r.begin > whole.end) {
      merged.push_back(r);
      continue;
    }
    fill(std::min(r.begin, end));
    at = std::max(at, r.end);
    whole = {std::min(whole.begin, r.begin), std::max(whole.end, r.end)};
  }
  fill(end);
  merged.push_back(whole);
  std::ranges::sort(merged, {}, &Range::begin);
  ranges_ = std::move(merged);
  return true;
}

Bytes CryptoStream::start() const {
  if (ranges_.empty() || ranges_.front().begin != 0) return {};
  return as_bytes(std::string_view(bytes_).substr(0, ranges_.front().end));
}

}  // namespace chieng::collector::quic
