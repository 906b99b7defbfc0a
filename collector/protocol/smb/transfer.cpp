#include "collector/protocol/smb/transfer.h"

namespace chieng::collector::smb {

std::optional<Event> FileTransfer::begin(std::uint64_t offset) const {
  if (offset < order_.at()) return Event::file_overlap;
  return std::nullopt;
}

void FileTransfer::append(Bytes data) {
  Transfer& t = transfer();
  t.tracked.update(data);
  if (t.window.append(data)) tx_.touch(t.direction);
}

void FileTransfer::lose(std::uint64_t bytes) {
  Transfer& t = transfer();
  t.tracked.gap(bytes);
  if (t.window.gap(bytes)) tx_.touch(t.direction);
}

std::optional<Event> FileTransfer::data(std::uint64_t offset, Bytes data) {
  const bool client = transfer().direction == Direction::to_server;
  switch (order_.data(offset, data, *this)) {
    case PieceOrder::Flaw::none:
      break;
    case PieceOrder::Flaw::too_many_pieces:
      return client ? Event::write_queue_cnt_exceeded : Event::read_queue_cnt_exceeded;
    case PieceOrder::Flaw::too_many_bytes:
      return client ? Event::write_queue_size_exceeded : Event::read_queue_size_exceeded;
  }
  return std::nullopt;
}

void FileTransfer::finish(FileView::State state) {
  order_.flush(*this);
  Transfer& t = transfer();
  if (t.window.finish()) tx_.touch(t.direction);
  t.tracked.finish(host_, tx_, state);
  tx_.touch(t.direction);
  tx_.set_progress(Direction::to_server, 1);
  tx_.set_progress(Direction::to_client, 1);
}

}  // namespace chieng::collector::smb
