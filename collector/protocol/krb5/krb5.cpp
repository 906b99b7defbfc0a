#include "collector/protocol/krb5/krb5.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "collector/protocol/asn1/ber.h"
#include "collector/protocol/krb5/message.h"
#include "core/bytes/reader.h"

namespace chieng::collector {
namespace krb5 {
namespace {

constexpr std::uint16_t kPorts[] = {88};
// Tickets with a large authorization list come near to 64 KiB.
constexpr std::uint32_t kMostRecord = 128 * 1024;
constexpr std::size_t kRecordHead = 4;  // RFC 4120 section 7.2.2

enum class Buffer : std::uint8_t { cname, sname };
enum class Integer : std::uint8_t { msg_type, err_code, ticket_encryption };
enum class Event : std::uint16_t { malformed_data, weak_encryption };

constexpr BufferSpec kBuffers[] = {
    {.name = "krb5.cname",
     .sides = Sides::to_client,
     .ready = {1, 1},
     .multi = true,
     .aliases = {"krb5_cname"},
     .privacy = FieldClass::personal},
    {.name = "krb5.sname",
     .sides = Sides::to_client,
     .ready = {1, 1},
     .multi = true,
     .aliases = {"krb5_sname"}},
};

std::span<const IntegerSpec> integers() {
  static const IntegerSpec list[] = {
      {.name = "krb5_msg_type",
       .ready = {1, 1},
       .bits = 32,
       .names = type_values(),
       .aliases = {"krb5.msg_type"}},
      {.name = "krb5_err_code", .ready = {1, 1}, .bits = 32, .aliases = {"krb5.err_code"}},
      {.name = "krb5.ticket_encryption", .ready = {1, 1}, .bits = 32, .names = encryption_values()},
  };
  return list;
}

constexpr std::string_view kEvents[] = {"malformed_data", "weak_encryption"};

std::string joined(const std::optional<std::vector<std::string>>& parts) {
  if (!parts) return "<empty>";
  std::string out;
  for (const std::string& part : *parts) {
    if (&part != parts->data()) out += '/';
    out += part;
  }
  return out;
}

class KrbTransaction final : public Transaction {
 public:
  KrbTransaction(AppProto proto, std::uint64_t id, Direction d, Message message,
                 std::uint8_t request)
      : Transaction(proto, id), direction_(d), request_(request), message_(std::move(message)) {
    set_progress(Direction::to_server, 1);
    set_progress(Direction::to_client, 1);
  }

  [[nodiscard]] std::optional<BufferSlice> buffer(unsigned local, Direction d,
                                                  std::uint32_t instance) const override {
    const auto& parts =
        static_cast<Buffer>(local) == Buffer::cname ? message_.client : message_.server;
    if (d != direction_ || !parts || instance >= parts->size()) return std::nullopt;
    return BufferSlice{as_bytes((*parts)[instance])};
  }

  [[nodiscard]] std::optional<std::uint64_t> integer(unsigned local, Direction d,
                                                     std::uint32_t) const override {
    if (d != direction_ || message_.type == 0) return std::nullopt;
    const auto bits = [](std::optional<std::int32_t> n) -> std::optional<std::uint64_t> {
      if (!n) return std::nullopt;
      return static_cast<std::uint32_t>(*n);
    };
    switch (static_cast<Integer>(local)) {
      case Integer::msg_type:
        return message_.type;
      case Integer::err_code:
        return bits(message_.error);
      case Integer::ticket_encryption:
        return bits(message_.ticket_encryption);
    }
    return std::nullopt;
  }

  void write(JsonWriter& out) const override {
    out.key("krb5").begin_object().field("msg_type", type_name(message_.type));
    if (message_.error)
      out.field("failed_request", type_name(request_))
          .field("error_code", error_name(*message_.error));
    out.field("cname", joined(message_.client)).field("realm", message_.realm.value_or("<empty>"));
    out.field("sname", joined(message_.server));
    const auto encryption = message_.encryption;
    out.field("encryption", encryption ? encryption_name(*encryption) : "<none>");
    out.field("weak_encryption", encryption && is_weak(*encryption));
    if (message_.ticket_encryption)
      out.field("ticket_encryption", encryption_name(*message_.ticket_encryption))
          .field("ticket_weak_encryption", is_weak(*message_.ticket_encryption));
    out.end_object();
  }

  [[nodiscard]] Direction event_direction() const override { return direction_; }
  [[nodiscard]] bool one_sided() const override { return true; }

 private:
  Direction direction_;
  std::uint8_t request_;  // that an error answers
  Message message_;
};

// A message in, a transaction out. Keeps at most one record (kMostRecord) a direction.
class KrbParser final : public Parser {
 public:
  KrbParser(ParserHost& host, AppProto proto) : host_(host), proto_(proto) {}

  void data(Direction d, Bytes data) override {
    if (host_.flow().key.proto == ip_proto::tcp)
      stream(d, data);
    else
      message(d, data);
  }
  void gap(Direction d, std::uint64_t) override {
    held_[index(d)].clear();
    lost_[index(d)] = true;
  }
  void end(Direction) override {}

 private:
  void stream(Direction d, Bytes data);
  void message(Direction d, Bytes data);
  void malformed(Direction d);
  void raise(Transaction* tx, Event e, Direction d) { host_.event(tx, std::to_underlying(e), d); }

  ParserHost& host_;
  AppProto proto_;
  std::uint8_t request_ = 0;  // type of the last one
  std::array<std::vector<std::byte>, 2> held_;
  std::array<bool, 2> lost_{};  // after a gap: where a record begins is not known
};

void KrbParser::malformed(Direction d) {
  auto* tx = host_.add(std::make_unique<KrbTransaction>(proto_, host_.next_transaction_id(), d,
                                                        Message{}, request_));
  tx->logging_disabled = true;
  raise(tx, Event::malformed_data, d);
}

void KrbParser::message(Direction d, Bytes data) {
  auto parsed = parse(data);
  if (!parsed) return malformed(d);
  const std::uint8_t what = parsed->type;
  const auto encryption = parsed->encryption;
  const std::uint8_t answered = request_;
  const bool request = what == type::as_req || what == type::tgs_req || what == type::ap_req;
  request_ = request ? what : 0;
  const bool known = what == type::error || (what >= type::as_req && what <= type::tgs_rep);
  if (!known) return;
  auto* tx = host_.add(std::make_unique<KrbTransaction>(proto_, host_.next_transaction_id(), d,
                                                        std::move(*parsed), answered));
  if (encryption && is_weak(*encryption)) raise(tx, Event::weak_encryption, d);
}

void KrbParser::stream(Direction d, Bytes data) {
  std::vector<std::byte>& held = held_[index(d)];
  if (lost_[index(d)]) {
    if (data.size() <= kRecordHead || !type_of(data.subspan(kRecordHead))) return;
    lost_[index(d)] = false;
  }
  Bytes in = data;
  if (!held.empty()) {
    held.insert(held.end(), data.begin(), data.end());
    in = held;
  }
  std::size_t used = 0;
  while (true) {
    Reader next(in.subspan(used));
    const std::uint32_t length = next.u32();
    if (next.ok() && length > kMostRecord) {
      malformed(d);
      held = {};
      return host_.stop(d);
    }
    const Bytes body = next.take(length);
    if (!next.ok()) break;
    if (!body.empty()) message(d, body);
    used += body.size() + kRecordHead;
  }
  if (used > 0) host_.inspect_raw(d);
  if (held.empty())
    held.assign(in.begin() + static_cast<std::ptrdiff_t>(used), in.end());
  else
    held.erase(held.begin(), held.begin() + static_cast<std::ptrdiff_t>(used));
}

// A record: its length agrees with the tag's.
Probe probe_record(Bytes data) {
  Reader in(data);
  const std::uint32_t length = in.u32();
  if (!in.ok()) return data.empty() || data[0] == std::byte{0} ? Probe::maybe : Probe::no;
  if (length > kMostRecord || length < kRecordHead) return Probe::no;
  asn1::Head head;
  const auto state = asn1::read_head(in.rest(), head);
  if (state == asn1::HeadState::bad) return Probe::no;
  if (state == asn1::HeadState::cut) return Probe::maybe;
  if (head.klass != asn1::Class::application || head.head_size + head.content_size != length)
    return Probe::no;
  constexpr std::size_t enough = 16;  // up to the version
  if (type_of(in.rest())) return Probe::yes;
  return in.remaining() < std::min<std::size_t>(length, enough) ? Probe::maybe : Probe::no;
}

// A datagram and a record differ in their first byte: a tag's is not zero.
Probe probe(Direction, Bytes data, bool) {
  if (data.empty()) return Probe::maybe;
  if (data[0] == std::byte{0}) return probe_record(data);
  return (data[0] & std::byte{0xe0}) == std::byte{0x60} && type_of(data) ? Probe::yes : Probe::no;
}

std::unique_ptr<Parser> make(ParserHost& host, AppProto proto) {
  return std::make_unique<KrbParser>(host, proto);
}

const ProtocolSpec kSpec{.name = "krb5",
                         .rule_names = {"krb5"},
                         .transport = TransportMask::both,
                         .complete = {1, 1},
                         .buffers = kBuffers,
                         .integers = integers(),
                         .event_prefix = "krb5",
                         .events = kEvents};

}  // namespace
}  // namespace krb5

const Protocol kKrb5{&krb5::kSpec, krb5::probe, krb5::kPorts, krb5::make};

}  // namespace chieng::collector
