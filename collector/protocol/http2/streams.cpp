// Streams and their headers. Part of Http2Parser.
#include <algorithm>
#include <utility>

#include "collector/protocol/http/content_range.h"
#include "collector/protocol/http2/parser.h"

namespace chieng::collector::http2 {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool same_text(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

// For the comparison of :authority and host.
std::string_view without_user_and_port(std::string_view host) {
  if (const auto at = host.rfind('@'); at != std::string_view::npos) host.remove_prefix(at + 1);
  const auto bracket = host.starts_with('[') ? host.find(']') : std::string_view::npos;
  return host.substr(0, host.find(':', bracket == std::string_view::npos ? 0 : bracket));
}

}  // namespace

Http2Transaction& Http2Parser::create(std::uint32_t stream) {
  make_room();
  auto* tx = static_cast<Http2Transaction*>(
      host_.add(std::make_unique<Http2Transaction>(proto_, host_.next_transaction_id(), stream)));
  tx->check_worth();
  if (stream != 0) streams_[stream] = tx;
  return *tx;
}

// A full flow drops complete transactions at once: no pointer to one may be left. Open ones are the
// parser's, so those that were reset are closed while there is still room, or the oldest.
void Http2Parser::make_room() {
  const std::size_t most = std::max<std::size_t>(host_.settings().max_transactions, 8);
  if (host_.flow().transactions().size() + 1 >= most) forget_closed(true);
  const auto full = [&] { return streams_.size() - closed_.size() >= most / 4 * 3; };
  if (!full()) return;
  forget_closed(true);
  std::vector<Http2Transaction*> ended;
  for (const auto& [stream, tx] : streams_)
    if (tx->is_reset()) ended.push_back(tx);
  for (Http2Transaction* tx : ended) close(*tx);
  if (full()) {
    const auto oldest =
        std::ranges::min_element(streams_, {}, [](const auto& s) { return s.second->id(); });
    event(oldest->second, Event::too_many_streams, Direction::to_server);
    close(*oldest->second);
  }
  forget_closed(true);
}

Http2Transaction& Http2Parser::transaction(std::uint32_t stream, const FrameHeader& header,
                                           Direction d) {
  if (stream == 0) return create(0);
  const auto known = streams_.find(stream);
  if (known == streams_.end()) return create(stream);
  Http2Transaction& tx = *known->second;
  const bool late = header.is(FrameType::rst_stream) || header.is(FrameType::window_update) ||
                    header.is(FrameType::priority);
  if (!late && std::ranges::find(closed_, stream, &Closed::stream) != closed_.end())
    event(&tx, Event::stream_id_reuse, d);
  return tx;
}

void Http2Parser::close(Http2Transaction& tx) {
  for (const Direction d : {Direction::to_server, Direction::to_client}) {
    finish_body(d, tx, tx.side(d).ended ? FileView::State::closed : FileView::State::truncated);
    tx.advance(d, Progress::complete);
  }
  if (tx.stream() != 0 && std::ranges::find(closed_, tx.stream(), &Closed::stream) == closed_.end())
    closed_.push_back(
        {tx.stream(), tx.id(), tx.proto(),
         tx.side(Direction::to_server).header_bytes + tx.side(Direction::to_client).header_bytes});
}

// A closed stream may get frames as long as its transaction is there: an update of its window often
// comes behind its end.
void Http2Parser::forget_closed(bool all) {
  const auto live = host_.flow().transactions();
  if (closed_.size() > kMostClosed) all = true;
  std::erase_if(closed_, [&](const Closed& c) {
    const bool there = !all && std::ranges::any_of(live, [&](const Transaction* tx) {
      return tx == streams_[c.stream] && tx->id() == c.id && tx->proto() == c.proto;
    });
    if (there) return false;
    streams_.erase(c.stream);
    header_bytes_ -= std::min(header_bytes_, c.header_bytes);
    return true;
  });
}

void Http2Parser::side_ended(Direction d, Http2Transaction& tx) {
  StreamSide& s = tx.side(d);
  if (std::exchange(s.ended, true)) return;
  finish_body(d, tx, FileView::State::closed);
  tx.advance(d, Progress::body);
  host_.inspect_raw(d);
  if (tx.side(opposite(d)).ended) close(tx);
}

void Http2Parser::finish_body(Direction d, Http2Transaction& tx, FileView::State state) {
  StreamSide& s = tx.side(d);
  if (!s.body || s.body->file().ended()) return;
  if (s.body->finish()) tx.touch(d);
  if (s.body->failed()) event(&tx, Event::failed_decompression, d);
  if (s.body->bomb()) event(&tx, Event::compression_bomb, d);
  if (s.dns) dns_done(tx, d);
  s.body->report(tx, state);
}

void Http2Parser::open_body(Direction d, Http2Transaction& tx) {
  StreamSide& s = tx.side(d);
  const auto encoding = tx.header(d, "content-encoding");
  s.body = std::make_unique<Body>(host_, d, encoding.value_or(""));
  const auto range = tx.header(d, "content-range");
  if (!range) return;
  const auto parsed = http::parse_content_range(*range);
  if (!parsed) event(&tx, Event::invalid_range, d);
  if (!parsed || !parsed->start) return;
  const auto text = [&](std::string_view name) {
    return std::string(tx.header(Direction::to_server, name).value_or(""));
  };
  const std::string host = text(":authority");
  s.body->set_range(std::string(without_user_and_port(host)), text(":path"), *parsed->start,
                    *parsed->end, parsed->size.value_or(0));
}

void Http2Parser::body_data(Direction d, Http2Transaction& tx, Bytes data) {
  StreamSide& s = tx.side(d);
  if (!s.body) open_body(d, tx);
  if (s.body->file().ended()) return;
  if (s.body->data(data)) tx.touch(d);
  if (!s.dns) return;
  if (s.dns->size() + data.size() <= kMostDns) {
    s.dns->append(as_text(data));
    return;
  }
  s.dns.reset();
  event(&tx, d == Direction::to_server ? Event::dns_request_too_long : Event::dns_response_too_long,
        d);
}

void Http2Parser::header_frame(Direction d, const FrameHeader& header, Bytes payload) {
  const auto frame = read_header_frame(header, payload);
  std::uint32_t stream = header.stream;
  if (frame && header.is(FrameType::push_promise)) stream = frame->promised;
  Block& block = side(d).block;
  if (header.is(FrameType::continuation) && block.open) stream = block.stream;
  Http2Transaction& tx = transaction(stream, header, d);
  record(d, tx, header.type);
  tx.touch(d);
  if (!frame) {
    event(&tx, Event::invalid_frame_data, d);
  } else {
    StreamSide& s = tx.side(d);
    if (frame->weight && s.priorities.size() < StreamSide::kMostFrames)
      s.priorities.push_back({*frame->weight, static_cast<std::uint32_t>(s.frames.size() - 1)});
    add_to_block(d, tx, header, frame->block);
  }
  tx.check_worth();
  if (stream == 0) close(tx);
}

void Http2Parser::add_to_block(Direction d, Http2Transaction& tx, const FrameHeader& header,
                               Bytes part) {
  Block& block = side(d).block;
  if (!header.is(FrameType::continuation)) {
    block.bytes.clear();
    block.too_long = false;
    block.open = true;
    block.stream = tx.stream();
    block.end_stream = header.is(FrameType::headers) && header.has(flag::end_stream);
  } else if (!block.open) {
    event(&tx, Event::invalid_frame_data, d);
    return;
  }
  if (block.bytes.size() + part.size() > kMostBlock) {
    if (!std::exchange(block.too_long, true)) event(&tx, Event::reassembly_limit_reached, d);
  } else {
    block.bytes.insert(block.bytes.end(), part.begin(), part.end());
  }
  if (header.has(flag::end_headers)) block_done(d, tx, block);
}

void Http2Parser::block_done(Direction d, Http2Transaction& tx, Block& block) {
  block.open = false;
  DecodedBlock decoded = side(d).headers.decode(block.bytes);
  if (decoded.integer_overflow) event(&tx, Event::header_integer_overflow, d);
  if (decoded.invalid) event(&tx, Event::invalid_header, d);
  if (decoded.too_large) event(&tx, Event::compression_bomb, d);
  std::size_t bytes = 0;
  for (const Field& f : decoded.fields) bytes += f.name.size() + f.value.size() + sizeof(Field);
  if (header_bytes_ + bytes > kMostHeaderBytes) {
    if (!decoded.too_large) event(&tx, Event::compression_bomb, d);
    decoded.fields.clear();
    bytes = 0;
  }
  header_bytes_ += bytes;
  tx.add_fields(d, std::move(decoded.fields));
  if (d == Direction::to_server) check_request(tx);
  if (!tx.side(d).fields.empty()) look_for_dns(tx, d);
  tx.advance(d, Progress::headers);
  if (block.end_stream) side_ended(d, tx);
  block.bytes = {};
}

void Http2Parser::check_request(Http2Transaction& tx) {
  const auto authority = tx.header(Direction::to_server, ":authority");
  if (!authority) return;
  if (authority->find('@') != std::string_view::npos)
    event(&tx, Event::userinfo_in_uri, Direction::to_server);
  const auto host = tx.header(Direction::to_server, "host");
  if (host && !same_text(without_user_and_port(*authority), without_user_and_port(*host)))
    event(&tx, Event::authority_host_mismatch, Direction::to_server);
}

}  // namespace chieng::collector::http2
