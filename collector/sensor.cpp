#include "collector/sensor.h"

#include <array>
#include <bit>

#include "collector/flow/flow_path.h"
#include "collector/flow/flow_table.h"
#include "collector/packet/decoder.h"
#include "collector/packet/defragmenter.h"

namespace chieng::collector {
namespace {

constexpr int kMaxNesting = 4;  // packets in packets in packets
constexpr std::int64_t kSweepEvery =
    1'000'000;  // microseconds between two looks for flows whose time has passed

// Other protocols have no notion of a conversation.
bool belongs_to_flow(const PacketView& packet) {
  return packet.has_ports || packet.has_icmp ||
         (packet.proto == ip_proto::esp && !packet.l4_header.empty());
}

}  // namespace

class Sensor::Impl {
 public:
  Impl(const SensorSettings& settings, Inspector* inspector, SensorObserver* observer)
      : settings_(settings),
        worker_{settings_, inspector, observer, {}, nullptr},
        path_(worker_),
        table_(settings_.flow, [this](Flow& flow) { end_flow(flow); }),
        defragmenter_(settings_.defrag) {}

  void packet(const Frame& frame);
  void advance(Timestamp now);
  void finish();
  void set_inspector(Inspector* inspector);
  const SensorCounters& counters();
  [[nodiscard]] const LastFlow& last_flow() const { return last_; }
  void also_hash(FileSettings with) {
    FileSettings& files = settings_.files;
    files.md5 = files.md5 || with.md5;
    files.sha1 = files.sha1 || with.sha1;
    files.sha256 = files.sha256 || with.sha256;
  }

 private:
  // depth: tunnels around the packet; nesting: those and reassembled datagrams.
  void process(Decoded& decoded, int nesting, int depth);
  void inside(const Decoded& carrier, int nesting, int depth);
  void count(const Decoded& decoded);
  Flow* flow_of(const Decoded& decoded, int depth);
  void end_flow(Flow& flow);

  SensorSettings settings_;
  Worker worker_;
  FlowPath path_;
  FlowTable table_;
  Defragmenter defragmenter_;
  Decoded decoded_[kMaxNesting];
  Timestamp now_, swept_;
  std::uint64_t number_ = 0;
  LastFlow last_;
};

void Sensor::Impl::count(const Decoded& decoded) {
  SensorCounters& c = worker_.counters;
  const PacketView& view = decoded.view;
  if (decoded.invalid) ++c.invalid;
  if (view.ip_version == 4)
    ++c.ipv4;
  else if (view.ip_version == 6)
    ++c.ipv6;
  else if (view.ether_type == 0x0806)
    ++c.arp;
  else
    ++c.other;
  if (view.is_fragment)
    ++c.fragments;
  else if (view.proto == ip_proto::tcp)
    ++c.tcp;
  else if (view.proto == ip_proto::udp)
    ++c.udp;
  else if (view.proto == ip_proto::icmp || view.proto == ip_proto::icmpv6)
    ++c.icmp;
  else if (view.proto == ip_proto::sctp)
    ++c.sctp;
  if (view.l4_checksum == ChecksumState::invalid || view.ip_checksum == ChecksumState::invalid)
    ++c.bad_checksums;
}

Flow* Sensor::Impl::flow_of(const Decoded& decoded, int depth) {
  const PacketView& view = decoded.view;
  if (view.is_fragment || decoded.invalid || !belongs_to_flow(view)) return nullptr;
  // An error belongs to the conversation that it is about, or to none.
  if (decoded.icmp_error)
    return decoded.quoted.proto != 0 ? table_.find_quoted(view, decoded.quoted, depth) : nullptr;
  Flow* flow = table_.find(view, depth);
  if (flow != nullptr && flow->tcp && flow->tcp->is_reused_by(view, flow->direction_of(view))) {
    table_.end(*flow, FlowEnd::tcp_reuse);
    flow = nullptr;
  }
  if (flow != nullptr) return flow;
  ++worker_.counters.flows;
  return &table_.create(view, depth);
}

void Sensor::Impl::process(Decoded& decoded, int nesting, int depth) {
  count(decoded);
  Flow* flow = flow_of(decoded, depth);
  worker_.decoded = &decoded;
  if (flow != nullptr) {
    path_.packet(*flow, decoded);
    table_.touch(*flow);
    last_ = {flow->id, flow->packets[0] + flow->packets[1],
             flow->payload_hidden[index(flow->direction_of(decoded.view))]};
  } else {
    std::optional<Bytes> whole;
    if (decoded.view.is_fragment && !decoded.invalid) whole = defragmenter_.add(decoded);
    path_.without_flow(decoded);
    if (whole && nesting + 1 < kMaxNesting) {
      ++worker_.counters.reassembled;
      Decoded& inner = decoded_[nesting + 1];
      const Layer layer = decoded.view.ip_version == 4 ? Layer::ipv4 : Layer::ipv6;
      decode_inner(decoded.view, layer, *whole, settings_.stream.checksum_validation, inner);
      process(inner, nesting + 1, depth);
    }
  }
  worker_.decoded = nullptr;
  inside(decoded, nesting, depth);
}

void Sensor::Impl::inside(const Decoded& carrier, int nesting, int depth) {
  if (carrier.tunnel.layer == Layer::none || nesting + 1 >= kMaxNesting) return;
  Decoded& inner = decoded_[nesting + 1];
  decode_tunnel(carrier.view, carrier.tunnel, settings_.stream.checksum_validation, inner);
  process(inner, nesting + 1, depth + 1);
}

void Sensor::Impl::packet(const Frame& frame) {
  SensorCounters& c = worker_.counters;
  ++c.packets;
  c.bytes += frame.wire_length;
  if (frame.bytes.size() < frame.wire_length) ++c.truncated;
  advance(frame.time);
  last_ = {};
  decode_frame(frame, ++number_, settings_.stream.checksum_validation, decoded_[0]);
  process(decoded_[0], 0, 0);
}

void Sensor::Impl::advance(Timestamp now) {
  if (now <= now_) return;
  now_ = now;
  if (now_ - swept_ < kSweepEvery) return;
  swept_ = now_;
  worker_.counters.flows_timed_out += table_.expire(now_);
  defragmenter_.expire(now_);
}

void Sensor::Impl::end_flow(Flow& flow) {
  // A flow may end while a packet of another one is in hand.
  Decoded* const in_hand = std::exchange(worker_.decoded, nullptr);
  path_.end(flow);
  worker_.decoded = in_hand;
}

void Sensor::Impl::finish() {
  table_.end_all(FlowEnd::shutdown);
}

void Sensor::Impl::set_inspector(Inspector* inspector) {
  table_.each([this](Flow& flow) {
    if (worker_.inspector != nullptr) worker_.inspector->flow_ended(flow);
    flow.rule_state.reset();
    for (Transaction* tx : flow.transactions()) tx->rule_state.reset();
  });
  worker_.inspector = inspector;
}

const SensorCounters& Sensor::Impl::counters() {
  worker_.counters.flows_active = table_.size();
  worker_.counters.flows_evicted = table_.evicted();
  worker_.counters.fragments_dropped = defragmenter_.dropped();
  return worker_.counters;
}

SensorCounters& SensorCounters::operator+=(const SensorCounters& more) {
  // Numbers of one kind only, so that none is ever forgotten here.
  using Numbers = std::array<std::uint64_t, sizeof(SensorCounters) / sizeof(std::uint64_t)>;
  auto sum = std::bit_cast<Numbers>(*this);
  const auto theirs = std::bit_cast<Numbers>(more);
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += theirs[i];
  return *this = std::bit_cast<SensorCounters>(sum);
}

Sensor::Sensor(const SensorSettings& settings, const Catalogue& catalogue, Inspector* inspector,
               SensorObserver* observer)
    : impl_(std::make_unique<Impl>(settings, inspector, observer)) {
  (void)catalogue;
}
Sensor::~Sensor() = default;
void Sensor::packet(const Frame& frame) {
  impl_->packet(frame);
}
void Sensor::advance(Timestamp now) {
  impl_->advance(now);
}
void Sensor::finish() {
  impl_->finish();
}
void Sensor::set_inspector(Inspector* inspector) {
  impl_->set_inspector(inspector);
}
void Sensor::also_hash(bool md5, bool sha1, bool sha256) {
  impl_->also_hash({md5, sha1, sha256});
}
const SensorCounters& Sensor::counters() const {
  return impl_->counters();
}
const LastFlow& Sensor::last_flow() const {
  return impl_->last_flow();
}

}  // namespace chieng::collector
