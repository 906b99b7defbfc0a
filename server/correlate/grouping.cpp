#include "server/correlate/grouping.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/bytes/bytes.h"
#include "core/hash/digest.h"
#include "core/net/address.h"

namespace chieng::server {
namespace {

using Json = nlohmann::json;

// A member by path; null for what is absent.
const Json& at(const Json& root, std::initializer_list<const char*> path) {
  static const Json none;
  const Json* here = &root;
  for (const char* name : path) {
    const auto found = here->is_object() ? here->find(name) : here->end();
    if (!here->is_object() || found == here->end()) return none;
    here = &*found;
  }
  return *here;
}

std::string text(const Json& value, std::size_t most = 512) {
  if (!value.is_string()) return {};
  return value.get_ref<const std::string&>().substr(0, most);
}

std::uint64_t number(const Json& value) {
  return value.is_number_unsigned() ? value.get<std::uint64_t>() : 0;
}

RuleFacts rule_of(const Json& alert) {
  RuleFacts out;
  out.engine = text(at(alert, {"engine"}));
  if (out.engine.empty()) out.engine = "suricata";
  out.source = text(at(alert, {"rule_source"}));
  out.gid = static_cast<std::uint32_t>(number(at(alert, {"gid"})));
  out.sid = std::min<std::uint64_t>(number(at(alert, {"signature_id"})), INT64_MAX);
  out.rule_id = text(at(alert, {"rule_id"}));
  out.rev = static_cast<std::uint32_t>(number(at(alert, {"rev"})));
  out.message = text(at(alert, {"signature"}));
  out.category = text(at(alert, {"category"}));
  const std::uint64_t severity = number(at(alert, {"severity"}));
  out.severity =
      static_cast<std::uint8_t>(severity == 0 ? 3 : std::min<std::uint64_t>(severity, 4));
  return out;
}

// The rule's author may say who attacks whom (target:); else it is who sent the packet.
std::string attacker(const Json& event) {
  const std::string told = text(at(event, {"alert", "source", "ip"}), 64);
  return told.empty() ? text(at(event, {"src_ip"}), 64) : told;
}
std::string victim(const Json& event) {
  const std::string told = text(at(event, {"alert", "target", "ip"}), 64);
  return told.empty() ? text(at(event, {"dest_ip"}), 64) : told;
}

std::string group_id(const GroupHit& hit, std::string_view machine) {
  std::string data = "chieng-group-1";
  const auto put = [&](std::string_view part) {
    data += std::to_string(part.size()) + ":";
    data += part;
  };
  for (const auto& part : {hit.rule.engine, hit.rule.source, std::to_string(hit.rule.gid),
                           std::to_string(hit.rule.sid), hit.rule.rule_id, to_string(hit.agency),
                           hit.src.zone, hit.src.ip, hit.dst.zone, hit.dst.ip, hit.host, hit.user})
    put(part);
  put(machine);
  return to_hex(as_bytes(digest(DigestKind::sha256, as_bytes(data)).substr(0, 16)));
}

void set_times(GroupHit& hit, const StoredEvent& event) {
  hit.count = std::max<std::uint64_t>(event.envelope.count, 1);
  hit.placed = hit.first = hit.last = event.placed;
  hit.received = event.received;
  const Envelope& e = event.envelope;
  if ((event.flags & (event_time_implausible | observed_time_implausible)) != 0 || hit.count == 1)
    return;
  // first and last were told by the same clock as the event's time, so they move with it; a week is
  // the longest stretch
  const std::int64_t shift = event.placed - e.event_time;
  constexpr std::int64_t most = 7 * 86'400'000'000;
  if (e.first <= e.event_time && e.first.micros > e.event_time.micros - most)
    hit.first = e.first + shift;
  if (e.last >= e.event_time && e.last.micros < e.event_time.micros + most)
    hit.last = e.last + shift;
}

}  // namespace

AddressEntity address_entity(std::string_view address, const Uuid& agency) {
  const auto parsed = parse_address(address);
  if (!parsed) return {};
  const bool internet = scope_of(*parsed) == AddressScope::internet;
  return {to_string(*parsed), internet ? "internet" : "site:" + to_string(agency)};
}

std::optional<GroupHit> group_hit(const StoredEvent& event) {
  if (event.envelope.event_class != EventClass::alert) return std::nullopt;
  GroupHit out;
  out.ref = event.ref;
  out.agency = event.agency.id;
  out.agent = event.agent;
  set_times(out, event);
  const Json json = Json::parse(event.json, nullptr, false);
  std::string machine;
  if (!json.is_object() || !at(json, {"alert"}).is_object()) {
    out.rule.engine = "chieng";
    out.rule.rule_id = "unreadable";
    out.rule.message = "Unreadable alert";
    machine = to_string(event.agent);
  } else {
    out.rule = rule_of(json["alert"]);
    out.src = address_entity(attacker(json), out.agency);
    if (at(json, {"log"}).is_object()) {
      out.host = text(at(json, {"host", "name"}), 256);
      if (out.host.empty()) machine = to_string(event.agent);
      // Failed log-ins of one source under a hundred names are one thing that happens.
      if (out.src.ip.empty()) out.user = text(at(json, {"user", "name"}), 256);
    } else {
      out.dst = address_entity(victim(json), out.agency);
    }
  }
  out.group_id = group_id(out, machine);
  return out;
}

}  // namespace chieng::server
