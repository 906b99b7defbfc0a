#include "agent/pipeline/evidence_keeper.h"

#include <fmt/format.h>

#include "agent/version.h"

namespace chieng::agent {

EvidenceKeeper::EvidenceKeeper(std::shared_ptr<EvidenceStore> store, std::size_t memory,
                               AlertSink& next, const EventOut& out)
    : store_(std::move(store)), next_(next), out_(out), first_(memory / 2), later_(memory / 2) {}

// Of what does not fit the oldest packets are left out.
void EvidenceKeeper::take_from(const collector::PacketRing& ring, Open& open) {
  constexpr std::size_t kRoom = kMostBytes / 2, kHeader = 36;
  std::size_t total = 0;
  ring.find(open.capsule.flow,
            [&](const collector::Frame& f) { total += f.bytes.size() + kHeader; });
  ring.find(open.capsule.flow, [&](const collector::Frame& f) {
    if (total <= kRoom) open.packets.add(f);
    total -= f.bytes.size() + kHeader;
  });
}

void EvidenceKeeper::on_alert(const Alert& alert) {
  next_.on_alert(alert);
  const PacketView& packet = *alert.at->packet;
  const FlowView* flow = alert.at->flow;
  if (open_.size() >= kMostOpen) return;
  const RuleInfo& rule = *alert.rule;
  const auto one = to_string(flow != nullptr ? flow->key.src : packet.src);
  const auto other = to_string(flow != nullptr ? flow->key.dst : packet.dst);
  group_ = fmt::format("{}:{} {} {}", rule.gid, rule.sid, one, other);
  if (!store_->wants(group_, packet.time)) return;
  Open& open = open_.emplace_back(
      Open{.capsule = {.time = packet.time,
                       .severity = rule.priority,
                       .gid = rule.gid,
                       .sid = rule.sid,
                       .rev = rule.rev,
                       .flow = flow != nullptr ? flow->id : 0,
                       .rule_text = rule.text,
                       .rule_hash = rule.text_hash,
                       .event = std::string(out_.last()),
                       .pcapng = {},
                       .packets = 0},
           .packets = collector::PcapngWriter("chieng-agent " + std::string(version()))});
  if (open.capsule.flow != 0) {
    take_from(first_, open);
    take_from(later_, open);
  }
  // At the end of a flow there is no packet in hand, and none follows.
  if (!packet.pseudo) return;
  close(open);
  open_.pop_back();
}

void EvidenceKeeper::packet(const collector::Frame& frame, const collector::LastFlow& flow) {
  for (std::size_t i = 0; i < open_.size();) {
    Open& open = open_[i];
    const bool fresh = std::exchange(open.fresh, false);
    const bool of_flow = open.capsule.flow != 0 && open.capsule.flow == flow.id;
    const bool room = open.packets.size() + frame.bytes.size() + 256 <= kMostBytes;
    if ((fresh || of_flow) && room)
      open.packets.add(frame, fresh ? std::string_view("the packet that made the alert") : "");
    if (of_flow && !fresh) ++open.after;
    const bool over = open.after >= kAfter || !room || open.capsule.flow == 0 ||
                      frame.time - open.capsule.time > kPatience;
    if (!over) {
      ++i;
      continue;
    }
    close(open);
    if (i + 1 < open_.size()) open_[i] = std::move(open_.back());
    open_.pop_back();
  }
  if (flow.packets <= kFirst)
    first_.add(frame, flow.id);
  else if (!flow.encrypted)
    later_.add(frame, flow.id);
}

void EvidenceKeeper::close(Open& open) {
  open.capsule.packets = open.packets.packets();
  open.capsule.pcapng = open.packets.take();
  store_->write(open.capsule);
}

void EvidenceKeeper::finish() {
  for (Open& open : open_) close(open);
  open_.clear();
}

}  // namespace chieng::agent
