#include "rules/suricata/builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "rules/suricata/keywords/keywords.h"
#include "rules/suricata/text.h"

namespace chieng::suricata {
namespace {

constexpr std::array<std::pair<std::string_view, L4>, 15> kTransports = {{{"ip", L4::any},
                                                                          {"pkthdr", L4::any},
                                                                          {"tcp", L4::tcp},
                                                                          {"tcp-pkt", L4::tcp},
                                                                          {"tcp-stream", L4::tcp},
                                                                          {"udp", L4::udp},
                                                                          {"icmp", L4::icmp},
                                                                          {"icmpv4", L4::icmpv4},
                                                                          {"icmpv6", L4::icmpv6},
                                                                          {"ipv4", L4::ipv4},
                                                                          {"ip4", L4::ipv4},
                                                                          {"ipv6", L4::ipv6},
                                                                          {"ip6", L4::ipv6},
                                                                          {"sctp", L4::sctp},
                                                                          {"igmp", L4::igmp}}};

// Protocols of the language that may have no parser here yet.
constexpr std::array<std::string_view, 40> kApplications = {"http",
                                                            "http1",
                                                            "http2",
                                                            "doh2",
                                                            "tls",
                                                            "ssl",
                                                            "smtp",
                                                            "ftp",
                                                            "ftp-data",
                                                            "ssh",
                                                            "imap",
                                                            "pop3",
                                                            "telnet",
                                                            "smb",
                                                            "dcerpc",
                                                            "dns",
                                                            "mdns",
                                                            "llmnr",
                                                            "modbus",
                                                            "dnp3",
                                                            "enip",
                                                            "nfs",
                                                            "ntp",
                                                            "tftp",
                                                            "ike",
                                                            "krb5",
                                                            "dhcp",
                                                            "sip",
                                                            "rfb",
                                                            "mqtt",
                                                            "pgsql",
                                                            "ldap",
                                                            "websocket",
                                                            "snmp",
                                                            "quic",
                                                            "rdp",
                                                            "bittorrent-dht",
                                                            "template",
                                                            "sdp",
                                                            "rpc"};

std::optional<RuleAction> action_of(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, RuleAction>, 8> kActions = {
      {{"alert", RuleAction::alert},
       {"pass", RuleAction::pass},
       {"drop", RuleAction::drop},
       {"reject", RuleAction::reject},
       {"rejectsrc", RuleAction::reject},
       {"rejectdst", RuleAction::reject},
       {"rejectboth", RuleAction::reject},
       {"config", RuleAction::config}}};
  text = text.substr(0, text.find(':'));
  for (const auto& [name, action] : kActions)
    if (same_word(name, text)) return action;
  return std::nullopt;
}

}  // namespace

std::uint32_t Names::number(std::string_view name) {
  const auto [at, fresh] =
      numbers_.try_emplace(std::string(name), static_cast<std::uint32_t>(all_.size()));
  if (fresh) all_.emplace_back(name);
  return at->second;
}

Status Builder::build() {
  CHIENG_CHECK(parse_header());
  CHIENG_CHECK(run_options());
  option_ = nullptr;
  part_ = "rule";
  return finish();
}

Status Builder::parse_protocol() {
  part_ = "protocol";
  const std::string name = lower(raw_.protocol);
  rule_.only_stream = name == "tcp-stream";
  rule_.packet_only = name == "tcp-pkt";
  if (name == "ether" || name == "arp") {
    rule_.header.l4 = name == "arp" ? L4::arp : L4::link;
    rule_.link_layer = true;
    return {};
  }
  for (const auto& [word, l4] : kTransports)
    if (word == name) {
      rule_.header.l4 = l4;
      return {};
    }
  rule_.protocols = catalogue().rule_protocols(name);
  app_header_ = true;
  if (!rule_.protocols.empty()) return {};
  if (std::ranges::find(kApplications, name) != kApplications.end())
    return fail(ErrorCode::unsupported, fmt::format("protocol {} is not supported yet", name));
  return fail(ErrorCode::parse, fmt::format("\"{}\" is not a known protocol", raw_.protocol));
}

Status Builder::parse_header() {
  part_ = "action";
  const auto action = action_of(raw_.action);
  if (!action)
    return fail(ErrorCode::parse, fmt::format("\"{}\" is not an action", raw_.action),
                "use alert, drop, pass, reject or config");
  rule_.info.action = *action;
  CHIENG_CHECK(parse_protocol());
  HeaderSets& sets = context_.sets;
  part_ = "source address";
  CHIENG_TRY(const auto source, sets.addresses(raw_.source));
  part_ = "destination address";
  CHIENG_TRY(const auto destination, sets.addresses(raw_.destination));
  Endpoints& ends = rule_.header.forward;
  ends.src = source.set;
  ends.dst = destination.set;
  rule_.loose_addresses = source.loose || destination.loose;
  part_ = "source port";
  CHIENG_TRY(ends.src_port, sets.ports(raw_.source_port));
  part_ = "destination port";
  CHIENG_TRY(ends.dst_port, sets.ports(raw_.destination_port));
  part_ = "direction";
  if (raw_.direction == "<>") {
    rule_.header.both_ways =
        raw_.source != raw_.destination || raw_.source_port != raw_.destination_port;
  } else if (raw_.direction == "=>") {
    rule_.transactional = true;
  } else if (raw_.direction != "->") {
    return fail(ErrorCode::parse, fmt::format("\"{}\" is not a direction", raw_.direction),
                "use ->, <> or =>");
  }
  return {};
}

Status Builder::run_options() {
  for (const RawOption& option : raw_.options) {
    option_ = &option;
    rule_.options.push_back(option.text());
    CHIENG_CHECK(apply_option(*this, option));
  }
  if (rule_.info.sid == 0) {
    option_ = nullptr;
    part_ = "sid";
    return fail(ErrorCode::parse, "the rule has no sid",
                "give it a number of its own: sid:1000001;");
  }
  return {};
}

Status Builder::select(const Place& place, std::string_view name, std::string_view argument) {
  if (sticky_ && current_ == nullptr)
    return fail(
        ErrorCode::parse,
        fmt::format("nothing follows \"{}\" before the next buffer is selected", pending_.name));
  pending_ = {place, std::string(name), {}, std::nullopt};
  if (argument == "to_server")
    pending_.side = Direction::to_server;
  else if (argument == "to_client")
    pending_.side = Direction::to_client;
  else if (!argument.empty())
    return fail(ErrorCode::parse,
                fmt::format("\"{}\" takes to_server or to_client, not \"{}\"", name, argument));
  current_ = nullptr;
  content_steps_ = nullptr;
  sticky_ = true;
  base64_ = false;
  return {};
}

void Builder::select_payload() {
  pending_ = {};
  current_ = nullptr;
  content_steps_ = pattern_steps_ = nullptr;
  sticky_ = base64_ = false;
}

Status Builder::add_transform(Transform t) {
  if (!sticky_ || base64_)
    return fail(ErrorCode::parse, "a transformation has to follow the name of a buffer",
                "put it after http.uri; or the like");
  // Behind contents it selects the transformed bytes for those that follow.
  current_ = nullptr;
  content_steps_ = nullptr;
  if (pending_.transforms.size() >= 16)
    return fail(ErrorCode::limit, "at most 16 transformations of one buffer are allowed");
  pending_.transforms.push_back(std::move(t));
  return {};
}

List& Builder::list() {
  if (current_ != nullptr) return *current_;
  const bool multi = pending_.place.tx && catalogue().spec(*pending_.place.tx).multi;
  if (!multi)
    for (List& l : lists_)
      if (l.place == pending_.place && l.transforms == pending_.transforms &&
          l.side == pending_.side)
        return *(current_ = &l);
  List fresh;
  fresh.place = pending_.place;
  fresh.transforms = pending_.transforms;
  fresh.side = pending_.side;
  fresh.name = pending_.name.empty() ? "payload" : pending_.name;
  fresh.option = option_index();
  lists_.push_back(std::move(fresh));
  return *(current_ = &lists_.back());
}

List& Builder::list_of(const Place& place, std::string_view name) {
  for (List& l : lists_)
    if (l.place == place && l.transforms.empty() && !l.side) return l;
  List fresh;
  fresh.place = place;
  fresh.name = name;
  fresh.option = option_index();
  lists_.push_back(std::move(fresh));
  return lists_.back();
}

std::vector<Step>& Builder::steps() {
  if (base64_) return std::get<Base64>(base64_list_->steps[base64_at_].what).inner;
  return list().steps;
}

Step& Builder::add(Step step) {
  step.option = option_index();
  std::vector<Step>& to = steps();
  to.push_back(std::move(step));
  if (std::holds_alternative<Content>(to.back().what)) {
    content_steps_ = &to;
    content_at_ = to.size() - 1;
  }
  if (!base64_ && (std::holds_alternative<Content>(to.back().what) ||
                   std::holds_alternative<RegexStep>(to.back().what)))
    pattern_steps_ = &to;
  return to.back();
}

Step& Builder::add_after_pattern(Step step, bool relative) {
  if (!relative || in_sticky_buffer() || pattern_steps_ == nullptr) return add(std::move(step));
  step.option = option_index();
  return pattern_steps_->emplace_back(std::move(step));
}

Result<Content*> Builder::last_content() {
  if (content_steps_ == nullptr)
    return fail(ErrorCode::parse, "there is no content before it in this buffer",
                "put it directly after the content that it belongs to");
  extend_option_text();
  return &std::get<Content>((*content_steps_)[content_at_].what);
}

void Builder::extend_option_text() {
  if (content_steps_ == nullptr || option_ == nullptr) return;
  const Step& step = (*content_steps_)[content_at_];
  rule_.options[static_cast<std::size_t>(step.option)] += "; " + option_->text();
}

Status Builder::move_last_content(BufferId buffer, std::string_view name) {
  if (in_sticky_buffer())
    return fail(ErrorCode::parse,
                fmt::format("\"{}\" cannot be used while buffer \"{}\" is selected", option_->name,
                            pending_.name));
  CHIENG_CHECK(last_content());
  List& payload = list();
  if (content_steps_ != &payload.steps)
    return fail(ErrorCode::parse, "the content before it already belongs to a buffer");
  Step step = std::move(payload.steps[content_at_]);
  payload.steps.erase(payload.steps.begin() + static_cast<std::ptrdiff_t>(content_at_));
  List& to = list_of({buffer, {}}, name);
  to.steps.push_back(std::move(step));
  content_steps_ = pattern_steps_ = &to.steps;
  content_at_ = to.steps.size() - 1;
  if (name.starts_with("http")) legacy_http();
  return {};
}

Status Builder::add_regex_to(BufferId buffer, Step step) {
  step.option = option_index();
  const Place place{buffer, {}};
  if (in_sticky_buffer()) {
    const bool body =
        catalogue().spec(buffer).name == "http.response_body" && pending_.place.tx &&
        catalogue().spec(*pending_.place.tx).name == "file.data";  // two names of one thing here
    if (base64_ || !(pending_.place == place || body))
      return fail(ErrorCode::parse,
                  fmt::format("the expression's letter means {}, but buffer \"{}\" is selected",
                              catalogue().spec(buffer).name, pending_.name));
    steps().push_back(std::move(step));
    return {};
  }
  List& to = list_of(place, catalogue().spec(buffer).name);
  to.steps.push_back(std::move(step));
  pattern_steps_ = &to.steps;
  if (to.name.starts_with("http")) legacy_http();
  return {};
}

Status Builder::begin_base64_data() {
  List& from = list();
  for (std::size_t i = from.steps.size(); i-- > 0;)
    if (std::holds_alternative<Base64>(from.steps[i].what)) {
      base64_list_ = &from;
      base64_at_ = i;
      base64_ = true;
      content_steps_ = nullptr;
      return {};
    }
  return fail(ErrorCode::parse, "base64_data needs base64_decode before it in the same buffer");
}

Result<int> Builder::define_variable(std::string_view name) {
  name = trim(name);
  if (name.empty() || to_signed(name))
    return fail(ErrorCode::parse, fmt::format("\"{}\" is not a name for a variable", name));
  const auto known = variables_.find(name);
  if (known != variables_.end()) return known->second;
  if (variables_.size() >= kMaxVariables)
    return fail(ErrorCode::limit,
                fmt::format("a rule can have at most {} variables", kMaxVariables));
  const int number = static_cast<int>(variables_.size());
  variables_.emplace(name, number);
  rule_.variables = static_cast<unsigned>(variables_.size());
  return number;
}

Result<Number> Builder::number_or_variable(std::string_view text, std::int64_t low,
                                           std::int64_t high) {
  text = trim(text);
  if (const auto n = to_signed(text)) {
    if (*n < low || *n > high)
      return fail(ErrorCode::parse,
                  fmt::format("{} is out of bounds: {} to {} is possible", *n, low, high));
    return Number{*n, -1};
  }
  const auto known = variables_.find(text);
  if (known == variables_.end())
    return fail(ErrorCode::parse,
                fmt::format("\"{}\" is neither a number nor a variable that was set before", text));
  return Number{0, known->second};
}

bool Builder::negate(std::string_view& value) const {
  value = trim(value);
  if (!value.starts_with('!')) return false;
  value = trim(value.substr(1));
  return true;
}

void Builder::need_direction(Direction d) {
  rule_.sides[index(opposite(d))] = false;
}

}  // namespace chieng::suricata
