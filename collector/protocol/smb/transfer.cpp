#include "collector/protocol/smb/transfer.h"

#include <algorithm>

namespace chieng::collector::smb {

std::optional<Event> FileTransfer::begin(std::uint64_t offset) const {
  if (offset < at_) return Event::file_overlap;
  return std::nullopt;
}

void FileTransfer::append(Bytes data) {
  Transfer& t = transfer();
  t.tracked.update(data);
  if (t.window.append(data)) tx_.touch(t.direction);
  at_ += data.size();
}

void FileTransfer::lose(std::uint64_t bytes) {
  Transfer& t = transfer();
  t.tracked.gap(bytes);
  if (t.window.gap(bytes)) tx_.touch(t.direction);
  at_ += bytes;
}

// Pieces that follow each other are one.
void FileTransfer::keep_early(std::uint64_t offset, Bytes data) {
  const auto next = early_.upper_bound(offset);
  if (next != early_.begin()) {
    auto& [begin, held] = *std::prev(next);
    if (offset - begin == held.size()) {
      held.append(as_text(data));
      queued_ += data.size();
      return;
    }
  }
  std::string& held = early_[offset];
  if (held.size() >= data.size()) return;
  queued_ += data.size() - held.size();
  held = as_text(data);
}

std::optional<Event> FileTransfer::data(std::uint64_t offset, Bytes data) {
  if (offset > at_) {
    const bool client = transfer().direction == Direction::to_server;
    keep_early(offset, data);
    std::optional<Event> flaw;
    if (early_.size() > kMostChunks)
      flaw = client ? Event::write_queue_cnt_exceeded : Event::read_queue_cnt_exceeded;
    else if (queued_ > kMostQueued)
      flaw = client ? Event::write_queue_size_exceeded : Event::read_queue_size_exceeded;
    if (!flaw) return std::nullopt;
    // What is missing is not waited for any longer.
    lose(early_.begin()->first - at_);
    drain();
    return flaw;
  }
  const std::uint64_t known = at_ - offset;
  if (known >= data.size()) return std::nullopt;
  append(data.subspan(static_cast<std::size_t>(known)));
  drain();
  return std::nullopt;
}

void FileTransfer::drain() {
  while (!early_.empty() && early_.begin()->first <= at_) {
    const auto first = early_.extract(early_.begin());
    queued_ -= first.mapped().size();
    const std::uint64_t known = at_ - first.key();
    if (known < first.mapped().size())
      append(as_bytes(first.mapped()).subspan(static_cast<std::size_t>(known)));
  }
}

void FileTransfer::gap(std::uint64_t offset, std::uint64_t bytes) {
  if (offset > at_ || offset + bytes <= at_) return;  // as if it had not been sent
  lose(offset + bytes - at_);
  drain();
}

void FileTransfer::finish(FileView::State state) {
  while (!early_.empty()) {
    lose(early_.begin()->first - at_);
    drain();
  }
  Transfer& t = transfer();
  if (t.window.finish()) tx_.touch(t.direction);
  t.tracked.finish(host_, tx_, state);
  tx_.touch(t.direction);
  tx_.set_progress(Direction::to_server, 1);
  tx_.set_progress(Direction::to_client, 1);
}

}  // namespace chieng::collector::smb
