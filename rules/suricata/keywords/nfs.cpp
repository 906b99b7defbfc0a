// nfs_procedure and nfs_version of NFS transactions; rpc: a remote procedure call in a packet.
#include <fmt/format.h>

#include <array>

#include "core/bytes/reader.h"
#include "rules/suricata/keywords/keywords.h"
#include "rules/suricata/text.h"

namespace chieng::suricata::keywords {
namespace {

Status add(Builder& b, std::string_view name, std::string_view value, bool named) {
  const auto id = b.catalogue().integer(name);
  if (!id) return fail(ErrorCode::unsupported, "nothing reads protocol nfs");
  AppInteger condition{.id = *id, .match = {}};
  const std::uint64_t limit = 0xffffffff;
  if (named) {
    CHIENG_TRY(condition.match, parse_integer(value, limit, b.catalogue().spec(*id).names));
  } else {
    CHIENG_TRY(condition.match, parse_inclusive(value, limit));
  }
  b.need_direction(Direction::to_server);
  b.rule().tx_conditions.push_back({std::move(condition), b.option_index(), false});
  return {};
}

bool has_letter(std::string_view text) {
  return text.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") !=
         std::string_view::npos;
}

// A name means the procedure in whichever version; a number is one of the version's own.
Status parse_procedure(Builder& b, std::string_view v) {
  const bool named = has_letter(v) && !v.starts_with("0x");
  return add(b, named ? "nfs.procedure_name" : "nfs.procedure_number", v, named);
}

Status parse_version(Builder& b, std::string_view v) {
  return add(b, "nfs.version_number", v, false);
}

// A word of a call (RFC 5531) that the packet begins with; in TCP the record's mark is in front.
std::optional<std::uint64_t> call_word(const Inspection& in, std::size_t at) {
  const PacketView* p = in.packet;
  if (p->pseudo || (p->proto != ip_proto::tcp && p->proto != ip_proto::udp)) return std::nullopt;
  constexpr std::uint32_t kCall = 0, kRpcVersion = 2;
  Reader r(p->payload);
  r.skip(p->proto == ip_proto::tcp ? 8 : 4);
  const std::uint32_t type = r.u32(), version = r.u32();
  r.skip(at * 4);
  const std::uint32_t value = r.u32();
  if (!r.ok() || type != kCall || version != kRpcVersion) return std::nullopt;
  return value;
}
std::optional<std::uint64_t> program(const Inspection& in) {
  return call_word(in, 0);
}
std::optional<std::uint64_t> program_version(const Inspection& in) {
  return call_word(in, 1);
}
std::optional<std::uint64_t> procedure(const Inspection& in) {
  return call_word(in, 2);
}

// rpc:100000,2,3 and rpc:100000,*,*
Status parse_rpc(Builder& b, std::string_view v) {
  constexpr std::array kReads = {program, program_version, procedure};
  const auto parts = split(v, ',');
  if (parts.size() > kReads.size() || parts[0].starts_with('*'))
    return fail(ErrorCode::parse, fmt::format("\"{}\" is not a program, version and procedure", v),
                "write rpc:100003,3,6; with * for any version or procedure");
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i] == "*") continue;
    const auto n = to_number(parts[i]);
    if (!n || *n > 0xffffffff)
      return fail(ErrorCode::parse, fmt::format("\"{}\" is not a number", parts[i]));
    b.rule().conditions.push_back(
        {Field{kReads[i], {IntegerMatch::Op::equal, *n, 0}}, b.option_index()});
  }
  return {};
}

constexpr std::array kKeywords = {
    Keyword{"nfs_procedure", Value::required, parse_procedure},
    Keyword{"nfs.procedure", Value::required, parse_procedure},
    Keyword{"nfs_version", Value::required, parse_version},
    Keyword{"nfs.version", Value::required, parse_version},
    Keyword{"rpc", Value::required, parse_rpc},
};

}  // namespace

std::span<const Keyword> nfs() {
  return kKeywords;
}

}  // namespace chieng::suricata::keywords
