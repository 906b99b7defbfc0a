// What a rule's options mean together: sides, protocols, and how it is inspected. Part of Builder.
#include <fmt/format.h>

#include <algorithm>

#include "rules/suricata/builder.h"

namespace chieng::suricata {
namespace {

template <class T, class Variant>
bool is(const Variant& v) {
  return std::holds_alternative<T>(v);
}

bool anchored(const List& list) {
  return std::ranges::any_of(list.steps, [](const Step& s) {
    const Content* c = std::get_if<Content>(&s.what);
    return c != nullptr && (c->has_depth || c->has_offset || c->starts);
  });
}

// What may stand in a rule that looks at addresses alone.
bool address_only(const Signature& rule) {
  const auto plain = [](const Condition& c) { return is<HostBits>(c.what) || is<Never>(c.what); };
  return std::ranges::all_of(rule.conditions, plain);
}

bool detection_only(const Signature& rule) {
  bool found = false;
  for (const Condition& c : rule.conditions) {
    if (is<AppProtocol>(c.what))
      found = true;
    else if (!is<FlowTest>(c.what))
      return false;
  }
  return found;
}

bool has_stream_size(const Signature& rule) {
  return std::ranges::any_of(rule.conditions,
                             [](const Condition& c) { return is<StreamSize>(c.what); });
}

// Conditions that only a packet of its own can meet.
bool needs_packet(const Signature& rule) {
  return std::ranges::any_of(rule.conditions, [](const Condition& c) {
    return is<Field>(c.what) || is<TcpFlags>(c.what) || is<FragmentBits>(c.what) ||
           is<IpOption>(c.what) || is<PacketEvent>(c.what) || is<Checksum>(c.what);
  });
}

void intersect(std::vector<AppProto>& have, const std::vector<AppProto>& with) {
  std::erase_if(have, [&](AppProto p) { return std::ranges::find(with, p) == with.end(); });
}

// Content modifiers of old mean HTTP/1 alone; protocols that are no HTTP stay.
void intersect_http1(const Catalogue& catalogue, std::vector<AppProto>& protocols) {
  const auto all = catalogue.rule_protocols("http"), first = catalogue.rule_protocols("http1");
  if (first.empty()) return;
  std::erase_if(protocols, [&](AppProto p) {
    return std::ranges::find(all, p) != all.end() && std::ranges::find(first, p) == first.end();
  });
}

// Text that is always written in one case is compared in any; where the language calls capitals a
// mistake, so do we.
Status check_case(const Catalogue& catalogue, List& list) {
  const BufferSpec& spec = catalogue.spec(*list.place.tx);
  const bool hash = spec.name.ends_with(".hash") || spec.name == "ssh.hassh" ||
                    spec.name == "ssh.hassh.server" || spec.name == "tls.cert_serial" ||
                    spec.name == "tls.cert_fingerprint";
  if (!list.transforms.empty() || (!hash && !spec.lowercase)) return {};
  for (Step& step : list.steps) {
    auto* c = std::get_if<Content>(&step.what);
    if (c == nullptr) continue;
    const bool capital = std::ranges::any_of(c->bytes, [](char x) { return x >= 'A' && x <= 'Z'; });
    if (spec.lowercase && !hash && (capital || c->nocase))
      return fail(ErrorCode::parse,
                  fmt::format("buffer {} is always lower case: \"{}\" would {}", spec.name,
                              c->bytes, c->nocase ? "not need nocase" : "never match"),
                  "write it in lower case, without nocase");
    if (!hash) continue;
    c->nocase = true;
    std::ranges::transform(c->bytes, c->bytes.begin(), [](char x) {
      return x >= 'A' && x <= 'Z' ? static_cast<char>(x + 32) : x;
    });
  }
  return {};
}

}  // namespace

Status Builder::place_lists() {
  if (sticky_ && current_ == nullptr && !base64_)
    return fail(ErrorCode::parse, fmt::format("nothing follows \"{}\"", pending_.name));
  for (List& l : lists_) {
    if (l.steps.empty() && !l.absent) continue;
    if (l.place.is_payload())
      rule_.payload = std::move(l);
    else if (l.place.tx) {
      CHIENG_CHECK(check_case(catalogue(), l));
      rule_.tx_lists.push_back(std::move(l));
    } else if (l.place.packet == PacketBuffer::frame)
      rule_.frame = std::move(l);
    else
      rule_.packet_lists.push_back(std::move(l));
  }
  if (rule_.tx_lists.size() > kMostLists)
    return fail(ErrorCode::limit, fmt::format("a rule can look at {} buffers at most", kMostLists));
  if (!rule_.frames.empty() && !rule_.frame)
    return fail(ErrorCode::parse, "nothing is looked for in the frame");
  if (rule_.frame && (!rule_.tx_lists.empty() || !rule_.tx_conditions.empty() || rule_.payload))
    return fail(ErrorCode::unsupported,
                "frames and other buffers of a protocol in one rule are not supported");
  const auto is_address = [](const List& l) {
    return l.place.packet == PacketBuffer::ip_src || l.place.packet == PacketBuffer::ip_dst;
  };
  if (!std::ranges::all_of(rule_.packet_lists, is_address) &&
      (!rule_.tx_lists.empty() || !rule_.tx_conditions.empty()))
    return fail(ErrorCode::unsupported,
                "packet headers and buffers of a protocol in one rule are not supported");
  return {};
}

Status Builder::settle_sides() {
  bool any[2] = {false, false};
  for (List& l : rule_.tx_lists) {
    const Sides sides = catalogue().spec(*l.place.tx).sides;
    if (!l.side && sides != Sides::both)
      l.side = has(sides, Direction::to_server) ? Direction::to_server : Direction::to_client;
    if (!l.side) continue;
    any[index(*l.side)] = true;
    if (!rule_.transactional) need_direction(*l.side);
  }
  if (rule_.transactional) {
    if (!any[0] || !any[1])
      return fail(ErrorCode::parse,
                  "a rule with => needs a buffer of the request and one of the response",
                  "pin a buffer that both have: http.header:to_client");
    rule_.sides[0] = false;
    rule_.sides[1] = true;
  }
  if (!rule_.sides[0] && !rule_.sides[1])
    return fail(
        ErrorCode::parse,
        "the rule needs the request and the response at once, which one transaction side never has",
        "split it in two rules joined by flowbits, or use =>");
  return {};
}

Status Builder::settle_protocols() {
  std::vector<AppProto>& protocols = rule_.protocols;
  bool limited = app_header_;
  const auto limit = [&](const std::vector<AppProto>& with) {
    if (limited)
      intersect(protocols, with);
    else
      protocols = with;
    limited = true;
  };
  const auto having = [&](auto test) {
    std::vector<AppProto> out;
    for (std::size_t i = 0; i < catalogue().protocols().size(); ++i)
      if (const AppProto p{static_cast<std::uint8_t>(i + 2)}; test(p)) out.push_back(p);
    return out;
  };
  for (const List& l : rule_.tx_lists) {
    limit(having([&](AppProto p) { return catalogue().local(p, *l.place.tx) >= 0; }));
    if (protocols.empty())
      return fail(ErrorCode::parse,
                  fmt::format("buffer {} does not belong to the rule's protocol {}", l.name,
                              raw_.protocol));
  }
  if (rule_.frame)
    limit(having([&](AppProto p) {
      return std::ranges::any_of(rule_.frames, [p](const FrameRef& f) { return f.proto == p; });
    }));
  for (const TxCondition& c : rule_.tx_conditions) {
    if (const auto* i = std::get_if<AppInteger>(&c.what))
      limit(having([&](AppProto p) { return catalogue().local(p, i->id) >= 0; }));
    else if (const auto* values = std::get_if<AppValues>(&c.what))
      limit(having([&](AppProto p) { return catalogue().local(p, values->id) >= 0; }));
    else if (const auto* any_of = std::get_if<AppAnyOf>(&c.what))
      limit(having([&](AppProto p) { return catalogue().local(p, any_of->id) >= 0; }));
    else
      limit(having([&](AppProto p) {
        return std::ranges::any_of(std::get<AppEvent>(c.what).events,
                                   [&](const auto& e) { return e.proto == p; });
      }));
    if (protocols.empty())
      return fail(ErrorCode::parse,
                  fmt::format("{} does not belong to the rule's protocol {}",
                              rule_.options[static_cast<std::size_t>(c.option)], raw_.protocol));
  }
  if (http1_only_) intersect_http1(catalogue(), protocols);
  return {};
}

void Builder::decide_inspection() {
  Signature& r = rule_;
  const bool transaction = !r.tx_lists.empty() || !r.tx_conditions.empty();
  const bool tcp = r.header.l4 == L4::tcp || app_header_;
  if (r.frame) {
    r.inspect = Inspect::frame;
  } else if (transaction) {
    r.inspect = Inspect::transaction;
  } else if (r.link_layer || !r.packet_lists.empty()) {
    r.inspect = Inspect::packet;
  } else if (!r.payload && !app_header_ && detection_only(r)) {
    r.inspect = Inspect::detection;
  } else if (!r.payload && !app_header_ && !r.has_flow && address_only(r)) {
    r.inspect = r.loose_addresses ? Inspect::packet : Inspect::ip_only;
  } else if (!r.payload && app_header_) {
    r.inspect = Inspect::app_layer;
  } else if (!r.payload || !(tcp || r.header.l4 == L4::any)) {
    r.inspect = Inspect::packet;
  } else if (r.packet_only || r.no_stream || (needs_packet(r) && !r.only_stream)) {
    r.inspect = Inspect::packet;
  } else if (r.only_stream) {
    r.inspect = Inspect::stream;
  } else {
    r.inspect =
        anchored(*r.payload) || has_stream_size(r) ? Inspect::packet_stream : Inspect::stream;
  }
}

Status Builder::finish() {
  CHIENG_CHECK(place_lists());
  CHIENG_CHECK(settle_sides());
  CHIENG_CHECK(settle_protocols());
  decide_inspection();
  return {};
}

}  // namespace chieng::suricata
