#include "collector/protocol/mdns/transaction.h"

#include <algorithm>
#include <cctype>

namespace chieng::collector::mdns {
namespace {

using dns::Name;
using dns::Record;

constexpr std::uint16_t kOpt = 41;

void collect(const PooledVector<Record>& records, PooledVector<const Name*>& out) {
  for (const Record& r : records) {
    out.push_back(&r.name);
    if (const auto* name = std::get_if<Name>(&r.data)) out.push_back(name);
    if (const auto* soa = std::get_if<dns::Soa>(&r.data)) out.push_back(&soa->mname);
  }
}

template <class T>
const Name* nth(const PooledVector<T>& list, std::uint32_t instance) {
  return instance < list.size() ? &list[instance].name : nullptr;
}

std::string lower_type(std::uint16_t type) {
  std::string out = dns::type_name(type);
  std::ranges::transform(out, out.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

void write_flags(JsonWriter& out, std::uint16_t flags) {
  static constexpr std::pair<std::string_view, std::uint16_t> names[] = {
      {"aa", 0x0400}, {"tc", 0x0200}, {"rd", 0x0100}, {"ra", 0x0080},
      {"z", 0x0040},  {"ad", 0x0020}, {"cd", 0x0010}};
  if ((flags & 0x07f0) == 0) return;
  out.key("flags").begin_array();
  for (const auto& [name, bit] : names)
    if ((flags & bit) != 0) out.value(name);
  out.end_array();
}

struct ValueWriter {
  JsonWriter& out;
  void operator()(const PooledString& raw) const { out.value(raw); }
  void operator()(const IpAddress& address) const { out.value(address); }
  void operator()(const Name& name) const { out.value(name.text); }
  void operator()(const dns::Soa& s) const {
    out.begin_object().field("mname", s.mname.text).field("rname", s.rname.text);
    out.field("serial", s.serial).field("refresh", s.refresh).field("retry", s.retry);
    out.field("expire", s.expire).field("minimum", s.minimum).end_object();
  }
  void operator()(const dns::Srv& s) const {
    out.begin_object().field("priority", s.priority).field("weight", s.weight);
    out.field("port", s.port).field("name", s.target.text).end_object();
  }
  void operator()(const dns::Sshfp& s) const {
    out.begin_object().field("fingerprint", s.fingerprint).field("algo", s.algorithm);
    out.field("type", s.type).end_object();
  }
  void operator()(const PooledVector<PooledString>& texts) const {
    out.begin_array();
    for (const PooledString& t : texts) out.value(t);
    out.end_array();
  }
  void operator()(const PooledVector<dns::Opt>& options) const {
    out.begin_array();
    for (const dns::Opt& o : options)
      out.begin_object().field("code", o.code).field("data", to_hex(as_bytes(o.data))).end_object();
    out.end_array();
  }
};

void write_section(JsonWriter& out, std::string_view key, const PooledVector<Record>& records,
                   bool without_opt) {
  const auto skip = [&](const Record& r) { return without_opt && r.type == kOpt; };
  if (std::ranges::all_of(records, skip)) return;
  out.key(key).begin_array();
  for (const Record& r : records) {
    if (skip(r)) continue;
    out.begin_object().field("rrname", r.name.text).key(lower_type(r.type));
    std::visit(ValueWriter{out}, r.data);
    out.end_object();
  }
  out.end_array();
}

}  // namespace

NameTransaction::NameTransaction(AppProto proto, std::uint64_t id, Direction direction,
                                 std::string_view key, dns::Message message)
    : Transaction(proto, id), direction_(direction), key_(key), message_(std::move(message)) {
  if (message_.is_response()) {
    for (const dns::Question& q : message_.questions) response_names_.push_back(&q.name);
    collect(message_.answers, response_names_);
    collect(message_.authorities, response_names_);
    collect(message_.additionals, response_names_);
  }
  set_progress(Direction::to_server, 1);
  set_progress(Direction::to_client, 1);
}

std::optional<BufferSlice> NameTransaction::buffer(unsigned local, Direction d,
                                                   std::uint32_t instance) const {
  if (d != direction_) return std::nullopt;
  const Name* name = nullptr;
  switch (static_cast<Buffer>(local)) {
    case Buffer::queries:
      name = nth(message_.questions, instance);
      break;
    case Buffer::answers:
      name = nth(message_.answers, instance);
      break;
    case Buffer::authorities:
      name = nth(message_.authorities, instance);
      break;
    case Buffer::additionals:
      name = nth(message_.additionals, instance);
      break;
    case Buffer::response:
      name = instance < response_names_.size() ? response_names_[instance] : nullptr;
      break;
  }
  if (name == nullptr) return std::nullopt;
  return BufferSlice{.data = as_bytes(name->text)};
}

void NameTransaction::write(JsonWriter& out) const {
  out.key(key_).begin_object();
  out.field("type", message_.is_response() ? "response" : "request").field("id", message_.id);
  write_flags(out, message_.flags);
  out.field("opcode", message_.opcode()).field("rcode", message_.rcode());
  if (!message_.questions.empty()) {
    out.key("queries").begin_array();
    for (const dns::Question& q : message_.questions)
      out.begin_object()
          .field("rrname", q.name.text)
          .field("rrtype", lower_type(q.type))
          .end_object();
    out.end_array();
  }
  write_section(out, "answers", message_.answers, false);
  write_section(out, "authorities", message_.authorities, false);
  write_section(out, "additionals", message_.additionals, true);
  out.end_object();
}

}  // namespace chieng::collector::mdns
