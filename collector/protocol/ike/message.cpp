#include "collector/protocol/ike/message.h"

#include <algorithm>

#include "core/bytes/reader.h"

namespace chieng::collector::ike {
namespace {

enum Payload1 : std::uint8_t {
  sa1 = 1,
  proposal1 = 2,
  transform1 = 3,
  key1 = 4,
  nonce1 = 10,
  vendor1 = 13
};
enum Payload2 : std::uint8_t { sa2 = 33, notify2 = 41 };
constexpr std::size_t kHeader = 28;

bool known_exchange(unsigned major, std::uint8_t exchange) {
  if (major == 1) return (exchange >= 1 && exchange <= 6) || (exchange >= 32 && exchange <= 33);
  return exchange >= 34 && exchange <= 44;
}

void add(std::vector<std::uint8_t>& payloads, std::uint8_t kind) {
  if (std::ranges::find(payloads, kind) == payloads.end()) payloads.push_back(kind);
}

Attributes read_attributes(Reader in) {
  Attributes out;
  while (in.remaining() >= 4 && out.size() < Message::kMaxEntries) {
    const std::uint16_t head = in.u16(), word = in.u16();
    Attribute a{.type = static_cast<std::uint16_t>(head & 0x7fff), .number = word, .hex = {}};
    if ((head & 0x8000) == 0) {
      Reader value = in.sub(word);
      if (!in.ok()) break;
      if (word == 4)
        a.number = value.u32();
      else
        a.hex = to_hex(value.rest());
    }
    out.push_back(std::move(a));
  }
  return out;
}

// A chain of transforms: each says whether another follows. False: one does not fit.
bool read_transforms(Message& m, Reader in) {
  while (!in.at_end() && m.transforms.size() < Message::kMaxEntries) {
    in.skip(2);
    const std::uint16_t length = in.u16();
    if (!in.ok() || length < 8) return false;
    Reader body = in.sub(length - 4u);
    if (!in.ok()) return false;
    body.skip(4);
    m.transforms.push_back(read_attributes(body));
  }
  return true;
}

void read_proposals1(Message& m, Reader in) {
  const Message before = m;
  while (!in.at_end()) {
    in.skip(2);
    const std::uint16_t length = in.u16();
    if (!in.ok() || length < 8) break;
    Reader body = in.sub(length - 4u);
    body.skip(2);
    const std::uint8_t spi = body.u8();
    body.skip(1);
    body.skip(spi);
    if (!body.ok()) break;
    if (!read_transforms(m, body)) {
      m = before;
      return;
    }
    add(m.payloads, proposal1);
    if (!m.transforms.empty()) add(m.payloads, transform1);
  }
}

void read_payload1(Message& m, std::uint8_t kind, Reader in) {
  switch (kind) {
    case sa1:
      m.doi = in.u32();
      if (!in.ok()) m.doi.reset();
      in.skip(4);  // situation: 4 bytes in the only domain of interpretation that is in use
      if (in.ok()) read_proposals1(m, in);
      break;
    case key1:
      m.key_exchange = as_text(in.rest());
      break;
    case nonce1:
      m.nonce = as_text(in.rest());
      break;
    case vendor1:
      if (m.vendors.size() < Message::kMaxEntries) m.vendors.push_back(to_hex(in.rest()));
      break;
    default:
      break;
  }
}

void read_proposals2(Message& m, Reader in) {
  while (!in.at_end() && m.proposals.size() < Message::kMaxEntries) {
    in.skip(2);
    const std::uint16_t length = in.u16();
    if (!in.ok() || length < 8) return;
    Reader body = in.sub(length - 4u);
    Proposal proposal;
    body.skip(1);
    proposal.protocol = body.u8();
    const std::uint8_t spi = body.u8();
    body.skip(1);
    body.skip(spi);
    while (body.remaining() >= 8 && proposal.transforms.size() < Message::kMaxEntries) {
      body.skip(2);
      const std::uint16_t size = body.u16();
      const std::uint8_t type = body.u8();
      body.skip(1);
      const std::uint16_t id = body.u16();
      if (size < 8) return;
      body.skip(size - 8u);
      if (body.ok()) proposal.transforms.push_back({type, id});
    }
    if (!body.ok()) return;
    m.proposals.push_back(std::move(proposal));
  }
}

void read_payload2(Message& m, std::uint8_t kind, Reader in) {
  if (kind == sa2) read_proposals2(m, in);
  if (kind != notify2) return;
  in.skip(2);
  const std::uint16_t type = in.u16();
  if (in.ok() && m.notifies.size() < Message::kMaxEntries) m.notifies.push_back(type);
}

void read_payloads(Message& m, Reader in) {
  std::uint8_t kind = m.first_payload;
  const bool second = m.major() == 2;
  for (std::size_t n = 0; n < Message::kMaxPayloads; ++n) {
    if (in.at_end()) {
      if (second) m.payloads.push_back(kind);
      return;
    }
    const std::uint8_t next = in.u8();
    in.skip(1);
    const std::uint16_t length = in.u16();
    Reader body = in.sub(length >= 4 ? length - 4u : in.remaining() + 1);
    if (!in.ok()) return;
    if (second) {
      m.payloads.push_back(kind);
      read_payload2(m, kind, body);
    } else {
      add(m.payloads, kind);
      read_payload1(m, kind, body);
    }
    constexpr std::uint8_t kEncrypted = 46, kEncryptedFragment = 53;
    // The next payload that an encrypted one names is the first inside of it.
    kind = second && (kind == kEncrypted || kind == kEncryptedFragment) ? 0 : next;
  }
}

}  // namespace

bool is_message(Bytes data, bool strict) {
  Reader in(data);
  const std::uint64_t initiator = in.u64(), responder = in.u64();
  const std::uint8_t first = in.u8(), version = in.u8(), exchange = in.u8();
  in.skip(1);
  const std::uint32_t id = in.u32(), length = in.u32();
  const unsigned major = version >> 4;
  if (!in.ok() || initiator == 0 || length != data.size() || (version & 15) != 0) return false;
  if (major != 1 && major != 2) return false;
  if (!known_exchange(major, exchange)) return false;
  if (!strict) return true;
  const bool first_payload = major == 1 ? first == sa1 : first == sa2;
  const bool first_exchange = major == 2 ? exchange == 34 : exchange == 2 || exchange == 4;
  return responder == 0 && id == 0 && first_payload && first_exchange;
}

std::optional<Message> parse_message(Bytes data) {
  Reader in(data);
  Message m;
  m.initiator = to_hex(in.take(8));
  m.responder = to_hex(in.take(8));
  m.first_payload = in.u8();
  m.version = in.u8();
  m.exchange = in.u8();
  m.flags = in.u8();
  m.id = in.u32();
  const std::uint32_t length = in.u32();
  if (!in.ok() || length < kHeader || length > data.size()) return std::nullopt;
  if (m.major() != 1 && m.major() != 2) return std::nullopt;
  Reader body = in.sub(length - kHeader);
  m.encrypted = m.major() == 1 && (m.flags & 1) != 0;
  if (m.encrypted)
    m.payloads.push_back(m.first_payload);
  else
    read_payloads(m, body);
  return m;
}

}  // namespace chieng::collector::ike
