#include "collector/protocol/smb/stream.h"

#include <algorithm>

namespace chieng::collector::smb {
namespace {

constexpr std::size_t kRecordHead = 4;
constexpr std::size_t kTransferHead = 128;  // of a message: enough to tell where file data begin

enum RecordType : std::uint8_t { r_message = 0, r_request = 0x81, r_keep_alive = 0x85 };

// The four bytes with which messages begin, as a number: SMB 1, SMB 2, encrypted, compressed.
constexpr std::uint32_t kSmb1 = 0xff534d42, kSmb2 = 0xfe534d42, kEncrypted = 0xfd534d42,
                        kCompressed = 0xfc534d42;

bool is_mark(std::uint32_t mark) {
  return mark == kSmb1 || mark == kSmb2 || mark == kEncrypted || mark == kCompressed;
}

std::uint64_t least(std::uint64_t a, std::uint64_t b) {
  return std::min(a, b);
}

}  // namespace

void StreamParser::data(Direction d, Bytes data) {
  Side& side = sides_[index(d)];
  Bytes in = data;
  const std::uint64_t base = host_.position(d) - side.held.size();
  if (!side.held.empty()) {
    side.held.insert(side.held.end(), data.begin(), data.end());
    in = side.held;
  }
  std::size_t used = 0;
  while (used < in.size()) {
    side.at = base + used;
    const std::size_t n = take(d, side, in.subspan(used));
    if (n == 0) break;
    used += n;
  }
  if (side.held.empty())
    side.held.assign(in.begin() + static_cast<std::ptrdiff_t>(used), in.end());
  else
    side.held.erase(side.held.begin(), side.held.begin() + static_cast<std::ptrdiff_t>(used));
}

std::size_t StreamParser::take(Direction d, Side& side, Bytes in) {
  if (side.lost)
    if (const std::size_t n = find_record(side, in); n > 0 || side.lost) return n;
  if (side.chunk.length > 0) {
    const auto n = static_cast<std::size_t>(least(side.chunk.length, in.size()));
    session_.file_data(d, side.chunk.file, side.chunk.offset, in.first(n));
    side.chunk.offset += n;
    side.chunk.length -= n;
    return n;
  }
  if (side.skip > 0) {
    const auto n = static_cast<std::size_t>(least(side.skip, in.size()));
    side.skip -= n;
    return n;
  }
  return side.record > 0 ? take_message(d, side, in) : take_record(d, side, in);
}

std::size_t StreamParser::take_record(Direction d, Side& side, Bytes in) {
  Reader head(in);
  const std::uint8_t type = head.u8();
  const std::uint32_t length = head.u24();
  if (!head.ok()) return 0;
  if (type == r_message) {
    side.record = length;
    frames(d, side, Frame::nbss_pdu, kRecordHead, kRecordHead + length);
  } else if (type >= r_request && type <= r_keep_alive) {
    side.skip = length;
  } else {
    session_.flaw(Event::malformed_data, d, 2);
    side.lost = true;
  }
  return kRecordHead;
}

std::size_t StreamParser::take_message(Direction d, Side& side, Bytes in) {
  Reader head(in);
  const std::uint32_t mark = head.u32();
  if (!head.ok() && side.record >= 4) return 0;
  if (mark != kSmb1 && mark != kSmb2) {
    // Encrypted or compressed messages cannot be read.
    if (!is_mark(mark)) session_.flaw(Event::malformed_data, d, 2);
    if (mark == kEncrypted) message_frames(d, side, mark, side.record);
    side.skip = side.record;
    side.record = 0;
    return side.skip > 0 ? take(d, side, in) : 0;
  }
  std::uint64_t size = side.record;
  if (mark == kSmb2) {
    if (in.size() < least(Header2::kSize, size)) return 0;
    const auto header = read_header2(in.first(static_cast<std::size_t>(least(in.size(), size))));
    if (header && header->next >= Header2::kSize && header->next < size) size = header->next;
  }
  message_frames(d, side, mark, size);
  Messages& messages = mark == kSmb1 ? static_cast<Messages&>(messages1_) : messages2_;
  if (in.size() < least(size, kTransferHead)) return 0;
  const Bytes here = in.first(static_cast<std::size_t>(least(in.size(), size)));
  if (const auto chunk = messages.transfer(d, here)) {
    side.record -= size;
    return begin_chunk(side, *chunk, size, in);
  }
  const std::uint64_t wanted = least(size, kMostMessage);
  if (in.size() < wanted) return 0;
  side.record -= size;
  side.skip = size - wanted;
  messages.message(d, in.first(static_cast<std::size_t>(wanted)));
  return static_cast<std::size_t>(wanted);
}

// The whole, its header and the rest.
void StreamParser::frames(Direction d, const Side& side, Frame first, std::uint64_t header,
                          std::uint64_t size) {
  const auto type = static_cast<std::uint8_t>(first);
  host_.frame(d, type, side.at, size);
  host_.frame(d, type + 1, side.at, least(header, size));
  if (size > header) host_.frame(d, type + 2, side.at + header, size - header);
}

// Once for each message, as soon as its size is known.
void StreamParser::message_frames(Direction d, Side& side, std::uint32_t mark, std::uint64_t size) {
  constexpr std::uint64_t kHeader1 = 32, kTransform = 52;
  if (side.at < side.framed) return;
  side.framed = side.at + size;
  if (mark == kEncrypted)
    frames(d, side, Frame::smb3_pdu, kTransform, size);
  else if (mark == kSmb1)
    frames(d, side, Frame::smb1_pdu, kHeader1, size);
  else
    frames(d, side, Frame::smb2_pdu, Header2::kSize, size);
}

// Takes what is in front of the data; the data and what is behind them follow.
std::size_t StreamParser::begin_chunk(Side& side, const Chunk& chunk, std::uint64_t size,
                                      Bytes in) {
  const std::uint64_t begin = least(chunk.begin, size);
  side.chunk = chunk;
  side.chunk.length = least(chunk.length, size - begin);
  const std::uint64_t behind = size - begin - side.chunk.length;
  // What stands in front may not be here yet, where it is more than usual.
  if (begin > in.size()) {
    side.chunk.length = 0;
    side.skip = size - in.size();
    return in.size();
  }
  side.skip = behind;
  return static_cast<std::size_t>(begin);
}

// After a loss: a record that begins with a message's mark.
std::size_t StreamParser::find_record(Side& side, Bytes in) const {
  constexpr std::size_t kNeeded = kRecordHead + 4;
  for (std::size_t at = 0; at + kNeeded <= in.size(); ++at) {
    if (in[at] != std::byte{r_message} || in[at + 5] != std::byte{'S'}) continue;
    Reader mark(in.subspan(at + kRecordHead));
    if (!is_mark(mark.u32())) continue;
    side.lost = false;
    return at;
  }
  return in.size() < kNeeded ? 0 : in.size() - (kNeeded - 1);
}

void StreamParser::gap(Direction d, std::uint64_t bytes) {
  Side& side = sides_[index(d)];
  if (side.chunk.length > 0) {
    const std::uint64_t n = least(side.chunk.length, bytes);
    session_.file_gap(d, side.chunk.file, side.chunk.offset, n);
    side.chunk.offset += n;
    side.chunk.length -= n;
    bytes -= n;
  }
  // A message of which a part is missing is left out; the record's end is known all the same.
  if (bytes > 0 && side.record > 0 && !side.held.empty()) {
    side.skip += side.record - least(side.record, side.held.size());
    side.record = 0;
  }
  if (bytes > 0) {
    const bool inside_head = side.record == 0 && side.skip == 0 && !side.held.empty();
    side.held.clear();
    const std::uint64_t n = least(side.skip, bytes);
    side.skip -= n;
    bytes -= n;
    const std::uint64_t more = least(side.record, bytes);
    side.record -= more;
    bytes -= more;
    // In the middle of a record the rest of it is skipped.
    if (more > 0) side.skip = std::exchange(side.record, 0);
    side.lost = side.lost || bytes > 0 || inside_head;
  }
}

}  // namespace chieng::collector::smb
