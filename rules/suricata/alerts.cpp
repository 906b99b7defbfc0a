// What a full match leaves: state, and an alert that says what met each option. Part of Detector.
#include <fmt/format.h>

#include <algorithm>

#include "core/event/json_writer.h"
#include "rules/suricata/detector_state.h"

namespace chieng::suricata {
namespace {

bool is_stateful(const Signature& s, bool from_stream) {
  switch (s.inspect) {
    case Inspect::packet:
      return s.loose_addresses && !s.payload && s.conditions.empty();
    case Inspect::stream:
    case Inspect::packet_stream:
      return from_stream;
    case Inspect::ip_only:
    case Inspect::detection:
    case Inspect::app_layer:
    case Inspect::transaction:
    case Inspect::frame:
      return true;
  }
  return false;
}

MatchedOption option_of(const Signature& s, int option) {
  MatchedOption out;
  if (option >= 0 && static_cast<std::size_t>(option) < s.options.size())
    out.option = s.options[static_cast<std::size_t>(option)];
  return out;
}

bool keeps_captures(const Signature& s) {
  const auto captures = [](const List& list) {
    return std::ranges::any_of(list.steps, [](const Step& step) {
      const auto* regex = std::get_if<RegexStep>(&step.what);
      return regex != nullptr && !regex->captures.empty();
    });
  };
  return (s.payload && captures(*s.payload)) || std::ranges::any_of(s.tx_lists, captures) ||
         std::ranges::any_of(s.packet_lists, captures);
}

}  // namespace

void Detector::State::keep_captures(const Subject& subject, const FoundStep& step, Bytes data,
                                    PendingAlert& out) {
  const auto* regex = std::get_if<RegexStep>(&step.step->what);
  if (regex == nullptr || regex->captures.empty()) return;
  matching::RegexScratch groups;
  const std::size_t from = std::min(step.offset, data.size());
  // From the match's own start: an expression that is anchored at the cursor begins there.
  if (regex->regex->find(data.subspan(from), 0, groups) != matching::RegexOutcome::found) return;
  using Kind = RegexStep::Capture::Kind;
  for (const auto& capture : regex->captures) {
    const auto group = groups.group(capture.group);
    if (!group.set) continue;
    const std::string_view value =
        as_text(data.subspan(from + group.begin, group.end - group.begin));
    if (capture.kind == Kind::packet) {
      out.packet_variables += out.packet_variables.empty() ? "[{" : ",{";
      append_json_string(out.packet_variables, capture.name);
      out.packet_variables += ':';
      append_json_string(out.packet_variables, value);
      out.packet_variables += '}';
    }
    if (capture.kind == Kind::flow && subject.in.flow != nullptr)
      memory.set_variable(*subject.in.flow, capture.name, value);
    if (capture.kind != Kind::alert) continue;
    out.context += out.context.empty() ? '{' : ',';
    append_json_string(out.context, capture.name);
    out.context += ':';
    append_json_string(out.context, value);
  }
}

void Detector::State::explain_list(const Signature& s, const List& list, const Window& window,
                                   std::string_view name, FieldClass privacy,
                                   const Subject& subject, PendingAlert& out) {
  found.clear();
  const bool matched = matcher.match_list(list, window, &found);
  if (!matched) found.clear();
  const bool changed = !list.transforms.empty();
  // What is made for the moment has to outlive it.
  const Bytes data = matched && changed
                         ? as_bytes(out.owned.emplace_back(as_text(matcher.transformed())))
                         : window.data;
  Bytes decoded;
  for (const FoundStep& f : found)
    if (f.decoded && decoded.empty()) decoded = as_bytes(out.owned.emplace_back(matcher.decoded()));
  for (const Step& step : list.steps) {
    const auto at = std::ranges::find(found, &step, &FoundStep::step);
    if (matched && at == found.end()) continue;  // base64_decode, whose data speak for it
    MatchedOption option = option_of(s, step.option);
    option.buffer = name;
    option.privacy = privacy;
    option.data = data;
    option.data_offset = changed ? 0 : window.offset;
    if (!matched)
      option.note = "met by an earlier part of the buffer";
    else if (step.negated)
      option.note = "is not there";
    else
      option.offset = static_cast<std::int64_t>(at->offset),
      option.length = static_cast<std::uint32_t>(at->length);
    if (matched) keep_captures(subject, *at, data, out);
    out.explain.push_back(std::move(option));
  }
  for (const FoundStep& f : found) {
    if (!f.decoded) continue;
    MatchedOption option = option_of(s, f.step->option);
    option.buffer = "base64_data";
    option.privacy = privacy;
    option.data = decoded;
    option.offset = static_cast<std::int64_t>(f.offset);
    option.length = static_cast<std::uint32_t>(f.length);
    out.explain.push_back(std::move(option));
  }
}

void Detector::State::explain_tx(const Signature& s, const Subject& subject, const Transaction& tx,
                                 PendingAlert& out) {
  const Catalogue& catalogue = *set->catalogue;
  for (const TxCondition& c : s.tx_conditions) out.explain.push_back(option_of(s, c.option));
  for (const List& list : s.tx_lists) {
    const Direction side = list.side.value_or(subject.direction);
    const BufferSpec& spec = *catalogue.spec(tx.proto(), *list.place.tx);
    const auto local = static_cast<unsigned>(catalogue.local(tx.proto(), *list.place.tx));
    std::optional<BufferSlice> slice = tx.buffer(local, side, 0);
    for (std::uint32_t n = 0; spec.multi && slice && n < 4096; ++n) {
      const auto next = tx.buffer(local, side, n);
      if (!next) break;
      slice = next;
      if (matcher.match_list(list,
                             {slice->data, slice->offset, slice->complete, slice->little_endian}))
        break;
    }
    if (slice) {
      explain_list(s, list, {slice->data, slice->offset, slice->complete, slice->little_endian},
                   spec.name, spec.privacy, subject, out);
    } else {
      MatchedOption option = option_of(s, list.option);
      option.buffer = spec.name;
      option.note = list.absent ? "the buffer is absent" : "met by an earlier part of the buffer";
      out.explain.push_back(std::move(option));
    }
  }
}

void Detector::State::explain(const Signature& s, const Subject& subject, const Transaction* tx,
                              const StreamChunk* chunk, PendingAlert& out) {
  for (const Condition& c : s.conditions) out.explain.push_back(option_of(s, c.option));
  matcher.begin_rule();
  if (tx != nullptr && !s.frame) explain_tx(s, subject, *tx, out);
  if (s.payload) {
    const Bytes data = chunk != nullptr ? chunk->data : subject.in.packet->payload;
    explain_list(s, *s.payload, {data, 0, true}, chunk != nullptr ? "stream" : "payload",
                 FieldClass::plain, subject, out);
  }
  if (s.frame && subject.frame != nullptr)
    explain_list(s, *s.frame, {subject.frame->data, 0, subject.frame->complete}, "frame",
                 FieldClass::plain, subject, out);
  for (const List& list : s.packet_lists) {
    auto bytes = packet_buffer(list.place.packet, subject);
    if (!bytes) continue;
    if (list.place.packet == PacketBuffer::ip_src || list.place.packet == PacketBuffer::ip_dst)
      bytes = as_bytes(out.owned.emplace_back(as_text(*bytes)));
    explain_list(s, list, {*bytes, 0, true}, list.name, FieldClass::plain, subject, out);
  }
  for (const auto& [key, object] : matcher.contexts()) {
    out.context += out.context.empty() ? '{' : ',';
    append_json_string(out.context, key);
    out.context += ':';
    out.context += object;
  }
}

void Detector::State::fire(RuleNumber number, const Subject& subject, Transaction* tx,
                           const StreamChunk* chunk) {
  const Signature& s = set->rules[number];
  for (const Condition& c : s.after) memory.apply(c, subject);
  if (s.info.action == RuleAction::config) {
    if (s.config_no_logging && tx != nullptr) tx->logging_disabled = true;
    return;
  }
  if (s.noalert && keeps_captures(s)) {
    PendingAlert silent;
    explain(s, subject, tx, chunk, silent);
  }
  if (s.noalert && s.info.action != RuleAction::pass && s.info.action != RuleAction::drop) return;
  if (pending.size() >= kMostPending) return;
  PendingAlert& out = pending.emplace_back();
  out.rule = number;
  out.tx = tx;
  out.frame = subject.frame;
  out.direction = subject.direction;
  out.addresses = subject.addresses;
  out.from_stream = chunk != nullptr;
  out.payload = chunk != nullptr ? chunk->data : subject.in.packet->payload;
  if (s.info.action == RuleAction::pass || s.noalert) return;
  explain(s, subject, tx, chunk, out);
  if (!out.context.empty()) out.context += '}';
  if (!out.packet_variables.empty()) out.packet_variables += ']';
}

namespace {

// A rule over bytes names no transaction; an alert tells which one they most likely belong to: the
// oldest one alive, where the rule is about the stream or the datagram's protocol, or the only one.
const Transaction* likely_transaction(const Inspection& in, const Signature& s, bool from_stream) {
  if (in.flow == nullptr) return nullptr;
  const auto live = in.flow->transactions();
  if (live.empty()) return nullptr;
  const bool datagram = in.packet->proto == ip_proto::udp && !s.protocols.empty();
  return from_stream || datagram || live.size() == 1 ? live.front() : nullptr;
}

}  // namespace

void Detector::State::emit(const Inspection& in) {
  std::ranges::sort(pending, [](const PendingAlert& a, const PendingAlert& b) {
    if (a.rule != b.rule) return a.rule < b.rule;
    return (a.tx == nullptr ? 0 : a.tx->id()) > (b.tx == nullptr ? 0 : b.tx->id());
  });
  std::size_t sent = 0;
  for (PendingAlert& p : pending) {
    const Signature& s = set->rules[p.rule];
    const bool flow_wide = in.flow != nullptr && is_stateful(s, p.from_stream);
    if (s.info.action == RuleAction::pass) {
      if (flow_wide) in.flow->verdict = FlowVerdict::pass;
      return;
    }
    if (s.threshold) {
      const auto verdict =
          shared->count(s, p.addresses, in.flow == nullptr ? 0 : in.flow->id, in.packet->time);
      if (!verdict.alert) continue;
      MatchedOption option = option_of(s, s.threshold->option);
      option.note = fmt::format("match {} in {} s", verdict.count, s.threshold->seconds);
      p.explain.push_back(std::move(option));
    }
    // This sensor does not block: a drop rule marks its flow and inspection goes on; that the flow
    // has the protocol is told once.
    if (s.info.action == RuleAction::drop && s.inspect == Inspect::app_layer &&
        in.flow->verdict == FlowVerdict::drop)
      continue;
    if (flow_wide && s.info.action == RuleAction::drop) in.flow->verdict = FlowVerdict::drop;
    if (s.noalert) continue;
    if (++sent > kMostAlerts) return;
    if (in.flow != nullptr) in.flow->alerted = true;
    if (!p.packet_variables.empty() && in.flow != nullptr)
      memory.show_packet_variables(*in.flow, p.packet_variables);
    const Transaction* const tx = p.tx != nullptr ? p.tx : likely_transaction(in, s, p.from_stream);
    sink.on_alert(
        {&s.info, &in, tx, p.direction, p.explain, p.from_stream, p.payload, p.context, p.frame});
    if (!p.packet_variables.empty() && in.flow != nullptr)
      memory.show_packet_variables(*in.flow, {});
  }
}

}  // namespace chieng::suricata
