// EVE's dns object, version 3.
#include <fmt/core.h>

#include <algorithm>

#include "collector/protocol/dns/transaction.h"

namespace chieng::collector::dns {
namespace {

constexpr std::uint16_t kOpt = 41;

void write_name(JsonWriter& out, std::string_view key, const Name& name) {
  out.field(key, name.text);
  if (name.truncated) out.field(fmt::format("{}_truncated", key), true);
}

void write_soa(JsonWriter& out, const Soa& soa) {
  out.key("soa").begin_object();
  write_name(out, "mname", soa.mname);
  write_name(out, "rname", soa.rname);
  out.field("serial", soa.serial).field("refresh", soa.refresh).field("retry", soa.retry);
  out.field("expire", soa.expire).field("minimum", soa.minimum);
  out.end_object();
}

void write_srv(JsonWriter& out, const Srv& srv) {
  out.key("srv").begin_object();
  out.field("priority", srv.priority).field("weight", srv.weight).field("port", srv.port);
  write_name(out, "name", srv.target);
  out.end_object();
}

void write_sshfp(JsonWriter& out, const Sshfp& key) {
  out.key("sshfp").begin_object();
  out.field("fingerprint", key.fingerprint).field("algo", key.algorithm).field("type", key.type);
  out.end_object();
}

void write_options(JsonWriter& out, const PooledVector<Opt>& options) {
  out.key("opt").begin_array();
  for (const Opt& o : options) {
    out.begin_object().field("code", o.code);
    out.field("data", to_hex(as_bytes(o.data))).end_object();
  }
  out.end_array();
}

void begin_record(JsonWriter& out, const Record& r) {
  out.begin_object();
  write_name(out, "rrname", r.name);
  out.field("rrtype", type_name(r.type)).field("ttl", r.ttl);
}

// A record of several texts is written as several entries.
void write_record(JsonWriter& out, const Record& r) {
  if (const auto* texts = std::get_if<PooledVector<PooledString>>(&r.data)) {
    for (const PooledString& text : *texts) {
      begin_record(out, r);
      out.field("rdata", text).end_object();
    }
    return;
  }
  begin_record(out, r);
  if (const auto* address = std::get_if<IpAddress>(&r.data))
    out.field("rdata", *address);
  else if (const auto* name = std::get_if<Name>(&r.data))
    write_name(out, "rdata", *name);
  else if (const auto* soa = std::get_if<Soa>(&r.data))
    write_soa(out, *soa);
  else if (const auto* srv = std::get_if<Srv>(&r.data))
    write_srv(out, *srv);
  else if (const auto* key = std::get_if<Sshfp>(&r.data))
    write_sshfp(out, *key);
  else if (const auto* options = std::get_if<PooledVector<Opt>>(&r.data))
    write_options(out, *options);
  out.end_object();
}

bool is_empty_opt(const Record& r) {
  const auto* options = std::get_if<PooledVector<Opt>>(&r.data);
  return r.type == kOpt && (options == nullptr || options->empty());
}

void write_section(JsonWriter& out, std::string_view key, const PooledVector<Record>& records) {
  if (std::ranges::all_of(records, is_empty_opt)) return;
  out.key(key).begin_array();
  for (const Record& r : records)
    if (!is_empty_opt(r)) write_record(out, r);
  out.end_array();
}

void write_grouped_value(JsonWriter& out, const Record& r) {
  if (const auto* address = std::get_if<IpAddress>(&r.data))
    out.value(*address);
  else if (const auto* name = std::get_if<Name>(&r.data))
    out.value(name->text);
  else if (const auto* texts = std::get_if<PooledVector<PooledString>>(&r.data))
    for (const PooledString& text : *texts) out.value(text);
  else if (const auto* soa = std::get_if<Soa>(&r.data)) {
    out.begin_object();
    write_name(out, "mname", soa->mname);
    write_name(out, "rname", soa->rname);
    out.field("serial", soa->serial).field("refresh", soa->refresh).field("retry", soa->retry);
    out.field("expire", soa->expire).field("minimum", soa->minimum).end_object();
  } else if (const auto* srv = std::get_if<Srv>(&r.data)) {
    out.begin_object()
        .field("priority", srv->priority)
        .field("weight", srv->weight)
        .field("port", srv->port);
    write_name(out, "name", srv->target);
    out.end_object();
  } else if (const auto* key = std::get_if<Sshfp>(&r.data)) {
    out.begin_object().field("fingerprint", key->fingerprint).field("algo", key->algorithm);
    out.field("type", key->type).end_object();
  }
}

bool is_groupable(const Record& r) {
  return !std::holds_alternative<PooledString>(r.data) &&
         !std::holds_alternative<PooledVector<Opt>>(r.data);
}

void write_grouped(JsonWriter& out, const PooledVector<Record>& answers) {
  PooledVector<std::uint16_t> types;
  for (const Record& r : answers)
    if (is_groupable(r) && std::ranges::find(types, r.type) == types.end()) types.push_back(r.type);
  if (types.empty()) return;
  out.key("grouped").begin_object();
  for (const std::uint16_t type : types) {
    out.key(type_name(type)).begin_array();
    for (const Record& r : answers)
      if (r.type == type && is_groupable(r)) write_grouped_value(out, r);
    out.end_array();
  }
  out.end_object();
}

void write_flags(JsonWriter& out, std::uint16_t flags) {
  out.field("flags", fmt::format("{:x}", flags));
  struct Flag {
    std::string_view name;
    std::uint16_t bit;
  };
  static constexpr Flag names[] = {{"qr", 0x8000}, {"aa", 0x0400}, {"tc", 0x0200},
                                   {"rd", 0x0100}, {"ra", 0x0080}, {"z", 0x0040}};
  for (const Flag& f : names)
    if ((flags & f.bit) != 0) out.field(f.name, true);
}

}  // namespace

void write_message(JsonWriter& out, const Message& message, std::uint64_t tx_id) {
  out.field("version", 3).field("type", message.is_response() ? "response" : "request");
  out.field("tx_id", tx_id).field("id", message.id);
  write_flags(out, message.flags);
  out.field("opcode", message.opcode()).field("rcode", rcode_name(message.rcode()));
  if (!message.questions.empty()) {
    out.key("queries").begin_array();
    for (const Question& q : message.questions) {
      out.begin_object();
      write_name(out, "rrname", q.name);
      out.field("rrtype", type_name(q.type)).end_object();
    }
    out.end_array();
  }
  write_section(out, "answers", message.answers);
  write_grouped(out, message.answers);
  write_section(out, "authorities", message.authorities);
  write_section(out, "additionals", message.additionals);
}

}  // namespace chieng::collector::dns
