#include "collector/flow/flow_table.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <random>

#include "core/bytes/reader.h"

namespace chieng::collector {
namespace {

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const auto product = static_cast<Wide>(a ^ 0xa0761d6478bd642fULL) * (b ^ 0xe7037ed1a0b428dbULL);
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t hash_key(const TableKey& key, std::uint64_t seed) {
  std::array<std::uint64_t, 5> words{};
  std::memcpy(&words[0], key.low.bytes.data(), 16);
  std::memcpy(&words[2], key.high.bytes.data(), 16);
  words[4] = std::uint64_t{key.low_port} << 48 | std::uint64_t{key.high_port} << 32 |
             std::uint64_t{key.proto} << 24 |
             (std::uint64_t{key.vlan[0]} << 12 ^ key.vlan[1] ^ std::uint64_t{key.vlan[2]} << 6);
  return mix(mix(words[0] ^ seed, words[1]), mix(words[2] ^ words[4], words[3] ^ seed));
}

// As IpAddress orders, without a call: the flow of every packet is looked for.
bool before(const IpAddress& a, const IpAddress& b) {
  if (a.version != b.version) return a.version < b.version;
  std::array<std::uint64_t, 2> x{}, y{};
  std::memcpy(x.data(), a.bytes.data(), 16);
  std::memcpy(y.data(), b.bytes.data(), 16);
  if (x[0] != y[0]) return __builtin_bswap64(x[0]) < __builtin_bswap64(y[0]);
  return __builtin_bswap64(x[1]) < __builtin_bswap64(y[1]);
}

struct IcmpKind {
  std::uint8_t request = 0;  // a reply's type as its request's: both belong to one flow
  bool paired = false, asks = true;
};

IcmpKind icmp_kind(const PacketView& packet) {
  struct Pair {
    std::uint8_t proto, reply, request;
  };
  static constexpr Pair pairs[] = {
      {ip_proto::icmp, 0, 8},       {ip_proto::icmp, 14, 13},     {ip_proto::icmp, 16, 15},
      {ip_proto::icmp, 18, 17},     {ip_proto::icmp, 9, 10},      {ip_proto::icmpv6, 129, 128},
      {ip_proto::icmpv6, 134, 133}, {ip_proto::icmpv6, 136, 135}, {ip_proto::icmpv6, 140, 139}};
  for (const Pair& p : pairs) {
    if (p.proto != packet.proto) continue;
    if (p.reply == packet.icmp_type) return {p.request, true, false};
    if (p.request == packet.icmp_type) return {p.request, true, true};
  }
  return {packet.icmp_type};
}

TimeoutClass class_of(const Flow& flow) {
  const bool fresh = flow.state == FlowState::fresh;
  switch (flow.key.proto) {
    case ip_proto::tcp:
      if (flow.state == FlowState::closed) return TimeoutClass::tcp_closed;
      return fresh ? TimeoutClass::tcp_new : TimeoutClass::tcp_established;
    case ip_proto::udp:
      return fresh ? TimeoutClass::udp_new : TimeoutClass::udp_established;
    case ip_proto::icmp:
    case ip_proto::icmpv6:
      return fresh ? TimeoutClass::icmp_new : TimeoutClass::icmp_established;
    default:
      return fresh ? TimeoutClass::other_new : TimeoutClass::other_established;
  }
}

// Flows that nothing was answered to, or that are over.
bool is_brief(TimeoutClass c) {
  switch (c) {
    case TimeoutClass::tcp_new:
    case TimeoutClass::tcp_closed:
    case TimeoutClass::udp_new:
    case TimeoutClass::icmp_new:
    case TimeoutClass::other_new:
      return true;
    case TimeoutClass::tcp_established:
    case TimeoutClass::udp_established:
    case TimeoutClass::icmp_established:
    case TimeoutClass::other_established:
    case TimeoutClass::count_:
      break;
  }
  return false;
}

// EVE's flow_id. 51 bits, so that no JSON reader that uses doubles changes it; the same capture
// gives the same ids.
std::uint64_t make_id(const TableKey& key, Timestamp start, std::uint64_t number) {
  return mix(hash_key(key, static_cast<std::uint64_t>(start.micros)), number) &
         ((std::uint64_t{1} << 51) - 1);
}

}  // namespace

FlowTable::FlowTable(const FlowSettings& settings, OnEnd on_end)
    : settings_(settings),
      on_end_(std::move(on_end)),
      buckets_(std::bit_ceil(std::max<std::size_t>(settings.capacity, 16))),
      seed_(std::uint64_t{std::random_device{}()} << 32 | std::random_device{}()) {
  const FlowSettings& s = settings_;
  const std::array seconds{s.tcp_new,          s.tcp_established, s.tcp_closed,
                           s.udp_new,          s.udp_established, s.icmp_new,
                           s.icmp_established, s.other_new,       s.other_established};
  for (std::size_t i = 0; i < limits_.size(); ++i) limits_[i] = seconds[i] * 1'000'000;
}

FlowTable::~FlowTable() {
  for (Flow* flow : buckets_)
    while (flow != nullptr) {
      const std::unique_ptr<Flow> owned(flow);
      flow = flow->chain;
    }
}

TableKey FlowTable::key_of(const PacketView& packet, int depth) const {
  TableKey key;
  key.depth = static_cast<std::uint8_t>(depth);
  key.proto = packet.proto;
  std::copy_n(packet.vlan.begin(), packet.vlan_count, key.vlan.begin());
  const bool icmp = packet.has_icmp;
  const std::uint16_t src_port = packet.has_ports ? packet.src_port : std::uint16_t{0};
  const std::uint16_t dst_port = packet.has_ports ? packet.dst_port : std::uint16_t{0};
  const bool src_low =
      before(packet.src, packet.dst) || (packet.src == packet.dst && src_port <= dst_port);
  key.low = src_low ? packet.src : packet.dst;
  key.high = src_low ? packet.dst : packet.src;
  key.low_port = src_low ? src_port : dst_port;
  key.high_port = src_low ? dst_port : src_port;
  if (icmp) {
    const IcmpKind kind = icmp_kind(packet);
    key.low_port = kind.request;
    key.high_port = packet.icmp_code;
    // Who asks is part of it: two hosts that ask each other are two flows.
    if (kind.paired && packet.src != packet.dst && kind.asks == src_low) key.high_port |= 0x100;
  }
  if (packet.proto == ip_proto::esp && packet.l4_header.size() >= 4) {
    Reader spi(packet.l4_header);  // each direction is a security association of its own
    key.low_port = spi.u16();
    key.high_port = spi.u16();
  }
  return key;
}

std::size_t FlowTable::hash_of(const TableKey& key) const {
  return hash_key(key, seed_);
}

Flow* FlowTable::find(const PacketView& packet, int depth) {
  const TableKey key = key_of(packet, depth);
  const std::size_t hash = hash_of(key);
  for (Flow* flow = buckets_[hash & (buckets_.size() - 1)]; flow != nullptr; flow = flow->chain)
    if (flow->hash == hash && flow->table_key == key) return flow;
  return nullptr;
}

Flow* FlowTable::find_quoted(const PacketView& error, const Quoted& quoted, int depth) {
  PacketView cause;
  cause.src = quoted.src, cause.dst = quoted.dst;
  cause.src_port = quoted.src_port, cause.dst_port = quoted.dst_port;
  cause.proto = quoted.proto;
  cause.has_ports = true;
  cause.vlan = error.vlan, cause.vlan_count = error.vlan_count;
  return find(cause, depth);
}

Flow& FlowTable::create(const PacketView& packet, int depth) {
  if (size_ >= settings_.capacity) evict();
  auto owned = std::make_unique<Flow>();
  Flow& flow = *owned;
  flow.table_key = key_of(packet, depth);
  flow.hash = hash_of(flow.table_key);
  flow.number = ++created_;
  flow.id = make_id(flow.table_key, packet.time, flow.number);
  flow.key = FlowKey{packet.src,      packet.dst,   packet.src_port,
                     packet.dst_port, packet.proto, flow.table_key.vlan};
  flow.has_ports = packet.has_ports;
  if (packet.has_icmp) {
    flow.key.src_port = packet.icmp_type;
    flow.key.dst_port = packet.icmp_code;
  }
  if (packet.proto == ip_proto::esp)
    flow.spi = std::uint32_t{flow.table_key.low_port} << 16 | flow.table_key.high_port;
  flow.start = flow.last = packet.time;
  Flow*& bucket = buckets_[flow.hash & (buckets_.size() - 1)];
  flow.chain = bucket;
  bucket = owned.release();
  flow.timeout_class = class_of(flow);
  append(flow);
  ++size_;
  return flow;
}

void FlowTable::append(Flow& flow) {
  List& l = list(flow.timeout_class);
  flow.older = l.newest;
  flow.newer = nullptr;
  (l.newest != nullptr ? l.newest->newer : l.oldest) = &flow;
  l.newest = &flow;
  ++l.size;
}

void FlowTable::unlink(Flow& flow) {
  List& l = list(flow.timeout_class);
  (flow.older != nullptr ? flow.older->newer : l.oldest) = flow.newer;
  (flow.newer != nullptr ? flow.newer->older : l.newest) = flow.older;
  --l.size;
}

void FlowTable::touch(Flow& flow) {
  const TimeoutClass now = class_of(flow);
  if (now == flow.timeout_class && flow.newer == nullptr) return;
  unlink(flow);
  flow.timeout_class = now;
  append(flow);
}

void FlowTable::end(Flow& flow, FlowEnd why) {
  flow.end = why;
  on_end_(flow);
  unlink(flow);
  Flow** link = &buckets_[flow.hash & (buckets_.size() - 1)];
  while (*link != &flow) link = &(*link)->chain;
  *link = flow.chain;
  --size_;
  const std::unique_ptr<Flow> freed(&flow);
}

Flow* FlowTable::idle(bool only_brief) {
  Flow* found = nullptr;
  std::size_t brief = 0;
  for (std::size_t c = 0; c < lists_.size(); ++c) {
    const List& l = lists_[c];
    if (only_brief && !is_brief(static_cast<TimeoutClass>(c))) continue;
    brief += l.size;
    if (l.oldest != nullptr && (found == nullptr || l.oldest->last < found->last)) found = l.oldest;
  }
  // A few of them are not a flood, but the ones that have just begun.
  return only_brief && brief < settings_.capacity / 16 ? nullptr : found;
}

void FlowTable::evict() {
  Flow* chosen = idle(true);
  if (chosen == nullptr) chosen = idle(false);
  if (chosen == nullptr) return;
  ++evicted_;
  end(*chosen, FlowEnd::forced);
}

std::size_t FlowTable::expire(Timestamp now) {
  std::size_t count = 0;
  for (std::size_t c = 0; c < lists_.size(); ++c)
    while (lists_[c].oldest != nullptr && now - lists_[c].oldest->last > limits_[c]) {
      end(*lists_[c].oldest, FlowEnd::timeout);
      ++count;
    }
  return count;
}

void FlowTable::end_all(FlowEnd why) {
  std::vector<Flow*> all;
  all.reserve(size_);
  each([&all](Flow& flow) { all.push_back(&flow); });
  std::ranges::sort(all, {}, [](const Flow* flow) { return flow->number; });
  for (Flow* flow : all) end(*flow, why);
}

}  // namespace chieng::collector
