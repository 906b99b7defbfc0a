#include "collector/protocol/file_support/range_store.h"

#include <fmt/format.h>

#include <algorithm>

namespace chieng::collector {
namespace {
constexpr std::size_t kPartCost = 128;  // of a part that waits, besides its bytes
}

std::unique_ptr<RangeFile> RangeStore::add(const Source& source, Direction direction,
                                           const FileSettings& settings, WindowSettings window) {
  std::string key = fmt::format("{}\n{}\n{}", source.host, source.path, source.size);
  auto known = by_key_.find(key);
  if (known == by_key_.end()) {
    files_.emplace_front();
    Entry& fresh = files_.front();
    fresh.key = std::move(key);
    fresh.file = std::make_unique<RangeFile>(std::string(source.path), direction, settings, window);
    known = by_key_.emplace(fresh.key, files_.begin()).first;
  } else {
    files_.splice(files_.begin(), files_, known->second);
  }
  Entry& entry = files_.front();
  append(entry, source.offset, source.data);
  drain(entry);
  std::unique_ptr<RangeFile> whole;
  if (entry.next >= source.size) {
    whole = std::move(entry.file);
    (void)whole->window.finish();
    drop(files_.begin());
  }
  make_room();
  return whole;
}

void RangeStore::append(Entry& entry, std::uint64_t offset, Bytes data) {
  if (offset > entry.next) {
    const auto [at, fresh] = entry.waiting.try_emplace(offset);
    if (!fresh && at->second.size() >= data.size()) return;
    const std::size_t more = data.size() - at->second.size() + (fresh ? kPartCost : 0);
    waiting_ += more;
    entry.waiting_bytes += more;
    at->second = as_text(data);
    return;
  }
  const std::uint64_t seen = entry.next - offset;
  if (seen >= data.size()) return;
  const Bytes fresh = data.subspan(static_cast<std::size_t>(seen));
  entry.file->tracked.update(fresh);
  (void)entry.file->window.append(fresh);
  entry.next += fresh.size();
}

void RangeStore::drain(Entry& entry) {
  while (!entry.waiting.empty() && entry.waiting.begin()->first <= entry.next) {
    const auto part = entry.waiting.extract(entry.waiting.begin());
    waiting_ -= part.mapped().size() + kPartCost;
    entry.waiting_bytes -= part.mapped().size() + kPartCost;
    append(entry, part.key(), as_bytes(part.mapped()));
  }
}

void RangeStore::drop(List::iterator at) {
  waiting_ -= at->waiting_bytes;
  by_key_.erase(at->key);
  files_.erase(at);
}

void RangeStore::make_room() {
  while (!files_.empty() && (files_.size() > kMostFiles || waiting_ > kMostWaiting))
    drop(std::prev(files_.end()));
}

}  // namespace chieng::collector
