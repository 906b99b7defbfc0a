#include "rules/suricata/detector.h"

#include <gtest/gtest.h>

#include "tests/unit/rules/suricata/rule_kit.h"

namespace chieng::suricata {
namespace {

using Sids = std::vector<std::uint32_t>;

TEST(RuleDetector, BitsAreSeenByLaterRulesOfThePacket) {
  Bench bench(packet_rule("content:\"bbb\"; flowbits:isset,seen;", 1) +
              packet_rule("content:\"aaa\"; flowbits:set,seen; flowbits:noalert;", 2));
  EXPECT_EQ(bench.run("bbb"), Sids{});
  EXPECT_EQ(bench.run("aaabbb"), Sids{1});
  EXPECT_EQ(bench.run("bbb"), Sids{1});
  EXPECT_EQ(bench.run("bbb", false), Sids{}) << "no flow, no bits";
}

TEST(RuleDetector, BitsOutliveAnExchangeOfTheSet) {
  Bench bench(packet_rule("content:\"aaa\"; flowbits:set,one;", 1));
  EXPECT_EQ(bench.run("aaa"), Sids{1});
  bench.detector.swap(compile_rules(packet_rule("content:\"zzz\"; flowbits:set,other;", 8) +
                                    packet_rule("content:\"bbb\"; flowbits:isset,one;", 2) +
                                    packet_rule("content:\"bbb\"; flowbits:isset,other;", 3)));
  EXPECT_EQ(bench.run("bbb"), Sids{2});
}

TEST(RuleDetector, HostBitsEnd) {
  Bench bench(packet_rule("content:\"aaa\"; xbits:set,x,track ip_src,expire 10;", 1) +
              packet_rule("content:\"bbb\"; xbits:isset,x,track ip_src;", 2));
  (void)bench.run("aaa");
  EXPECT_EQ(bench.run("bbb"), Sids{2});
  bench.packet.time = bench.packet.time + 11'000'000;
  EXPECT_EQ(bench.run("bbb"), Sids{});
}

TEST(RuleDetector, Thresholds) {
  const auto count = [](std::string_view threshold, int packets) {
    Bench bench(packet_rule("content:\"aaa\"; " + std::string(threshold)));
    int alerts = 0;
    for (int i = 0; i < packets; ++i) alerts += static_cast<int>(bench.run("aaa").size());
    return alerts;
  };
  EXPECT_EQ(count("threshold:type limit,track by_src,count 2,seconds 60;", 7), 2);
  EXPECT_EQ(count("threshold:type threshold,track by_src,count 3,seconds 60;", 7), 2);
  EXPECT_EQ(count("threshold:type both,track by_dst,count 3,seconds 60;", 7), 1);
  EXPECT_EQ(count("detection_filter:track by_src,count 3,seconds 60;", 7), 4);
  EXPECT_EQ(count("threshold:type backoff,track by_flow,count 1,multiplier 3;", 9), 3);
}

TEST(RuleDetector, ThresholdWindowsFollowPacketTime) {
  Bench bench(
      packet_rule("content:\"aaa\"; threshold:type limit,track by_src,count 1,seconds 10;"));
  EXPECT_EQ(bench.run("aaa"), Sids{1});
  EXPECT_EQ(bench.run("aaa"), Sids{});
  bench.packet.time = bench.packet.time + 11'000'000;
  EXPECT_EQ(bench.run("aaa"), Sids{1});
}

TEST(RuleDetector, PassEndsAlertingAndOrderIsByPriority) {
  Bench bench(packet_rule("content:\"aaa\"; priority:3;", 1) +
              packet_rule("content:\"aaa\"; priority:1;", 2) +
              "pass tcp-pkt any any -> any any (content:\"secret\"; sid:3;)\n");
  EXPECT_EQ(bench.run("aaa"), (Sids{2, 1}));
  EXPECT_EQ(bench.run("aaa secret"), Sids{});
  EXPECT_EQ(bench.run("aaa"), (Sids{2, 1})) << "a pass rule on a packet is for that packet";
}

TEST(RuleDetector, AtMostFifteenAlertsAPacket) {
  std::string rules;
  for (std::uint32_t sid = 1; sid <= 30; ++sid) rules += packet_rule("content:\"aaa\";", sid);
  Bench bench(rules);
  EXPECT_EQ(bench.run("aaa").size(), 15u);
}

TEST(RuleDetector, StreamRulesSeeChunksAndNotAddedPackets) {
  Bench bench(
      "alert tcp any any -> any any (content:\"needle\"; sid:1;)\n"
      "alert tcp any any -> any any (content:\"start\"; depth:5; sid:2;)\n");
  EXPECT_EQ(bench.run("a needle"), Sids{1}) << "a packet outside of the stream is seen itself";
  const std::string data = "start needle";
  bench.chunks.push_back({Direction::to_server, 0, as_bytes(std::string_view(data)), true, false});
  EXPECT_EQ(bench.run("nothing"), (Sids{1, 2}));
  bench.chunks.front().data = as_bytes(std::string_view("nothing"));
  EXPECT_EQ(bench.run("start needle"), Sids{2}) << "depth is looked for in packets too";
}

TEST(RuleDetector, AddressRulesOncePerDirection) {
  Bench bench("alert tcp 10.0.0.0/8 any -> any any (sid:1;)\n");
  Inspection in;
  in.packet = &bench.packet;
  in.flow = &bench.flow;
  in.first_in_direction = true;
  EXPECT_EQ(bench.take(in), Sids{1});
  in.first_in_direction = false;
  EXPECT_EQ(bench.take(in), Sids{});
}

class TxBench : public ::testing::Test {
 protected:
  Sids run(Bench& bench, std::uint8_t progress, Direction d = Direction::to_server) {
    tx.set_progress(d, progress);
    tx.touch(d);
    bench.flow.list = {&tx};
    bench.updated = {};
    bench.updated[index(d)] = true;
    return bench.run("");
  }
  TestTransaction tx{0};
};

TEST_F(TxBench, OncePerTransactionAndSide) {
  tx.buffers[0] = {"/evil.php?id=1"};
  Bench bench(
      "alert http any any -> any any (http.uri; content:\"/evil\"; startswith; sid:1;)\n"
      "alert http any any -> any any (content:\"/EVIL\"; nocase; http_uri; content:!\"good\"; "
      "http_uri; sid:2;)\n"
      "alert http any any -> any any (http.uri; content:\"/other\"; sid:3;)\n");
  EXPECT_EQ(run(bench, 0), Sids{});
  EXPECT_EQ(run(bench, 1), (Sids{1, 2}));
  EXPECT_EQ(run(bench, 2), Sids{});
}

TEST_F(TxBench, SeveralInstancesOneMustMeetAll) {
  tx.buffers[3] = {"alpha one", "beta two"};
  Bench bench(
      "alert http any any -> any any (flow:to_server; http.names; content:\"alpha\"; "
      "content:\"two\"; sid:1;)\n"
      "alert http any any -> any any (flow:to_server; http.names; content:\"alpha\"; http.names; "
      "content:\"two\"; sid:2;)\n"
      "alert http any any -> any any (flow:to_server; http.names; dotprefix; content:\".beta\"; "
      "startswith; sid:3;)\n");
  EXPECT_EQ(run(bench, 1), (Sids{2, 3}));
}

TEST_F(TxBench, AbsentBuffers) {
  tx.buffers[0] = {"/x"};
  Bench bench(
      "alert http any any -> any any (http.uri; content:\"/x\"; http.host; content:!\"a\"; "
      "sid:1;)\n"
      "alert http any any -> any any (http.uri; content:\"/x\"; http.host; absent; sid:2;)\n"
      "alert http any any -> any any (http.uri; content:\"/x\"; http.host; absent:or_else; "
      "content:\"a\"; sid:3;)\n"
      "alert http any any -> any any (http.uri; absent; sid:4;)\n");
  EXPECT_EQ(run(bench, 1), (Sids{2, 3}));
}

TEST_F(TxBench, StreamingBufferByGeneration) {
  tx.buffers[4] = {"200"};
  std::string body = "first part";
  Bench bench(
      "alert http any any -> any any (http.stat_code; content:\"200\"; http.response_body; "
      "content:\"second\"; sid:1;)\n");
  tx.slices[2] = {as_bytes(std::string_view(body)), 0, 0, false};
  EXPECT_EQ(run(bench, 2, Direction::to_client), Sids{});
  body = "the second part";
  tx.slices[2] = {as_bytes(std::string_view(body)), 10, 1, true};
  EXPECT_EQ(run(bench, 2, Direction::to_client), Sids{1});
}

TEST_F(TxBench, IntegersEventsAndTransactionalRules) {
  tx.buffers[0] = {"/x"};
  tx.buffers[4] = {"404"};
  tx.level = 9;
  Bench bench(
      "alert http any any -> any any (flow:to_server; http.level:high; sid:1;)\n"
      "alert http any any -> any any (flow:to_server; http.level:<9; sid:2;)\n"
      "alert http any any -> any any (flow:to_server; app-layer-event:http.odd; sid:3;)\n"
      "alert http any any => any any (http.uri; content:\"/x\"; http.stat_code; content:\"404\"; "
      "sid:4;)\n");
  EXPECT_EQ(run(bench, 1), Sids{1});
  tx.add_event(0, Direction::to_server);
  EXPECT_EQ(run(bench, 1), Sids{3});
  EXPECT_EQ(run(bench, 1, Direction::to_client), Sids{4});
}

TEST_F(TxBench, AlertSaysWhatMetEachOption) {
  tx.buffers[0] = {"/a/EVIL/b"};
  Bench bench(
      "alert http any any -> any any (http.uri; content:\"evil\"; nocase; pcre:\"/b$/R\"; "
      "sid:1;)\n");
  ASSERT_EQ(run(bench, 1), Sids{1});
  const SeenAlert& alert = bench.sink.alerts.front();
  EXPECT_EQ(alert.options,
            (std::vector<std::string>{"content:\"evil\"; nocase", "pcre:\"/b$/R\""}));
  EXPECT_EQ(alert.excerpts, (std::vector<std::string>{"EVIL", "b"}));
}

}  // namespace
}  // namespace chieng::suricata
