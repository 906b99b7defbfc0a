#include "collector/protocol/dns/message.h"

#include <algorithm>

#include "core/bytes/reader.h"

namespace chieng::collector::dns {
namespace {

constexpr std::size_t kMaxName = 1025;
constexpr int kMaxLabels = 255, kMaxJumps = 255;

enum : std::uint16_t {
  type_a = 1,
  type_ns = 2,
  type_cname = 5,
  type_soa = 6,
  type_ptr = 12,
  type_mx = 15,
  type_txt = 16,
  type_aaaa = 28,
  type_srv = 33,
  type_opt = 41,
  type_sshfp = 44
};

class MessageParser {
 public:
  explicit MessageParser(Bytes bytes) : bytes_(bytes), in_(bytes) {}

  std::optional<Message> run();

 private:
  // A name at the reader's place; the reader ends behind it. Compressed parts are looked up in the
  // whole message.
  std::optional<Name> name(Reader& in);
  bool label(Reader& in, std::uint8_t length, Name& out);
  bool records(PooledVector<Record>& out, std::uint16_t count, Fault fault);
  std::optional<Record> record();
  Rdata rdata(std::uint16_t type, Bytes data);
  std::optional<Rdata> structured(std::uint16_t type, Bytes data);
  void fault(Fault f) {
    if (std::ranges::find(message_.faults, f) == message_.faults.end())
      message_.faults.push_back(f);
  }

  Bytes bytes_;
  Reader in_;
  Message message_;
  std::size_t budget_ = Message::kNameBudget;
};

bool MessageParser::label(Reader& in, std::uint8_t length, Name& out) {
  const Bytes text = in.take(length);
  if (!in.ok() || text.size() > budget_) return false;
  budget_ -= text.size();
  if (!out.text.empty() && !out.truncated) out.text += '.';
  const std::size_t room = kMaxName - std::min(kMaxName, out.text.size());
  if (text.size() > room) {
    out.truncated = true;
    fault(Fault::name_too_long);
  }
  out.text += as_text(text.first(std::min(text.size(), room)));
  return true;
}

std::optional<Name> MessageParser::name(Reader& in) {
  Name out;
  Reader elsewhere(bytes_);
  Reader* at = &in;
  int jumps = 0;
  for (int labels = 0;;) {
    const std::uint8_t length = at->u8();
    if (!at->ok()) return std::nullopt;
    if (length == 0) return out;
    if ((length & 0xc0) == 0xc0) {
      const std::size_t target = (length & 0x3fu) << 8 | at->u8();
      if (!at->ok() || target >= bytes_.size()) return std::nullopt;
      if (++jumps > kMaxJumps) {
        fault(Fault::infinite_loop);
        out.truncated = true;
        return out;
      }
      elsewhere = Reader(bytes_);
      elsewhere.skip(target);
      at = &elsewhere;
      continue;
    }
    if ((length & 0xc0) != 0) return std::nullopt;
    if (++labels > kMaxLabels) {
      fault(Fault::too_many_labels);
      out.truncated = true;
      return out;
    }
    if (!label(*at, length, out)) return std::nullopt;
  }
}

std::optional<Rdata> MessageParser::structured(std::uint16_t type, Bytes data) {
  // Names inside may point anywhere into the message, so they are read from a reader of the
  // message.
  Reader in(bytes_.first(static_cast<std::size_t>(data.data() - bytes_.data()) + data.size()));
  in.skip(static_cast<std::size_t>(data.data() - bytes_.data()));
  switch (type) {
    case type_a:
    case type_aaaa:
      if (data.size() != (type == type_a ? 4 : 16)) return std::nullopt;
      return IpAddress::from_bytes(data);
    case type_mx:
      in.skip(2);
      [[fallthrough]];
    case type_ns:
    case type_cname:
    case type_ptr: {
      std::optional<Name> n = name(in);
      if (!n) return std::nullopt;
      return std::move(*n);
    }
    case type_soa: {
      std::optional<Name> mname = name(in);
      std::optional<Name> rname = mname ? name(in) : std::nullopt;
      if (!rname) return std::nullopt;
      Soa soa{std::move(*mname), std::move(*rname), in.u32(), in.u32(),
              in.u32(),          in.u32(),          in.u32()};
      if (!in.ok()) return std::nullopt;
      return soa;
    }
    case type_srv: {
      Srv srv{in.u16(), in.u16(), in.u16(), {}};
      std::optional<Name> target = in.ok() ? name(in) : std::nullopt;
      if (!target) return std::nullopt;
      srv.target = std::move(*target);
      return srv;
    }
    default:
      return std::nullopt;
  }
}

Rdata MessageParser::rdata(std::uint16_t type, Bytes data) {
  if (std::optional<Rdata> known = structured(type, data)) return std::move(*known);
  Reader in(data);
  if (type == type_txt) {
    PooledVector<PooledString> strings;
    while (!in.at_end()) {
      const std::uint8_t length = in.u8();
      const Bytes text = in.take(std::min<std::size_t>(length, in.remaining()));
      strings.emplace_back(as_text(text));
    }
    return strings;
  }
  if (type == type_sshfp && data.size() > 2) {
    Sshfp out{in.u8(), in.u8(), {}};
    const std::string hex = to_hex(in.rest());
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
      if (i > 0) out.fingerprint += ':';
      out.fingerprint += hex.substr(i, 2);
    }
    return out;
  }
  if (type == type_opt) {
    PooledVector<Opt> options;
    while (in.remaining() >= 4) {
      const std::uint16_t code = in.u16();
      const Bytes value = in.take(in.u16());
      if (in.ok()) options.push_back({code, PooledString(as_text(value))});
    }
    return options;
  }
  return PooledString(as_text(data));
}

std::optional<Record> MessageParser::record() {
  std::optional<Name> owner = name(in_);
  if (!owner) return std::nullopt;
  Record out;
  out.name = std::move(*owner);
  out.type = in_.u16();
  out.klass = in_.u16();
  out.ttl = in_.u32();
  const Bytes data = in_.take(in_.u16());
  if (!in_.ok()) return std::nullopt;
  out.data = rdata(out.type, data);
  return out;
}

bool MessageParser::records(PooledVector<Record>& out, std::uint16_t count, Fault why) {
  for (std::uint16_t i = 0; i < count; ++i) {
    std::optional<Record> r = record();
    if (!r) {
      fault(why);
      return false;
    }
    out.push_back(std::move(*r));
  }
  return true;
}

std::optional<Message> MessageParser::run() {
  message_.id = in_.u16();
  message_.flags = in_.u16();
  const std::uint16_t questions = in_.u16(), answers = in_.u16(), authorities = in_.u16(),
                      additionals = in_.u16();
  if (!in_.ok()) return std::nullopt;
  for (std::uint16_t i = 0; i < questions; ++i) {
    std::optional<Name> n = name(in_);
    Question q;
    q.type = in_.u16();
    q.klass = in_.u16();
    if (!n || !in_.ok()) return std::nullopt;
    q.name = std::move(*n);
    message_.questions.push_back(std::move(q));
  }
  const bool whole = records(message_.answers, answers, Fault::malformed) &&
                     records(message_.authorities, authorities, Fault::authorities) &&
                     records(message_.additionals, additionals, Fault::additionals);
  if (!whole && message_.faults.back() == Fault::malformed) return std::nullopt;
  return std::move(message_);
}

}  // namespace

std::uint16_t Message::rcode() const {
  const auto low = static_cast<std::uint16_t>(flags & 15);
  for (const Record& r : additionals)
    if (r.type == type_opt) return static_cast<std::uint16_t>(low | (r.ttl >> 24) << 4);
  return low;
}

std::optional<Message> parse(Bytes message) {
  return MessageParser(message).run();
}

bool plausible(Bytes message, std::size_t size) {
  Reader in(message);
  in.skip(2);
  const std::uint16_t flags = in.u16();
  std::uint32_t least = 12;
  for (int i = 0; i < 4; ++i) least += std::uint32_t{in.u16()} * (i == 0 ? 5 : 11);
  if (!in.ok()) return false;
  const unsigned opcode = flags >> 11 & 15;
  const bool bare_answer = (flags & 0x8000) != 0 && size == 12;  // an error without the question
  return opcode < 7 && opcode != 3 && least <= size && (least > 12 || bare_answer);
}

}  // namespace chieng::collector::dns
