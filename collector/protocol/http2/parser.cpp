#include "collector/protocol/http2/parser.h"

#include <algorithm>
#include <utility>

namespace chieng::collector::http2 {
namespace {

constexpr std::uint8_t kLastType = static_cast<std::uint8_t>(FrameType::continuation);

std::size_t take_from(std::uint64_t& left, Bytes in) {
  const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(left, in.size()));
  left -= n;
  return n;
}

}  // namespace

void Http2Parser::event(Transaction* tx, Event e, Direction d) {
  // What belongs to no stream is told with the latest transaction, so that rules see it.
  if (tx == nullptr && !host_.flow().transactions().empty())
    tx = host_.flow().transactions().back();
  host_.event(tx, static_cast<std::uint16_t>(e), d);
}

void Http2Parser::begin() {
  if (std::exchange(begun_, true)) return;
  if (upgrade_) from_upgrade();
}

void Http2Parser::data(Direction d, Bytes data) {
  begin();
  forget_closed();
  Side& s = side(d);
  if (!std::exchange(s.started, true)) s.preface_due = d == Direction::to_server;
  Bytes in = data;
  const bool from_held = !s.held.empty();
  s.at = host_.position(d) - s.held.size();
  if (from_held) {
    s.held.insert(s.held.end(), data.begin(), data.end());
    in = s.held;
  }
  while (!in.empty()) {
    const std::size_t used = step(d, in);
    if (used == 0) break;
    s.at += used;
    in = in.subspan(used);
  }
  if (from_held)
    s.held.erase(s.held.begin(), s.held.end() - static_cast<std::ptrdiff_t>(in.size()));
  else
    s.held.assign(in.begin(), in.end());
}

std::size_t Http2Parser::step(Direction d, Bytes in) {
  Side& s = side(d);
  if (s.preface_due) return preface(d, in);
  if (s.after_loss) return resume(d, in);
  if (s.in_data) return run_data(d, in);
  if (s.skip_left > 0) return take_from(s.skip_left, in);
  return frame(d, in);
}

std::size_t Http2Parser::preface(Direction d, Bytes in) {
  const std::string_view text = as_text(in);
  if (text.size() < kPreface.size() && kPreface.starts_with(text)) return 0;
  side(d).preface_due = false;
  if (text.starts_with(kPreface)) return kPreface.size();
  event(nullptr, Event::invalid_client_magic, d);
  return frame(d, in);
}

std::size_t Http2Parser::frame(Direction d, Bytes in) {
  const auto header = read_frame_header(in);
  if (!header) return 0;
  const Bytes rest = in.subspan(kFrameHeader);
  if (header->is(FrameType::data)) return begin_data(d, *header, rest);
  Side& s = side(d);
  if (header->length > kMostFrame) {
    name_frame(d, *header);
    event(nullptr, Event::long_frame_data, d);
    s.block.open = false;
    s.skip_left = header->length;
    return kFrameHeader;
  }
  if (rest.size() < header->length) return 0;
  name_frame(d, *header);
  whole_frame(d, *header, rest.first(header->length));
  return kFrameHeader + header->length;
}

void Http2Parser::name_frame(Direction d, const FrameHeader& header) {
  const std::uint64_t at = side(d).at;
  const auto type = [](FrameRange r) { return static_cast<std::uint8_t>(r); };
  host_.frame(d, type(FrameRange::pdu), at, kFrameHeader + header.length);
  host_.frame(d, type(FrameRange::hdr), at, kFrameHeader);
  if (header.length > 0) host_.frame(d, type(FrameRange::data), at + kFrameHeader, header.length);
}

std::size_t Http2Parser::begin_data(Direction d, const FrameHeader& header, Bytes in) {
  Side& s = side(d);
  std::size_t used = kFrameHeader;
  std::uint64_t padding = 0;
  if (header.has(flag::padded) && header.length > 0) {
    if (in.empty()) return 0;
    padding = std::to_integer<std::uint64_t>(in[0]);
    ++used;
  }
  const std::uint64_t inside = header.length - (used - kFrameHeader);
  if (padding > inside) padding = 0;  // a lie: all of it is data
  name_frame(d, header);
  s.frame = header;
  s.data_left = inside - padding;
  s.skip_left = padding;
  s.in_data = true;
  Http2Transaction& tx = transaction(header.stream, header, d);
  record(d, tx, header.type);
  if (header.stream == 0) {
    event(&tx, Event::data_stream_zero, d);
    close(tx);
  }
  if (s.data_left == 0) (void)run_data(d, {});
  return used;
}

std::size_t Http2Parser::run_data(Direction d, Bytes in) {
  Side& s = side(d);
  const std::size_t n = take_from(s.data_left, in);
  const auto known = streams_.find(s.frame.stream);
  Http2Transaction* tx = known == streams_.end() ? nullptr : known->second;
  if (tx != nullptr && n > 0) body_data(d, *tx, in.first(n));
  if (s.data_left > 0) return n;
  s.in_data = false;
  if (tx != nullptr && s.frame.has(flag::end_stream)) side_ended(d, *tx);
  return n;
}

void Http2Parser::whole_frame(Direction d, const FrameHeader& header, Bytes payload) {
  const bool settings = header.is(FrameType::settings);
  if (settings && header.length == 0) return;  // an acknowledgement
  if (header.reserved) event(nullptr, Event::invalid_frame_header, d);
  if (header.is(FrameType::headers) || header.is(FrameType::push_promise) ||
      header.is(FrameType::continuation))
    return header_frame(d, header, payload);
  Http2Transaction& tx = transaction(header.stream, header, d);
  record(d, tx, header.type);
  small_frame(d, tx, header, payload);
  tx.check_worth();
  tx.touch(d);
  if (header.stream == 0) close(tx);
}

void Http2Parser::small_frame(Direction d, Http2Transaction& tx, const FrameHeader& header,
                              Bytes payload) {
  StreamSide& s = tx.side(d);
  Reader in(payload);
  const auto sized = [&](std::size_t wanted) {
    if (payload.size() == wanted) return true;
    event(&tx, Event::invalid_frame_length, d);
    return false;
  };
  const auto keep = [&](std::vector<FrameValue>& list, std::uint32_t value, bool goaway = false) {
    if (list.size() < StreamSide::kMostFrames)
      list.push_back({value, static_cast<std::uint32_t>(s.frames.size() - 1), goaway});
  };
  switch (static_cast<FrameType>(header.type)) {
    case FrameType::priority:
      if (!sized(5)) return;
      in.skip(4);
      keep(s.priorities, in.u8());
      return;
    case FrameType::rst_stream:
      if (!sized(4)) return;
      keep(s.errors, in.u32());
      tx.set_reset();
      return;
    case FrameType::settings:
      s.settings = read_settings(payload);
      return;
    case FrameType::goaway:
      if (payload.size() < 8) {
        event(&tx, Event::invalid_frame_length, d);
        return;
      }
      in.skip(4);
      keep(s.errors, in.u32(), true);
      return;
    case FrameType::window_update:
      if (sized(4)) keep(s.windows, in.u32() & 0x7fffffff);
      return;
    default:
      return;
  }
}

void Http2Parser::record(Direction d, Http2Transaction& tx, std::uint8_t type) {
  StreamSide& s = tx.side(d);
  if (s.frames.size() >= StreamSide::kMostFrames)
    event(&tx, Event::too_many_frames, d);
  else
    s.frames.push_back(type);
}

// A loss inside the data of a DATA frame costs those bytes. Any other loses the place: a frame has
// to be found again, and the table of headers is not what the sender's is.
void Http2Parser::gap(Direction d, std::uint64_t bytes) {
  begin();
  forget_closed();
  Side& s = side(d);
  s.started = true;
  if (s.in_data && s.held.empty() && !s.after_loss) {
    const std::uint64_t n = std::min(bytes, s.data_left);
    const auto known = streams_.find(s.frame.stream);
    if (known != streams_.end() && n > 0) {
      if (const auto& body = known->second->side(d).body; body && body->gap(n))
        known->second->touch(d);
      known->second->side(d).dns.reset();
    }
    s.data_left -= n;
    bytes -= n;
    if (s.data_left == 0) (void)run_data(d, {});
  }
  if (!s.in_data && s.skip_left > 0) {
    const std::uint64_t n = std::min(bytes, s.skip_left);
    s.skip_left -= n;
    bytes -= n;
  }
  if (bytes == 0) return;
  s.in_data = s.preface_due = false;
  s.data_left = s.skip_left = 0;
  s.held.clear();
  s.headers = {};
  s.block = {};
  s.after_loss = true;
}

// Segments mostly begin with a frame: one is taken for it if it may be one and ends in sight of
// another, or of nothing.
std::size_t Http2Parser::resume(Direction d, Bytes in) {
  const auto plausible = [](Bytes at) {
    const auto h = read_frame_header(at);
    return h && !h->reserved && h->type <= kLastType && h->length <= 16'384;
  };
  if (in.size() < kFrameHeader) return in.size();
  if (!plausible(in)) return in.size();
  const std::size_t next = kFrameHeader + read_frame_header(in)->length;
  if (next + kFrameHeader <= in.size() && !plausible(in.subspan(next))) return in.size();
  side(d).after_loss = false;
  return frame(d, in);
}

void Http2Parser::end(Direction d) {
  begin();
  forget_closed();
  Side& s = side(d);
  s.held.clear();
  for (const auto& [stream, tx] : streams_) {
    if (tx->side(d).ended) continue;
    finish_body(d, *tx, FileView::State::truncated);
    tx->advance(d, Progress::body);
  }
}

}  // namespace chieng::collector::http2
