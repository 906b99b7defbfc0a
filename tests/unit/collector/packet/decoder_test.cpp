#include "collector/packet/decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collector/protocol/parser.h"
#include "tests/unit/collector/frames.h"

namespace chieng::collector {
namespace {

using namespace test;
using testing::Contains;
using testing::IsEmpty;
using testing::Not;

class Decoder : public testing::Test {
 protected:
  const PacketView& decode(const std::string& bytes, int link_type = 1) {
    bytes_ = bytes;
    decode_frame(frame(bytes_, 1'000'000, link_type), 1, true, out_);
    return out_.view;
  }
  std::vector<std::string> events() const {
    std::vector<std::string> names;
    for (const std::uint16_t e : out_.view.events) names.emplace_back(packet_event_names()[e]);
    return names;
  }
  std::string bytes_;
  Decoded out_;
};

TEST_F(Decoder, ReadsTcpOverIpv4) {
  const PacketView& p = decode(ethernet(ipv4({}, 6, tcp({}, 7, 9, tcp_flag::ack, "hello"))));
  EXPECT_EQ(to_string(p.src), "10.0.0.1");
  EXPECT_EQ(to_string(p.dst), "10.0.0.2");
  EXPECT_EQ(p.src_port, 40000);
  EXPECT_EQ(p.dst_port, 80);
  EXPECT_EQ(p.tcp_seq, 7u);
  EXPECT_EQ(p.tcp_ack, 9u);
  EXPECT_EQ(as_text(p.payload), "hello");
  EXPECT_EQ(p.l4_checksum, ChecksumState::valid);
  EXPECT_EQ(p.ip_checksum, ChecksumState::valid);
  EXPECT_THAT(events(), IsEmpty());
}

TEST_F(Decoder, CutsEthernetPadding) {
  const PacketView& p = decode(ethernet(ipv4({}, 17, udp({}, "x"))) + std::string(30, '\0'));
  EXPECT_EQ(as_text(p.payload), "x");
}

TEST_F(Decoder, NoticesAWrongChecksum) {
  std::string bytes = ethernet(ipv4({}, 6, tcp({}, 7, 9, tcp_flag::ack, "hello")));
  bytes.back() ^= 1;
  EXPECT_EQ(decode(bytes).l4_checksum, ChecksumState::invalid);
}

// Whatever is cut off, nothing outside of the captured bytes is read, and the packet gets an
// anomaly.
TEST_F(Decoder, EveryCutIsAnAnomaly) {
  const std::string whole = ethernet(ipv4({}, 6, tcp({}, 7, 9, tcp_flag::ack, "hello")));
  for (std::size_t n = 0; n < whole.size(); ++n) {
    decode(whole.substr(0, n));
    EXPECT_TRUE(out_.invalid) << n;
    EXPECT_THAT(events(), Not(IsEmpty())) << n;
  }
}

TEST_F(Decoder, ReadsVlanTags) {
  const PacketView& p =
      decode(ethernet(hex("0064 8100 0065 0800") + ipv4({}, 17, udp({}, "x")), 0x88a8));
  ASSERT_EQ(p.vlan_count, 2);
  EXPECT_EQ(p.vlan[0], 100);
  EXPECT_EQ(p.vlan[1], 101);
  EXPECT_EQ(p.proto, 17);
}

TEST_F(Decoder, RefusesAFourthVlanTag) {
  decode(ethernet(hex("0001 8100 0002 8100 0003 8100 0004 0800"), 0x8100));
  EXPECT_THAT(events(), Contains("decoder.vlan.too_many_layers"));
}

TEST_F(Decoder, StepsOverIpv6ExtensionHeaders) {
  Ends e{hex("20010db8000000000000000000000001"), hex("20010db8000000000000000000000002"), 1000,
         53};
  const std::string hop = hex("11 00 05 02 0000 0100");  // next: UDP; router alert
  const PacketView& p = decode(ethernet(ipv6(e, 0, hop + udp(e, "query")), 0x86dd));
  EXPECT_EQ(p.proto, 17);
  EXPECT_EQ(p.ip_header.size(), 48u);
  EXPECT_EQ(as_text(p.payload), "query");
  EXPECT_EQ(p.l4_checksum, ChecksumState::valid);
}

TEST_F(Decoder, NamesIpv6Anomalies) {
  Ends e{std::string(16, '\1'), std::string(16, '\2'), 1, 2};
  decode(ethernet(ipv6(e, 44, hex("11 00 0000 00000001") + udp(e, "x")), 0x86dd));
  EXPECT_THAT(events(), Contains("decoder.ipv6.exthdr_useless_fh"));
  decode(ethernet(ipv6(e, 60, hex("11 05 0000 00000000")), 0x86dd));
  EXPECT_THAT(events(), Contains("decoder.ipv6.trunc_exthdr"));
}

TEST_F(Decoder, NamesTcpAnomalies) {
  decode(ethernet(ipv4({}, 6, tcp({}, 1, 1, tcp_flag::syn, {}, 100, hex("02 03 05 01")))));
  EXPECT_THAT(events(), Contains("decoder.tcp.opt_invalid_len"));
  decode(ethernet(ipv4({}, 6, tcp({}, 1, 1, tcp_flag::syn, {}, 100, hex("02 08 05 b4")))));
  EXPECT_THAT(events(), Contains("decoder.tcp.opt_invalid_len"));
}

TEST_F(Decoder, ReadsOtherLinkTypes) {
  const std::string ip = ipv4({}, 17, udp({}, "x"));
  EXPECT_EQ(decode(ip, 101).proto, 17);
  EXPECT_EQ(decode(hex("02000000") + ip, 0).proto, 17);
  EXPECT_EQ(decode(hex("00000000000000000000000000000800") + ip, 113).proto, 17);
  EXPECT_EQ(decode(hex("0800000000000001000000000000000000000000") + ip, 276).proto, 17);
}

TEST_F(Decoder, GivesInnerPacketsOfTunnels) {
  const std::string inner = ipv4({}, 17, udp({}, "inside"));
  decode(ethernet(ipv4({}, 47, hex("0000 0800") + inner)));
  ASSERT_EQ(out_.tunnel.layer, Layer::ipv4);
  Decoded second;
  decode_tunnel(out_.view, out_.tunnel, true, second);
  EXPECT_EQ(as_text(second.view.payload), "inside");
  EXPECT_EQ(second.view.number, 1u);
}

TEST_F(Decoder, IcmpPayloadBeginsAfterItsHeader) {
  const PacketView& p = decode(ethernet(ipv4({}, 1, icmp(8, 0, hex("0001 0002") + "ping"))));
  EXPECT_TRUE(p.has_icmp);
  EXPECT_EQ(p.icmp_type, 8);
  EXPECT_EQ(as_text(p.payload), "ping");
}

TEST(PacketEvents, NamesAreUnique) {
  std::vector<std::string_view> names(packet_event_names().begin(), packet_event_names().end());
  std::ranges::sort(names);
  EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
  EXPECT_EQ(packet_event_names()[static_cast<std::size_t>(PacketEvent::ipv4_trunc_pkt)],
            "decoder.ipv4.trunc_pkt");
  EXPECT_EQ(packet_event_names()[static_cast<std::size_t>(PacketEvent::stream_3whs_syn_flood)],
            "stream.3whs_syn_flood");
}

TEST_F(Decoder, StepsOverTagsOfSwitches) {
  const std::string ip = ipv4({}, 17, udp({}, "x"));
  const auto carried = [&](std::string_view tag, unsigned type) {
    return std::string(as_text(decode(ethernet(hex(tag) + ip, type)).payload));
  };
  EXPECT_EQ(carried("00000000 0800", 0x8926), "x");      // VN-Tag
  EXPECT_EQ(carried("000000000000 0800", 0x893f), "x");  // E-Tag
  EXPECT_EQ(carried("00000001 020000000001 020000000002 0800", 0x88e7), "x");
  EXPECT_EQ(carried("0001 020000000001 020000000002 0800", 0x8903), "x");  // FabricPath
  EXPECT_EQ(carried("0fc6 0101 00000001"
                    "00000000000000000000000000000000",
                    0x894f),
            "x");
  carried(
      "0fc6 0001 00000001"
      "00000000000000000000000000000000",
      0x894f);
  EXPECT_THAT(events(), Contains("decoder.nsh.reserved_type"));
  decode(ethernet(hex("00"), 0x8926));
  EXPECT_THAT(events(), Contains("decoder.vntag.header_too_small"));
}

TEST_F(Decoder, ReadsSeldomLinkTypes) {
  const std::string ip = ipv4({}, 17, udp({}, "x"));
  const auto carried = [&](const std::string& bytes, int link) {
    return std::string(as_text(decode(bytes, link).payload));
  };
  const std::string snap = hex("aaaa0300 0000 0800") + ip;
  const std::string wireless = hex("0801") + std::string(22, '\0') + snap;
  EXPECT_EQ(carried(wireless, 105), "x");
  EXPECT_EQ(carried(hex("8801") + std::string(24, '\0') + snap, 105), "x");
  EXPECT_EQ(carried(hex("0841") + std::string(22, '\0') + snap, 105), "");  // encrypted
  EXPECT_EQ(carried(hex("0000 0800 00000000") + wireless, 127), "x");
  EXPECT_EQ(carried(hex("00000000 0a000000 0000") + wireless, 119), "x");
  EXPECT_EQ(carried(hex("0f00 0800") + ip, 104), "x");
  EXPECT_EQ(carried(hex("0f00 0800") + ip, 50), "x");
  EXPECT_EQ(carried(hex("ff03 0021") + ip, 50), "x");
  EXPECT_EQ(carried(hex("00 0021") + ip, 204), "x");
  EXPECT_EQ(carried(hex("02000000 0800 0100 00000000") +
                        std::string(1, static_cast<char>(ip.size() + 4)) + hex("00 0900") + ip,
                    239),
            "x");
  EXPECT_EQ(carried(hex("02000000 00000001 00000000") + ip, 109), "x");
}

}  // namespace
}  // namespace chieng::collector
