#include "collector/protocol/snmp/message.h"

#include <fmt/core.h>

#include <array>

#include "collector/protocol/asn1/ber.h"

namespace chieng::collector::snmp {
namespace {

using asn1::BerReader;
using asn1::Value;
namespace tag = asn1::tag;

constexpr std::uint8_t kTrapV1 = 4, kLastPdu = 8;
constexpr std::int64_t kUsm = 3;
constexpr std::int64_t kPrivacy = 2;  // flag of msgFlags: the scoped PDU is encrypted

constexpr NamedValue kPduNames[] = {
    {"get_request", 0},    {"get_next_request", 1}, {"response", 2},
    {"set_request", 3},    {"trap_v1", kTrapV1},    {"get_bulk_request", 5},
    {"inform_request", 6}, {"trap_v2", 7},          {"report", kLastPdu}};
constexpr NamedValue kTrapNames[] = {{"cold_start", 0},
                                     {"warm_start", 1},
                                     {"link_down", 2},
                                     {"link_up", 3},
                                     {"authentication_failure", 4},
                                     {"egp_neighbor_loss", 5},
                                     {"enterprise_specific", 6}};
// RFC 3416 section 3
constexpr std::array<std::string_view, 19> kErrors = {"NoError",
                                                      "TooBig",
                                                      "NoSuchName",
                                                      "BadValue",
                                                      "ReadOnly",
                                                      "GenErr",
                                                      "NoAccess",
                                                      "WrongType",
                                                      "WrongLength",
                                                      "WrongEncoding",
                                                      "WrongValue",
                                                      "NoCreation",
                                                      "InconsistentValue",
                                                      "ResourceUnavailable",
                                                      "CommitFailed",
                                                      "UndoFailed",
                                                      "AuthorizationError",
                                                      "NotWritable",
                                                      "InconsistentName"};

std::optional<std::int64_t> take_integer(BerReader& in) {
  const auto value = in.expect(tag::integer);
  return value ? asn1::integer(*value) : std::nullopt;
}

std::string name_of(const Value& value) {
  std::string out = asn1::oid(value).value_or("");
  if (out.size() > Message::kMostNameSize) out.resize(Message::kMostNameSize);
  return out;
}

bool read_variables(BerReader& in, Message& out) {
  const auto list = in.expect(tag::sequence);
  if (!list) return false;
  BerReader items(list->content);
  while (!items.at_end()) {
    const auto pair = items.expect(tag::sequence);
    if (!pair) return false;
    BerReader inside(pair->content);
    const auto name = inside.expect(tag::oid);
    if (!name || !inside.next()) return false;
    if (out.names.size() < Message::kMostNames) out.names.push_back(name_of(*name));
  }
  return true;
}

std::string address_text(const Value& value) {
  if (value.content.size() != 4) return to_hex(value.content);
  const auto at = [&](std::size_t i) { return std::to_integer<unsigned>(value.content[i]); };
  return fmt::format("{}.{}.{}.{}", at(0), at(1), at(2), at(3));
}

// RFC 1157 section 4.1.6
bool read_trap(BerReader& in, Message& out) {
  const auto enterprise = in.expect(tag::oid);
  const auto address = in.next();
  const auto generic = take_integer(in);
  const auto specific = take_integer(in);
  const auto time = in.next();
  if (!enterprise || !address || !generic || !specific || !time) return false;
  out.trap_oid = name_of(*enterprise);
  out.trap_address = address_text(*address);
  out.trap_type = *generic;
  return read_variables(in, out);
}

bool read_pdu(const Value& pdu, Message& out) {
  if (pdu.klass != asn1::Class::context || pdu.number > kLastPdu) return false;
  out.pdu_type = static_cast<std::uint8_t>(pdu.number);
  BerReader in(pdu.content);
  if (pdu.number == kTrapV1) return read_trap(in, out);
  const auto id = take_integer(in);
  const auto error = take_integer(in);  // of a bulk request: non-repeaters
  const auto index = take_integer(in);
  if (!id || !error || !index) return false;
  constexpr std::uint8_t bulk = 5;
  if (pdu.number != bulk) out.error = *error;
  return read_variables(in, out);
}

bool read_user(const Value& parameters, Message& out) {
  BerReader outer(parameters.content);
  const auto list = outer.expect(tag::sequence);
  if (!list) return false;
  BerReader in(list->content);
  const auto engine = in.expect(tag::octets);
  const auto boots = take_integer(in);
  const auto time = take_integer(in);
  const auto user = in.expect(tag::octets);
  if (!engine || !boots || !time || !user) return false;
  out.user = as_text(user->content);
  return true;
}

// RFC 3412 section 6
bool read_version_3(BerReader& in, Message& out) {
  const auto head = in.expect(tag::sequence);
  if (!head) return false;
  BerReader fields(head->content);
  const auto id = take_integer(fields);
  const auto size = take_integer(fields);
  const auto flags = fields.expect(tag::octets);
  const auto model = take_integer(fields);
  const auto parameters = in.expect(tag::octets);
  const auto data = in.next();
  if (!id || !size || !flags || flags->content.size() != 1 || !model || !parameters || !data)
    return false;
  if (*model != kUsm)
    out.unknown_security_model = true;
  else if (!read_user(*parameters, out))
    return false;
  if ((std::to_integer<std::int64_t>(flags->content[0]) & kPrivacy) != 0) {
    out.encrypted = true;
    return data->is(tag::octets);
  }
  if (!data->is(tag::sequence)) return false;
  BerReader scoped(data->content);
  const auto engine = scoped.expect(tag::octets);
  const auto context = scoped.expect(tag::octets);
  const auto pdu = scoped.next();
  return engine && context && pdu && read_pdu(*pdu, out);
}

std::optional<unsigned> take_version(BerReader& in) {
  const auto number = take_integer(in);
  if (!number) return std::nullopt;
  if (*number == 0 || *number == 1) return static_cast<unsigned>(*number + 1);
  if (*number == 3) return 3;
  return std::nullopt;
}

}  // namespace

std::optional<Message> parse(Bytes datagram) {
  BerReader outer(datagram);
  const auto body = outer.expect(tag::sequence);
  if (!body) return std::nullopt;
  BerReader in(body->content);
  const auto version = take_version(in);
  if (!version) return std::nullopt;
  Message out;
  out.version = *version;
  if (out.version == 3) return read_version_3(in, out) ? std::optional(out) : std::nullopt;
  const auto community = in.expect(tag::octets);
  const auto pdu = in.next();
  if (!community || !pdu) return std::nullopt;
  out.community = as_text(community->content);
  if (!read_pdu(*pdu, out)) return std::nullopt;
  return out;
}

std::optional<unsigned> version_of(Bytes datagram) {
  BerReader outer(datagram);
  const auto body = outer.expect(tag::sequence);
  if (!body) return std::nullopt;
  BerReader in(body->content);
  return take_version(in);
}

std::span<const NamedValue> pdu_names() {
  return kPduNames;
}
std::span<const NamedValue> trap_names() {
  return kTrapNames;
}

std::string error_name(std::int64_t error) {
  if (error >= 0 && error < std::ssize(kErrors))
    return std::string(kErrors[static_cast<std::size_t>(error)]);
  return fmt::format("ErrorStatus({})", error);
}

}  // namespace chieng::collector::snmp
