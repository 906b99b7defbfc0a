#include "collector/protocol/sip/sip.h"

#include <algorithm>

#include "collector/protocol/sip/transaction.h"
#include "collector/protocol/stream_buffer.h"

namespace chieng::collector {
namespace sip {
namespace {

constexpr std::uint16_t kPorts[] = {5060, 5061};
enum class Frame : std::uint8_t {
  pdu,
  request_line,
  request_headers,
  request_body,
  response_line,
  response_headers,
  response_body
};
constexpr std::size_t kMostMessage = 64 * 1024;  // over TCP, head and body

// A message in, a transaction out. Over TCP at most kMostMessage is kept a direction.
class SipParser final : public Parser {
 public:
  SipParser(ParserHost& host, AppProto proto) : host_(host), proto_(proto) {}

  void data(Direction d, Bytes data) override {
    end_ = host_.position(d) + data.size();
    if (host_.flow().key.proto == ip_proto::tcp)
      stream(d, data);
    else
      datagram(d, as_text(data));
  }
  void gap(Direction d, std::uint64_t) override {
    held_[index(d)].clear();
    lost_[index(d)] = true;
  }
  void end(Direction) override {}

 private:
  void datagram(Direction d, std::string_view in);
  void stream(Direction d, Bytes data);
  std::size_t next(Direction d, std::string_view in);  // bytes used; 0: more is needed
  // at: of the whole message in the stream; head: how much of it is not its body.
  void add(Direction d, Message message, std::string_view whole, std::size_t head,
           std::uint64_t at);
  void invalid(Direction d);

  ParserHost& host_;
  AppProto proto_;
  std::array<StreamBuffer, 2> held_;
  std::array<bool, 2> lost_{};
  std::uint64_t end_ = 0;  // of the present data, in the stream
};

// The blank line in front of the body belongs to no frame but the whole.
void SipParser::add(Direction d, Message message, std::string_view whole, std::size_t head,
                    std::uint64_t at) {
  const Transaction* tx = host_.add(
      std::make_unique<SipTransaction>(proto_, host_.next_transaction_id(), d, std::move(message)));
  const std::size_t line = std::min(whole.find('\n'), head - 1) + 1;
  const std::string_view blank = whole.substr(0, head).ends_with("\r\n\r\n") ? "\r\n" : "\n";
  const std::size_t headers = std::max(line, head - std::min(blank.size(), head));
  const auto frame = [&](Frame type, std::size_t from, std::size_t to) {
    if (from < to) host_.frame(d, static_cast<std::uint8_t>(type), at + from, to - from, tx);
  };
  const bool response = whole.starts_with("SIP/");
  frame(Frame::pdu, 0, whole.size());
  frame(response ? Frame::response_line : Frame::request_line, 0, line);
  frame(response ? Frame::response_headers : Frame::request_headers, line, headers);
  frame(response ? Frame::response_body : Frame::request_body, head, whole.size());
}

void SipParser::invalid(Direction d) {
  auto tx = std::make_unique<SipTransaction>(proto_, host_.next_transaction_id(), d, Message{});
  tx->logging_disabled = true;
  host_.event(host_.add(std::move(tx)), static_cast<std::uint16_t>(Event::invalid_data), d);
}

void SipParser::datagram(Direction d, std::string_view in) {
  if (in.find_first_not_of(std::string_view("\r\n\0 ", 4)) == std::string_view::npos)
    return;  // keeps a translated address alive
  auto message = parse_head(in);
  if (!message) return invalid(d);
  const std::size_t head = head_size(in);
  // All that follows, whatever Content-Length says of it.
  if (head != std::string_view::npos) message->body = in.substr(head);
  add(d, std::move(*message), in, std::min(head, in.size()), 0);
}

std::size_t SipParser::next(Direction d, std::string_view in) {
  const auto blank = in.find_first_not_of("\r\n");
  if (blank != 0) return blank == std::string_view::npos ? in.size() : blank;
  const std::size_t head = head_size(in);
  if (head == std::string_view::npos) return 0;
  auto message = parse_head(in.substr(0, head));
  if (!message) {
    invalid(d);
    lost_[index(d)] = true;
    return head;
  }
  const std::size_t body = std::min(content_length(*message), kMostMessage);
  if (in.size() - head < body) return 0;
  message->body = in.substr(head, body);
  add(d, std::move(*message), in.substr(0, head + body), head, end_ - in.size());
  return head + body;
}

void SipParser::stream(Direction d, Bytes data) {
  if (lost_[index(d)]) {
    const std::string_view text = as_text(data);
    const auto end = text.find('\n');
    if (end == std::string_view::npos || !is_first_line(text.substr(0, end))) return;
    lost_[index(d)] = false;
  }
  const Bytes in = held_[index(d)].join(data);
  std::size_t used = 0;
  while (used < in.size() && !lost_[index(d)]) {
    const std::size_t n = next(d, as_text(in.subspan(used)));
    if (n == 0) break;
    used += n;
    host_.inspect_raw(d);
  }
  if (lost_[index(d)]) return held_[index(d)].clear();
  held_[index(d)].keep(in, used);
  if (held_[index(d)].size() <= 2 * kMostMessage) return;
  held_[index(d)].clear();
  lost_[index(d)] = true;
  invalid(d);
}

Probe probe(Direction, Bytes data, bool) {
  std::string_view text = as_text(data);
  const auto begin = text.find_first_not_of("\r\n");
  if (begin == std::string_view::npos) return text.size() <= 8 ? Probe::maybe : Probe::no;
  text.remove_prefix(begin);
  if (!may_begin_message(text)) return Probe::no;
  const auto end = text.find('\n');
  if (end == std::string_view::npos) return Probe::maybe;
  return is_first_line(text.substr(0, end)) ? Probe::yes : Probe::no;
}

std::unique_ptr<Parser> make(ParserHost& host, AppProto proto) {
  return std::make_unique<SipParser>(host, proto);
}

constexpr BufferSpec one(std::string_view name, FieldClass privacy = FieldClass::plain) {
  return {.name = name, .ready = {1, 1}, .privacy = privacy};
}
constexpr BufferSpec many(std::string_view name, FieldClass privacy = FieldClass::plain) {
  return {.name = name, .ready = {1, 1}, .multi = true, .privacy = privacy};
}
// In the order of Buffer.
constexpr BufferSpec kBuffers[] = {
    one("sip.method"),
    one("sip.uri", FieldClass::personal),
    one("sip.request_line", FieldClass::personal),
    one("sip.stat_code"),
    one("sip.stat_msg"),
    one("sip.response_line"),
    one("sip.protocol"),
    many("sip.from", FieldClass::personal),
    many("sip.to", FieldClass::personal),
    many("sip.via"),
    many("sip.user_agent"),
    many("sip.content_type"),
    many("sip.content_length"),
    one("sdp.session_name"),
    one("sdp.session_info"),
    one("sdp.origin"),
    one("sdp.uri"),
    one("sdp.email", FieldClass::personal),
    one("sdp.phone_number", FieldClass::personal),
    one("sdp.connection_data"),
    many("sdp.bandwidth"),
    many("sdp.time"),
    many("sdp.repeat_time"),
    one("sdp.timezone"),
    one("sdp.encryption_key"),
    many("sdp.attribute"),
    many("sdp.media.media"),
    many("sdp.media.media_info"),
    many("sdp.media.connection_data"),
    many("sdp.media.encryption_key"),
};

constexpr std::string_view kFrames[] = {"pdu",          "request.line",  "request.headers",
                                        "request.body", "response.line", "response.headers",
                                        "response.body"};
constexpr std::string_view kEvents[] = {"incomplete_data", "invalid_data"};

}  // namespace

const ProtocolSpec kSpec{.name = "sip",
                         .rule_names = {"sip"},
                         .transport = TransportMask::both,
                         .complete = {1, 1},
                         .buffers = kBuffers,
                         .event_prefix = "sip",
                         .events = kEvents,
                         .frames = kFrames};

}  // namespace sip

const Protocol kSip{&sip::kSpec, sip::probe, sip::kPorts, sip::make};

}  // namespace chieng::collector
