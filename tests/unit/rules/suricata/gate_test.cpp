// Gates let through what the rule's header lets through, neither more nor less.
#include "rules/suricata/gate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "rules/suricata/conditions.h"
#include "rules/suricata/header.h"

namespace chieng::suricata {
namespace {

constexpr std::array kAddresses = {"any",           "10.0.0.0/8",
                                   "!10.0.0.0/8",   "[10.0.0.1,10.0.0.2,192.0.2.0/24]",
                                   "192.0.2.7",     "[192.0.2.0/24,!192.0.2.7]",
                                   "2001:db8::/32", "[2001:db8::1,255.255.255.255]",
                                   "0.0.0.0/1"};
constexpr std::array kPorts = {"any", "80", "!80", "[1:1000]", "[53,5353]"};
constexpr std::array kHosts = {"10.0.0.1",    "10.0.0.3",
                               "192.0.2.7",   "192.0.2.8",
                               "8.8.8.8",     "2001:db8::1",
                               "2001:db8::2", "255.255.255.255",
                               "0.0.0.0",     "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"};
constexpr std::array<std::uint16_t, 5> kHostPorts = {80, 53, 5353, 1000, 40000};

template <class List>
auto any_of(const List& list, std::mt19937& random) {
  return list[random() % list.size()];
}

std::vector<Signature> random_rules(std::mt19937& random, HeaderSets& sets) {
  std::vector<Signature> out(200);
  for (Signature& s : out) {
    s.header.l4 = std::array{L4::any, L4::tcp, L4::udp, L4::ipv4, L4::ipv6, L4::link}[random() % 6];
    s.header.both_ways = random() % 5 == 0;
    Endpoints& e = s.header.forward;
    e.src = sets.addresses(any_of(kAddresses, random))->set;
    e.dst = sets.addresses(any_of(kAddresses, random))->set;
    e.src_port = *sets.ports(any_of(kPorts, random));
    e.dst_port = *sets.ports(any_of(kPorts, random));
    s.sides[random() % 2] = random() % 3 != 0;
    s.has_flow = random() % 2 == 0;
    if (random() % 3 == 0) s.protocols = {AppProto{static_cast<std::uint8_t>(2 + random() % 3)}};
  }
  return out;
}

Addresses random_addresses(std::mt19937& random) {
  Addresses a;
  a.src = *parse_address(any_of(kHosts, random));
  do {
    a.dst = *parse_address(any_of(kHosts, random));
  } while (a.dst.version != a.src.version);
  a.ip_version = a.src.version;
  a.proto = random() % 2 == 0 ? ip_proto::tcp : ip_proto::udp;
  a.has_ports = random() % 8 != 0;
  if (a.has_ports) {
    a.src_port = any_of(kHostPorts, random);
    a.dst_port = any_of(kHostPorts, random);
  }
  return a;
}

TEST(Gate, AgreesWithTheHeader) {
  std::mt19937 random(12);
  HeaderSets sets({});
  const std::vector<Signature> rules = random_rules(random, sets);
  Gates gates;
  gates.build(rules);
  std::vector<bool> indexed(rules.size());
  for (RuleNumber n = 0; n < rules.size(); ++n) indexed[n] = gates.index_by_address(n);
  gates.finish();
  EXPECT_GT(std::ranges::count(indexed, true), 20);
  EXPECT_GT(std::ranges::count(indexed, false), 20);
  GateKeeper keeper;
  keeper.use(gates);
  int open = 0;
  for (int n = 0; n < 3000; ++n) {
    const Addresses a = random_addresses(random);
    const Direction d = random() % 2 == 0 ? Direction::to_server : Direction::to_client;
    const AppProto proto{static_cast<std::uint8_t>(random() % 5)};
    auto visitor = keeper.visitor(a, nullptr, d, proto);
    const bool flow = random() % 4 != 0;
    if (flow) {
      visitor.flow = true;
      visitor.side = static_cast<std::uint8_t>(1u << index(d));
    }
    const auto lists = keeper.by_address(visitor);
    for (RuleNumber r = 0; r < rules.size(); ++r) {
      const Signature& s = rules[r];
      const bool expected = s.header.match(a) && (!s.has_flow || flow) &&
                            (flow ? s.sides[index(d)] : s.sides[0] || s.sides[1]) &&
                            (s.protocols.empty() ||
                             (flow && std::ranges::find(s.protocols, proto) != s.protocols.end()));
      ASSERT_EQ(keeper.open(r, visitor), expected) << "rule " << r;
      open += expected ? 1 : 0;
      if (expected && indexed[r])
        ASSERT_TRUE(std::ranges::any_of(
            lists, [r](const auto& list) { return std::ranges::find(list, r) != list.end(); }))
            << "rule " << r;
    }
  }
  EXPECT_GT(open, 1000);
}

TEST(Gate, FirstBytesAndFlagsOfThePacket) {
  std::vector<Signature> rules(2);
  Content content;
  content.bytes = "ab";
  content.has_offset = content.has_depth = true;
  content.offset.value = 1;
  content.depth.value = 2;
  rules[0].payload.emplace();
  rules[0].payload->steps.push_back({content, false, 0});
  rules[1].conditions.push_back({TcpFlags{.mask = tcp_flag::syn, .ignore = 0, .modifier = 0}, 0});
  for (Signature& s : rules) s.header.l4 = L4::tcp;
  Gates gates;
  gates.build(rules);
  gates.finish();
  GateKeeper keeper;
  keeper.use(gates);
  Addresses a;
  a.src = a.dst = *parse_address("10.0.0.1");
  a.proto = ip_proto::tcp;
  a.ip_version = 4;
  const auto open = [&](RuleNumber rule, std::string_view data, std::uint8_t flags) {
    auto visitor = keeper.visitor(a, nullptr, Direction::to_server, kAppUnknown);
    visitor.packet = true;
    visitor.data = as_bytes(data);
    visitor.tcp_flags = flags;
    return keeper.open(rule, visitor);
  };
  EXPECT_TRUE(open(0, "xab", 0));
  EXPECT_FALSE(open(0, "abx", 0));
  EXPECT_FALSE(open(0, "xa", 0));
  EXPECT_FALSE(open(0, "", 0));
  EXPECT_TRUE(open(1, "", tcp_flag::syn));
  EXPECT_FALSE(open(1, "", tcp_flag::syn | tcp_flag::ack));
}

}  // namespace
}  // namespace chieng::suricata
