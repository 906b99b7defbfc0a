#include "collector/protocol/krb5/message.h"

#include <algorithm>
#include <array>

#include "collector/protocol/asn1/ber.h"

namespace chieng::collector::krb5 {
namespace {

using asn1::BerReader;
using asn1::Value;
namespace tag = asn1::tag;

constexpr std::int64_t kVersion = 5;
constexpr std::array<std::uint8_t, 11> kTypes = {
    type::as_req, type::as_rep, type::tgs_req, type::tgs_rep, type::ap_req, type::ap_rep,
    20,  // SAFE
    21,  // PRIV
    22,  // CRED
    25,  // encrypted part
    type::error};

std::optional<std::int32_t> small_integer(const Value& wrapped) {
  BerReader in(wrapped.content);
  const auto value = in.expect(tag::integer);
  const auto number = value ? asn1::integer(*value) : std::nullopt;
  if (!number || *number < INT32_MIN || *number > INT32_MAX) return std::nullopt;
  return static_cast<std::int32_t>(*number);
}

std::optional<std::string> text(const Value& wrapped) {
  BerReader in(wrapped.content);
  const auto value = in.next();
  if (!value || value->constructed) return std::nullopt;
  return std::string(as_text(value->content));
}

// PrincipalName: [0] type, [1] SEQUENCE OF KerberosString
std::optional<std::vector<std::string>> name(const Value& wrapped) {
  BerReader outer(wrapped.content);
  const auto body = outer.expect(tag::sequence);
  if (!body) return std::nullopt;
  BerReader in(body->content);
  const auto kind = in.next();
  const auto parts = in.next();
  if (!kind || !parts || !parts->is_context(1)) return std::nullopt;
  BerReader list(parts->content);
  const auto strings = list.expect(tag::sequence);
  if (!strings) return std::nullopt;
  std::vector<std::string> out;
  BerReader items(strings->content);
  while (!items.at_end() && out.size() < Message::kMostParts) {
    const auto part = items.next();
    if (!part) return std::nullopt;
    out.emplace_back(as_text(part->content));
  }
  return out;
}

// EncryptedData: [0] etype …
std::optional<std::int32_t> etype(const Value& wrapped) {
  BerReader outer(wrapped.content);
  const auto body = outer.expect(tag::sequence);
  if (!body) return std::nullopt;
  BerReader in(body->content);
  const auto first = in.next();
  return first && first->is_context(0) ? small_integer(*first) : std::nullopt;
}

// Calls take for every context-tagged field of a sequence; false where one cannot be read.
template <class F>
bool each_field(Bytes content, F&& take) {
  BerReader in(content);
  while (!in.at_end()) {
    const auto field = in.next();
    if (!field || (field->klass == asn1::Class::context && !take(*field))) return false;
  }
  return true;
}

template <class T>
bool keep(std::optional<T>& out, std::optional<T> value) {
  out = std::move(value);
  return out.has_value();
}

bool read_request(Bytes fields, Message& out) {
  constexpr std::uint32_t body = 4;
  bool seen = false;
  const auto body_field = [&](const Value& field) {
    if (field.number == 1) return keep(out.client, name(field));
    if (field.number == 2) return keep(out.realm, text(field));
    if (field.number == 3) return keep(out.server, name(field));
    return true;
  };
  const bool good = each_field(fields, [&](const Value& field) {
    if (field.number != body) return true;
    seen = true;
    BerReader in(field.content);
    const auto sequence = in.expect(tag::sequence);
    return sequence && each_field(sequence->content, body_field);
  });
  return good && seen;
}

bool read_ticket(const Value& wrapped, Message& out) {
  BerReader outer(wrapped.content);
  const auto ticket = outer.next();
  if (!ticket || !ticket->is_application(1)) return false;
  BerReader inner(ticket->content);
  const auto body = inner.expect(tag::sequence);
  return body && each_field(body->content, [&](const Value& field) {
           if (field.number == 2) return keep(out.server, name(field));
           if (field.number == 3) return keep(out.ticket_encryption, etype(field));
           return true;
         });
}

bool read_reply(Bytes fields, Message& out) {
  return each_field(fields, [&](const Value& field) {
    switch (field.number) {
      case 3:
        return keep(out.realm, text(field));
      case 4:
        return keep(out.client, name(field));
      case 5:
        return read_ticket(field, out);
      case 6:
        return keep(out.encryption, etype(field));
      default:
        return true;
    }
  });
}

bool read_error(Bytes fields, Message& out) {
  const bool good = each_field(fields, [&](const Value& field) {
    switch (field.number) {
      case 6:
        return keep(out.error, small_integer(field));
      case 7:
        return keep(out.realm, text(field));
      case 8:
        return keep(out.client, name(field));
      case 10:
        return keep(out.server, name(field));
      default:
        return true;
    }
  });
  return good && out.error.has_value();
}

}  // namespace

std::optional<std::uint8_t> type_of(Bytes data) {
  asn1::Head head;
  if (asn1::read_head(data, head) != asn1::HeadState::whole ||
      head.klass != asn1::Class::application || !head.constructed ||
      std::ranges::find(kTypes, head.number) == kTypes.end())
    return std::nullopt;
  const Bytes inside = data.subspan(head.head_size);
  asn1::Head sequence;
  if (asn1::read_head(inside, sequence) != asn1::HeadState::whole ||
      sequence.klass != asn1::Class::universal || sequence.number != tag::sequence ||
      sequence.content_size > head.content_size)
    return std::nullopt;
  // KDC-REQ numbers its fields from 1, all others from 0; the first is the version.
  BerReader fields(inside.subspan(sequence.head_size));
  const auto version = fields.next();
  if (!version || version->klass != asn1::Class::context || version->number > 1 ||
      small_integer(*version) != kVersion)
    return std::nullopt;
  return static_cast<std::uint8_t>(head.number);
}

std::optional<Message> parse(Bytes data) {
  const auto what = type_of(data);
  if (!what) return std::nullopt;
  Message out;
  out.type = *what;
  BerReader outer(data);
  const auto message = outer.next();
  if (!message) return std::nullopt;
  BerReader inner(message->content);
  const auto body = inner.expect(tag::sequence);
  if (!body) return std::nullopt;
  bool good = true;
  switch (out.type) {
    case type::as_req:
    case type::tgs_req:
      good = read_request(body->content, out);
      break;
    case type::as_rep:
    case type::tgs_rep:
      good = read_reply(body->content, out);
      break;
    case type::error:
      good = read_error(body->content, out);
      break;
    default:
      break;
  }
  return good ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace chieng::collector::krb5
