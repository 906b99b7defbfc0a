#include "collector/protocol/nfs/messages.h"

#include <algorithm>
#include <utility>

#include "core/inspect/packet.h"

namespace chieng::collector::nfs {
namespace {

constexpr unsigned kMark = 4;
constexpr std::uint32_t kLastPart = 0x80000000;
constexpr std::size_t kFirstLook = 96;

// After a loss: a mark in front of a call or a reply.
bool begins_record(Bytes in) {
  Reader r(in);
  const std::uint32_t mark = r.u32();
  r.skip(4);
  const std::uint32_t type = r.u32(), next = r.u32();
  const std::uint32_t size = mark & ~kLastPart;
  return r.ok() && (mark & kLastPart) != 0 && size >= 24 && size <= MessageParser::kMostRecord &&
         (type == 0 ? next == 2 : type == 1 && next <= 1);
}

std::size_t before_record(Bytes in) {
  std::size_t at = 0;
  while (at < in.size() && !begins_record(in.subspan(at))) ++at;
  return at;
}

}  // namespace

MessageParser::MessageParser(ParserHost& host, AppProto proto)
    : host_(host),
      session_(host, proto, host.flow().key.proto == ip_proto::udp),
      datagrams_(host.flow().key.proto == ip_proto::udp) {}

void MessageParser::data(Direction d, Bytes data) {
  Side& side = sides_[index(d)];
  if (datagrams_) {
    side.place = {0, data.size(), true};
    feed(d, side, data);
    message_done(d, side);
    return;
  }
  const std::uint64_t base = host_.position(d);
  std::size_t at = 0;
  while (at < data.size()) at += take(d, side, data.subspan(at), base + at);
}

std::size_t MessageParser::take(Direction d, Side& side, Bytes in, std::uint64_t at) {
  if (side.lost) {
    if (const std::size_t n = before_record(in); n > 0) return n;
    side.lost = false;
  }
  if (!side.in_part) {
    take_mark(d, side, std::to_integer<std::uint8_t>(in[0]), at);
    return 1;
  }
  const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(side.left, in.size()));
  side.left -= n;
  feed(d, side, in.first(n));
  if (side.left == 0) part_done(d, side);
  return n;
}

void MessageParser::take_mark(Direction d, Side& side, std::uint8_t byte, std::uint64_t at) {
  if (side.mark_bytes == 0 && side.parts == 0) side.place.start = at;
  side.mark = side.mark << 8 | byte;
  if (++side.mark_bytes < kMark) return;
  side.mark_bytes = 0;
  side.left = side.mark & ~kLastPart;
  side.last_part = (side.mark & kLastPart) != 0;
  side.in_part = true;
  ++side.parts;
  side.place.size = side.left + kMark;
  side.place.framed = side.parts == 1 && side.last_part;
  if (side.left > kMostRecord) {
    session_.malformed(d);
    side = {};
    side.lost = true;
  } else if (side.left == 0) {
    part_done(d, side);
  }
}

void MessageParser::feed(Direction d, Side& side, Bytes bytes) {
  while (!bytes.empty()) {
    switch (side.stage) {
      case Stage::looking:
      case Stage::collecting: {
        const std::size_t n = std::min(bytes.size(), kMostHead - side.head.size());
        side.head.append(as_text(bytes.first(n)));
        bytes = bytes.subspan(n);
        if (side.stage == Stage::looking && side.head.size() >= side.next_look)
          look(d, side, false);
        if (side.head.size() == kMostHead) {  // the rest of a very long answer is left out
          session_.message(d, as_bytes(side.head), side.place);
          side.stage = Stage::rest;
          side.head.clear();
        }
        break;
      }
      case Stage::bulk: {
        const auto n =
            static_cast<std::size_t>(std::min<std::uint64_t>(side.bulk_left, bytes.size()));
        session_.bulk_data(d, bytes.first(n));
        bytes = bytes.subspan(n);
        side.bulk_left -= n;
        if (side.bulk_left > 0) break;
        session_.bulk_end(d);
        side.stage = Stage::rest;
        break;
      }
      case Stage::rest:
        return;
    }
  }
}

// Looks whether file data begin; what was taken of them already goes on to them.
void MessageParser::look(Direction d, Side& side, bool whole) {
  Bulk bulk;
  const Session::Head head = session_.look(d, as_bytes(side.head), bulk);
  if (head == Session::Head::more && !whole) {
    side.next_look = std::max(kFirstLook, side.head.size() + side.head.size() / 8);
    return;
  }
  if (head != Session::Head::bulk) {
    side.stage = Stage::collecting;
    return;
  }
  const std::string message = std::exchange(side.head, {});
  session_.message(d, as_bytes(message).first(bulk.begin), side.place);
  side.stage = Stage::bulk;
  side.bulk_left = bulk.length;
  if (bulk.length == 0) {
    session_.bulk_end(d);
    side.stage = Stage::rest;
  }
  feed(d, side, as_bytes(message).subspan(bulk.begin));
}

void MessageParser::part_done(Direction d, Side& side) {
  side.in_part = false;
  if (!side.last_part) return;
  message_done(d, side);
}

void MessageParser::message_done(Direction d, Side& side) {
  if (side.stage == Stage::looking) look(d, side, true);
  if (side.stage == Stage::collecting) session_.message(d, as_bytes(side.head), side.place);
  if (side.stage == Stage::bulk) {  // they were said to be more
    session_.malformed(d);
    session_.bulk_end(d);
  }
  side = {};
}

// A message whose head is not complete is left out; of a file's data the hole is known.
void MessageParser::gap(Direction d, std::uint64_t bytes) {
  Side& side = sides_[index(d)];
  const std::uint64_t inside = side.in_part ? std::min(side.left, bytes) : 0;
  side.left -= inside;
  if (side.stage == Stage::bulk) {
    const std::uint64_t n = std::min(side.bulk_left, inside);
    session_.bulk_gap(d, n);
    side.bulk_left -= n;
    if (side.bulk_left == 0) {
      session_.bulk_end(d);
      side.stage = Stage::rest;
    }
  } else if (inside > 0) {
    side.stage = Stage::rest;
    side.head.clear();
  }
  const bool over = side.in_part && side.left == 0;
  if (over) part_done(d, side);
  if (bytes == inside) return;
  if (side.stage == Stage::bulk) message_done(d, side);
  side = {};
  side.lost = true;
}

}  // namespace chieng::collector::nfs
