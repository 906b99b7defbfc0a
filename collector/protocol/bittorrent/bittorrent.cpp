#include "collector/protocol/bittorrent/bittorrent.h"

#include <algorithm>

#include "collector/protocol/bittorrent/message.h"

namespace chieng::collector {
namespace bittorrent {
namespace {

enum class Event : std::uint16_t { malformed_packet };

void write_hex(JsonWriter& out, std::string_view key, std::string_view bytes) {
  if (!bytes.empty()) out.field(key, to_hex(as_bytes(bytes)));
}

void write_nodes(JsonWriter& out, std::string_view key, const std::vector<Node>& nodes) {
  if (nodes.empty()) return;
  out.key(key).begin_array();
  for (const Node& n : nodes) {
    out.begin_object().field("id", to_hex(as_bytes(n.id)));
    out.field("ip", n.peer.address).field("port", n.peer.port).end_object();
  }
  out.end_array();
}

class DhtTransaction final : public Transaction {
 public:
  DhtTransaction(AppProto proto, std::uint64_t id, Direction direction, Message message)
      : Transaction(proto, id), direction_(direction), message_(std::move(message)) {
    set_progress(Direction::to_server, 1);
    set_progress(Direction::to_client, 1);
  }

  [[nodiscard]] std::optional<BufferSlice> buffer(unsigned, Direction,
                                                  std::uint32_t) const override {
    return std::nullopt;
  }
  void write(JsonWriter& out) const override;
  [[nodiscard]] Direction event_direction() const override { return direction_; }
  [[nodiscard]] bool one_sided() const override { return true; }

 private:
  void write_request(JsonWriter& out) const;
  void write_response(JsonWriter& out) const;

  Direction direction_;
  Message message_;
};

void DhtTransaction::write_request(JsonWriter& out) const {
  const Message::Arguments& a = *message_.request;
  out.field("request_type", message_.query);
  out.key("request").begin_object();
  write_hex(out, "id", a.id);
  write_hex(out, "target", a.target);
  write_hex(out, "info_hash", a.info_hash);
  write_hex(out, "token", a.token);
  if (a.implied_port) out.field("implied_port", *a.implied_port);
  if (a.port) out.field("port", *a.port);
  out.end_object();
}

void DhtTransaction::write_response(JsonWriter& out) const {
  const Message::Arguments& r = *message_.response;
  out.key("response").begin_object();
  write_hex(out, "id", r.id);
  write_nodes(out, "nodes", message_.nodes);
  write_nodes(out, "nodes6", message_.nodes6);
  if (!message_.values.empty()) {
    out.key("values").begin_array();
    for (const Peer& p : message_.values)
      out.begin_object().field("ip", p.address).field("port", p.port).end_object();
    out.end_array();
  }
  write_hex(out, "token", r.token);
  out.end_object();
}

void DhtTransaction::write(JsonWriter& out) const {
  out.key("bittorrent_dht").begin_object();
  out.field("transaction_id", to_hex(as_bytes(message_.transaction)));
  write_hex(out, "client_version", message_.version);
  if (message_.request) write_request(out);
  if (message_.response) write_response(out);
  if (message_.is_error) {
    out.key("error").begin_object();
    if (message_.error_number) out.field("num", *message_.error_number);
    out.field("msg", message_.error_text).end_object();
  }
  out.end_object();
}

// A datagram in, a transaction out; keeps nothing between them.
class DhtParser final : public Parser {
 public:
  DhtParser(ParserHost& host, AppProto proto) : host_(host), proto_(proto) {}

  void data(Direction d, Bytes data) override {
    auto message = parse(data);
    const bool good = message && !message->transaction.empty();
    auto* tx = host_.add(std::make_unique<DhtTransaction>(
        proto_, host_.next_transaction_id(), d, message ? std::move(*message) : Message{}));
    if (!good) host_.event(tx, static_cast<std::uint16_t>(Event::malformed_packet), d);
  }
  void gap(Direction, std::uint64_t) override {}
  void end(Direction) override {}

 private:
  ParserHost& host_;
  AppProto proto_;
};

// There is no usual port; how the messages begin is unlikely elsewhere.
Probe probe(Direction, Bytes data, bool) {
  static constexpr std::string_view kBegins[] = {
      "d1:ad2:id20:", "d1:rd2:id20:", "d2:ip6:", "d1:eli2"};
  const std::string_view text = as_text(data);
  return std::ranges::any_of(kBegins, [&](std::string_view b) { return text.starts_with(b); })
             ? Probe::yes
             : Probe::no;
}

std::unique_ptr<Parser> make(ParserHost& host, AppProto proto) {
  return std::make_unique<DhtParser>(host, proto);
}

constexpr std::string_view kEvents[] = {"malformed_packet"};

const ProtocolSpec kSpec{.name = "bittorrent-dht",
                         .rule_names = {"bittorrent-dht"},
                         .transport = TransportMask::udp,
                         .complete = {1, 1},
                         .event_prefix = "bittorrent-dht",
                         .events = kEvents};

}  // namespace
}  // namespace bittorrent

const Protocol kBittorrentDht{&bittorrent::kSpec, bittorrent::probe, {}, bittorrent::make};

}  // namespace chieng::collector
