// Detectors of several workers over one set of rules and one shared state.
#include <gtest/gtest.h>

#include <thread>

#include "rules/suricata/shared_state.h"
#include "tests/unit/rules/suricata/rule_kit.h"

namespace chieng::suricata {
namespace {

using Sids = std::vector<std::uint32_t>;

TEST(SharedState, WhatOneWorkerSetTheOtherOneSees) {
  const auto state = make_shared_state();
  const std::string rules = packet_rule("content:\"aaa\"; xbits:set,x,track ip_src,expire 10;", 1) +
                            packet_rule("content:\"bbb\"; xbits:isset,x,track ip_src;", 2) +
                            packet_rule("content:\"ccc\"; xbits:unset,x,track ip_src;", 3);
  Bench one(rules, state),
      other(packet_rule("content:\"z\"; flowbits:set,first;", 9) + rules, state);
  EXPECT_EQ(other.run("bbb"), Sids{});
  EXPECT_EQ(one.run("aaa"), Sids{1});
  EXPECT_EQ(other.run("bbb"), Sids{2}) << "although its names are numbered otherwise";
  EXPECT_EQ(other.run("ccc"), Sids{3});
  EXPECT_EQ(one.run("bbb"), Sids{});
}

TEST(SharedState, WorkersTogetherAlertAsOftenAsOneWould) {
  const auto alerts_of = [](const std::string& rules, int workers, int packets) {
    const auto state = make_shared_state();
    std::vector<std::unique_ptr<Bench>> benches;
    for (int w = 0; w < workers; ++w) benches.push_back(std::make_unique<Bench>(rules, state));
    std::vector<int> alerts(static_cast<std::size_t>(workers));
    std::vector<std::thread> threads;
    for (std::size_t w = 0; w < alerts.size(); ++w)
      threads.emplace_back([&, w] {
        for (int i = 0; i < packets / workers; ++i)
          alerts[w] += static_cast<int>(benches[w]->run("aaa").size());
      });
    for (std::thread& t : threads) t.join();
    int out = 0;
    for (const int n : alerts) out += n;
    return out;
  };
  for (const std::string option : {"threshold:type limit,track by_src,count 7,seconds 60;",
                                   "threshold:type threshold,track by_dst,count 100,seconds 60;",
                                   "threshold:type both,track by_rule,count 100,seconds 60;",
                                   "detection_filter:track by_src,count 500,seconds 60;"}) {
    const std::string rules = packet_rule("content:\"aaa\"; " + option);
    EXPECT_EQ(alerts_of(rules, 4, 4000), alerts_of(rules, 1, 4000)) << option;
  }
}

}  // namespace
}  // namespace chieng::suricata
