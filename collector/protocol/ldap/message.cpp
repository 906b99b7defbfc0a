#include "collector/protocol/ldap/message.h"

#include "collector/protocol/asn1/ber.h"

namespace chieng::collector::ldap {
namespace {

using asn1::BerReader;
using asn1::Value;
namespace tag = asn1::tag;

std::string text(const Value& v) {
  return std::string(as_text(v.content));
}

bool take_text(BerReader& in, std::string& out) {
  const auto v = in.expect(tag::octets);
  if (v) out = text(*v);
  return v.has_value();
}

bool take_integer(BerReader& in, std::uint32_t kind, std::int64_t& out) {
  const auto v = in.expect(kind);
  const auto n = v ? asn1::integer(*v) : std::nullopt;
  if (n) out = *n;
  return n.has_value();
}

bool take_boolean(BerReader& in, bool& out) {
  const auto v = in.expect(tag::boolean);
  const auto b = v ? asn1::boolean(*v) : std::nullopt;
  if (b) out = *b;
  return b.has_value();
}

bool take_texts(BerReader& in, std::uint32_t kind, std::vector<std::string>& out) {
  const auto list = in.expect(kind);
  if (!list) return false;
  BerReader items(list->content);
  while (!items.at_end())
    if (!take_text(items, out.emplace_back())) return false;
  return true;
}

// SEQUENCE { type, SET OF value }
bool take_attribute(BerReader& in, Attribute& out) {
  const auto v = in.expect(tag::sequence);
  if (!v) return false;
  BerReader inside(v->content);
  return take_text(inside, out.type) && take_texts(inside, tag::set, out.values);
}

bool take_attributes(BerReader& in, std::vector<Attribute>& out) {
  const auto list = in.expect(tag::sequence);
  if (!list) return false;
  BerReader items(list->content);
  while (!items.at_end())
    if (!take_attribute(items, out.emplace_back())) return false;
  return true;
}

bool read_bind(BerReader& in, Message& m) {
  constexpr std::uint32_t simple = 0, sasl = 3;
  if (!take_integer(in, tag::integer, m.bind_version) || !take_text(in, m.dn.emplace()))
    return false;
  const auto choice = in.next();
  if (!choice) return false;
  if (choice->is_context(simple)) return true;
  // Other choices belong to older mechanisms; what they hold is not read.
  if (!choice->is_context(sasl)) return true;
  BerReader inside(choice->content);
  Sasl& s = m.sasl.emplace();
  if (!take_text(inside, s.mechanism)) return false;
  return inside.at_end() || take_text(inside, s.credentials.emplace());
}

bool read_search(BerReader& in, Message& m) {
  constexpr std::uint32_t present = 7;
  Search& s = m.search.emplace();
  if (!take_text(in, m.dn.emplace()) || !take_integer(in, tag::enumerated, s.scope) ||
      !take_integer(in, tag::enumerated, s.deref) ||
      !take_integer(in, tag::integer, s.size_limit) ||
      !take_integer(in, tag::integer, s.time_limit) || !take_boolean(in, s.types_only))
    return false;
  const auto filter = in.next();
  if (!filter) return false;
  if (filter->is_context(present)) s.present = text(*filter);
  return take_texts(in, tag::sequence, s.attributes);
}

bool read_modify(BerReader& in, Message& m) {
  if (!take_text(in, m.dn.emplace())) return false;
  const auto list = in.expect(tag::sequence);
  if (!list) return false;
  BerReader items(list->content);
  while (!items.at_end()) {
    const auto item = items.expect(tag::sequence);
    if (!item) return false;
    BerReader inside(item->content);
    Change& change = m.changes.emplace_back();
    if (!take_integer(inside, tag::enumerated, change.operation) ||
        !take_attribute(inside, change.attribute))
      return false;
  }
  return true;
}

bool read_modify_dn(BerReader& in, Message& m) {
  ModifyDn& d = m.modify_dn.emplace();
  if (!take_text(in, m.dn.emplace()) || !take_text(in, d.new_rdn) ||
      !take_boolean(in, d.delete_old))
    return false;
  if (in.at_end()) return true;
  const auto superior = in.next();
  if (superior && superior->is_context(0)) d.new_superior = text(*superior);
  return superior.has_value();
}

bool read_compare(BerReader& in, Message& m) {
  if (!take_text(in, m.dn.emplace())) return false;
  const auto list = in.expect(tag::sequence);
  if (!list) return false;
  BerReader inside(list->content);
  Attribute& a = m.assertion.emplace();
  return take_text(inside, a.type) && take_text(inside, a.values.emplace_back());
}

// Context-tagged fields at the end of a message, by number.
bool read_named(BerReader& in, Message& m, std::uint32_t name, std::uint32_t value) {
  while (!in.at_end()) {
    const auto v = in.next();
    if (!v) return false;
    if (v->is_context(name)) m.oid = text(*v);
    if (v->is_context(value)) m.value = text(*v);
  }
  return true;
}

bool read_outcome(BerReader& in, Message& m) {
  Outcome& o = m.outcome.emplace();
  return take_integer(in, tag::enumerated, o.code) && take_text(in, o.matched_dn) &&
         take_text(in, o.message);
}

bool read_bind_response(BerReader& in, Message& m) {
  constexpr std::uint32_t credentials = 7;
  if (!read_outcome(in, m)) return false;
  while (!in.at_end()) {
    const auto v = in.next();
    if (!v) return false;
    if (v->is_context(credentials)) m.outcome->server_credentials = text(*v);
  }
  return true;
}

bool read_operation(const Value& value, Message& m) {
  BerReader in(value.content);
  switch (m.op) {
    case op::bind_request:
      return read_bind(in, m);
    case op::search_request:
      return read_search(in, m);
    case op::modify_request:
      return read_modify(in, m);
    case op::add_request:
    case op::search_entry:
      return take_text(in, m.dn.emplace()) && take_attributes(in, m.attributes);
    case op::del_request:
      m.dn = text(value);
      return true;
    case op::mod_dn_request:
      return read_modify_dn(in, m);
    case op::compare_request:
      return read_compare(in, m);
    case op::extended_request:
      return read_named(in, m, 0, 1);
    case op::intermediate:
      return read_named(in, m, 0, 1);
    case op::extended_response:
      return read_outcome(in, m) && read_named(in, m, 10, 11);
    case op::bind_response:
      return read_bind_response(in, m);
    case op::unbind_request:
    case op::abandon_request:
    case op::search_reference:
      return true;
    default:
      return read_outcome(in, m);
  }
}

bool is_operation(std::uint32_t number) {
  return number <= op::abandon_request || number == op::search_reference ||
         (number >= op::extended_request && number <= op::intermediate);
}

}  // namespace

bool is_request(std::uint8_t number) {
  switch (number) {
    case op::bind_request:
    case op::unbind_request:
    case op::search_request:
    case op::modify_request:
    case op::add_request:
    case op::del_request:
    case op::mod_dn_request:
    case op::compare_request:
    case op::abandon_request:
    case op::extended_request:
      return true;
    default:
      return false;
  }
}

bool Message::is_request() const {
  return ldap::is_request(op);
}

std::optional<Message> parse(Bytes message) {
  BerReader outer(message);
  const auto body = outer.expect(tag::sequence);
  if (!body) return std::nullopt;
  BerReader in(body->content);
  Message out;
  out.size = body->size;
  if (!take_integer(in, tag::integer, out.id) || out.id < 0 || out.id > INT32_MAX)
    return std::nullopt;
  const auto operation = in.next();
  if (!operation || operation->klass != asn1::Class::application ||
      !is_operation(operation->number))
    return std::nullopt;
  out.op = static_cast<std::uint8_t>(operation->number);
  if (!read_operation(*operation, out)) return std::nullopt;
  return out;
}

std::optional<std::uint8_t> operation_of(Bytes data, bool& needs_more) {
  asn1::Head body;
  const auto cut = [&](asn1::HeadState state) {
    return needs_more = state == asn1::HeadState::cut;
  };
  needs_more = false;
  if (const auto state = asn1::read_head(data, body); state != asn1::HeadState::whole) {
    (void)cut(state);
    return std::nullopt;
  }
  constexpr std::uint64_t least = 5;
  if (body.klass != asn1::Class::universal || body.number != tag::sequence || !body.constructed ||
      body.content_size < least)
    return std::nullopt;
  Bytes rest = data.subspan(body.head_size);
  asn1::Head number;
  if (const auto state = asn1::read_head(rest, number); state != asn1::HeadState::whole) {
    (void)cut(state);
    return std::nullopt;
  }
  if (number.klass != asn1::Class::universal || number.number != tag::integer ||
      number.content_size == 0 || number.content_size > 4)
    return std::nullopt;
  const std::size_t before = number.head_size + static_cast<std::size_t>(number.content_size);
  if (rest.size() <= before) {
    needs_more = true;
    return std::nullopt;
  }
  asn1::Head operation;
  if (const auto state = asn1::read_head(rest.subspan(before), operation);
      state != asn1::HeadState::whole) {
    (void)cut(state);
    return std::nullopt;
  }
  if (operation.klass != asn1::Class::application || !is_operation(operation.number) ||
      before + operation.head_size + operation.content_size > body.content_size)
    return std::nullopt;
  return static_cast<std::uint8_t>(operation.number);
}

}  // namespace chieng::collector::ldap
