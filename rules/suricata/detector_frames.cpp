// Rules over frames. Part of Detector.
#include <algorithm>

#include "rules/suricata/detector_state.h"

namespace chieng::suricata {
namespace {

// Which rules a frame has met: of a long one rules see more than one state.
struct FrameMemory final : RuleState {
  std::uint64_t set_number = 0;
  std::vector<RuleNumber> fired;
};

FrameMemory& memory_of(FrameView& frame, std::uint64_t set_number) {
  if (!frame.rule_state) frame.rule_state = std::make_unique<FrameMemory>();
  auto& m = static_cast<FrameMemory&>(*frame.rule_state);
  if (m.set_number != set_number) {
    m.set_number = set_number;
    m.fired.clear();
  }
  return m;
}

Transaction* transaction_of(const Inspection& in, const FrameView& frame) {
  if (!frame.tx_id) return nullptr;
  for (Transaction* tx : in.flow->transactions())
    if (tx->id() == *frame.tx_id) return tx;
  return nullptr;
}

}  // namespace

void Detector::State::inspect_frame(const Inspection& in, FrameView& frame) {
  for (const FrameRules& r : set->frames) {
    if (r.frame.proto != frame.proto || r.frame.type != frame.type || r.side != frame.direction)
      continue;
    r.literals.scan(frame.data, scratch, hits);
    hits.insert(hits.end(), r.always.begin(), r.always.end());
  }
  if (hits.empty()) return;
  std::ranges::sort(hits);
  const auto same = std::ranges::unique(hits);
  hits.erase(same.begin(), same.end());
  FrameMemory& m = memory_of(frame, set_number);
  const Subject subject{in, frame.direction, addresses_of(*in.flow, frame.direction), &frame};
  const auto visitor =
      gates.visitor(subject.addresses, in.flow, subject.direction, in.flow->app_proto);
  for (const RuleNumber n : std::exchange(hits, {})) {
    const Signature& s = set->rules[n];
    if (std::ranges::find(m.fired, n) != m.fired.end()) continue;
    if (!gates.open(n, visitor) || !conditions_hold(s, subject, false)) continue;
    matcher.begin_rule();
    if (!matcher.match_list(*s.frame, {frame.data, 0, frame.complete})) continue;
    if (!packet_lists_hold(s, subject) || !conditions_hold(s, subject, true)) continue;
    m.fired.push_back(n);
    fire(n, subject, transaction_of(in, frame), nullptr);
  }
}

}  // namespace chieng::suricata
