#include "transport/spool/segment_list.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "core/file/file.h"

namespace chieng {
namespace fs = std::filesystem;

Status SegmentList::refresh() {
  std::error_code error;
  std::vector<std::uint64_t> ids;
  for (fs::directory_iterator it(folder_, error), end; !error && it != end; it.increment(error))
    if (const auto id = parse_segment_name(it->path().filename().native())) ids.push_back(*id);
  if (error) return fail_errno("cannot list " + folder_.string(), error.value());
  std::ranges::sort(ids);
  ids_ = std::move(ids);
  std::erase_if(headers_,
                [&](const auto& entry) { return !std::ranges::binary_search(ids_, entry.first); });
  return {};
}

const SegmentHeader* SegmentList::header(std::size_t index) const {
  const std::uint64_t id = ids_[index];
  const auto known = headers_.find(id);
  if (known != headers_.end() && known->second) return &*known->second;
  char bytes[kSegmentHeaderBytes];
  const UniqueFd fd(::open(path(id).c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd || ::pread(fd.get(), bytes, sizeof bytes, 0) != static_cast<ssize_t>(sizeof bytes))
    return nullptr;
  auto header = decode_segment_header(as_bytes({bytes, sizeof bytes}));
  if (header && (header->spool != spool_ || header->epoch != epoch_ || header->id != id))
    header.reset();
  auto& slot = headers_[id] = header;
  return slot ? &*slot : nullptr;
}

std::size_t SegmentList::locate(std::size_t lane, std::uint64_t sequence) const {
  // A damaged header counts as the nearest good one before it; afterwards we step back to that one,
  // since the sequence may stand in either.
  const auto bound = [&](std::size_t i) -> std::uint64_t {
    for (std::size_t j = i + 1; j-- > 0;)
      if (const auto* h = header(j)) return h->next[lane];
    return 0;
  };
  std::size_t low = 0, high = ids_.size();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (bound(middle) <= sequence)
      low = middle + 1;
    else
      high = middle;
  }
  std::size_t at = low == 0 ? 0 : low - 1;
  while (at > 0 && header(at) == nullptr) --at;
  return at;
}

void SegmentList::add(const SegmentHeader& header) {
  ids_.push_back(header.id);
  headers_[header.id] = header;
}

void SegmentList::remove(std::size_t index) {
  headers_.erase(ids_[index]);
  ids_.erase(ids_.begin() + static_cast<std::ptrdiff_t>(index));
}

void SegmentList::truncate(std::uint64_t last_id) {
  while (!ids_.empty() && ids_.back() > last_id) remove(ids_.size() - 1);
}

}  // namespace chieng
