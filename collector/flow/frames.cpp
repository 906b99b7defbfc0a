#include "collector/flow/frames.h"

#include <algorithm>

namespace chieng::collector {

// The index in bytes of a place in the stream; of a missing byte: of what follows it.
std::size_t FrameStore::at(const Side& s, std::uint64_t place) {
  if (place <= s.first) return 0;
  std::uint64_t missing = 0;
  for (const FrameView::Hole& hole : s.holes) {
    const std::uint64_t from = s.first + hole.at + missing;
    if (place <= from) break;
    missing += std::min(hole.bytes, place - from);
  }
  return std::min<std::uint64_t>(place - s.first - missing, s.bytes.size());
}

void FrameStore::data(Direction d, Bytes data) {
  Side& s = side(d);
  s.bytes.insert(s.bytes.end(), data.begin(), data.end());
  s.next += data.size();
}

void FrameStore::gap(Direction d, std::uint64_t bytes) {
  Side& s = side(d);
  if (!s.holes.empty() && s.holes.back().at == s.bytes.size())
    s.holes.back().bytes += bytes;
  else
    s.holes.push_back({s.bytes.size(), bytes});
  s.next += bytes;
}

void FrameStore::end(Direction d) {
  side(d).ended = true;
}

void FrameStore::datagram(Direction d, Bytes data) {
  Side& s = side(d);
  s.open.clear();
  s.bytes.assign(data.begin(), data.end());
  s.first = 0;
  s.next = data.size();
}

std::uint64_t FrameStore::open(Direction d, std::uint8_t type, std::uint64_t start,
                               std::optional<std::uint64_t> length,
                               std::optional<std::uint64_t> tx_id) {
  Side& s = side(d);
  if (s.open.size() >= kMost) s.open.pop_front();
  auto entry = std::make_unique<Entry>();
  FrameView& v = entry->view;
  v.proto = proto_;
  v.type = type;
  v.direction = d;
  v.id = ++ids_;
  v.offset = start;
  v.length = length;
  v.tx_id = tx_id;
  s.open.push_back(std::move(entry));
  return ids_;
}

void FrameStore::close(Direction d, std::uint64_t id, std::uint64_t end) {
  if (id == 0) return;
  for (const auto& entry : side(d).open)
    if (entry->view.id == id) entry->view.length = end - std::min(end, entry->view.offset);
}

// Sets the frame's bytes to what is known of them; whether rules have to see it.
bool FrameStore::refresh(Side& s, Entry& e, bool at_end) {
  FrameView& v = e.view;
  const std::uint64_t stop = v.length ? v.offset + *v.length : s.next;
  const std::uint64_t limit = std::min(stop, s.next);
  const std::size_t from = at(s, v.offset), to = std::max(from, at(s, limit));
  v.data = Bytes(s.bytes).subspan(from, std::min(to - from, kKept));
  v.complete = (v.length && s.next >= stop) || at_end || s.ended;
  const bool grown = v.data.size() >= e.seen + kPart;
  if ((!v.complete && !grown) || (e.looked_at && v.data.size() == e.seen && !v.complete))
    return false;
  e.seen = v.data.size();
  e.looked_at = true;
  auto& holes = holes_.emplace_back();
  for (const FrameView::Hole& hole : s.holes)
    if (hole.at >= from && hole.at <= to && hole.at - from <= v.data.size())
      holes.push_back({hole.at - from, hole.bytes});
  v.holes = holes;
  return true;
}

std::span<FrameView* const> FrameStore::due(bool at_end) {
  due_.clear();
  holes_.clear();
  for (Side& s : sides_)
    for (const auto& entry : s.open)
      if (refresh(s, *entry, at_end)) due_.push_back(&entry->view);
  return due_;
}

void FrameStore::inspected() {
  due_.clear();
  for (Side& s : sides_) {
    std::erase_if(s.open, [](const auto& e) { return e->looked_at && e->view.complete; });
    trim(s);
  }
}

// Keeps what open frames need, and what a parser may still name: half of the bound.
void FrameStore::trim(Side& s) {
  if (s.bytes.size() <= kKept / 2) return;
  std::uint64_t needed = s.next;
  for (const auto& entry : s.open)
    if (entry->seen < kKept) needed = std::min(needed, entry->view.offset);
  std::size_t cut = std::min(at(s, needed), s.bytes.size() - kKept / 2);
  if (s.bytes.size() - cut > 2 * kKept) cut = s.bytes.size() - 2 * kKept;
  if (cut < kKept / 4) return;  // not for a few bytes
  std::uint64_t missing = 0;
  std::erase_if(s.holes, [&](const FrameView::Hole& hole) {
    if (hole.at > cut) return false;
    missing += hole.bytes;
    return true;
  });
  for (FrameView::Hole& hole : s.holes) hole.at -= cut;
  s.bytes.erase(s.bytes.begin(), s.bytes.begin() + static_cast<std::ptrdiff_t>(cut));
  s.first += cut + missing;
}

}  // namespace chieng::collector
