// Rules found through the databases have to be those that match when each is tried on everything.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "rules/suricata/compiled_set.h"
#include "rules/suricata/match.h"
#include "tests/unit/rules/suricata/rule_kit.h"

namespace chieng::suricata {
namespace {

std::string word(std::mt19937& random, std::size_t most) {
  std::string out;
  for (std::size_t n = 1 + random() % most; n > 0; --n)
    out += static_cast<char>('a' + random() % 3);
  return out;
}

std::string random_rule(std::mt19937& random, std::uint32_t sid) {
  std::string options;
  for (auto n = 1 + random() % 3; n > 0; --n) {
    const std::string text = word(random, 5);
    options += "content:" + std::string(random() % 5 == 0 ? "!" : "") + "\"" + text + "\"; ";
    if (random() % 3 == 0) options += "nocase; ";
    switch (random() % 5) {
      case 0:
        options += "offset:" + std::to_string(random() % 6) + "; ";
        break;
      case 1:
        options += "depth:" + std::to_string(text.size() + random() % 8) + "; ";
        break;
      case 2:
        options += "distance:" + std::to_string(random() % 4) + "; ";
        break;
      case 3:
        options += "within:" + std::to_string(text.size() + random() % 6) + "; ";
        break;
      default:
        break;
    }
  }
  return packet_rule(options, sid);
}

TEST(RuleAgreement, DatabasesLoseNoRule) {
  std::mt19937 random(99);
  for (int round = 0; round < 12; ++round) {
    std::string rules;
    for (std::uint32_t sid = 1; sid <= 12; ++sid) rules += random_rule(random, sid);
    Bench bench(rules);
    const CompiledSet& set = bench.detector.rules().compiled();
    ASSERT_EQ(set.rules.size(), 12u);
    Matcher matcher;
    for (int n = 0; n < 60; ++n) {
      const std::string payload = word(random, 30);
      std::vector<std::uint32_t> expected;
      for (const Signature& s : set.rules) {
        matcher.begin_rule();
        if (matcher.match_list(*s.payload, {as_bytes(std::string_view(payload)), 0, true}))
          expected.push_back(s.info.sid);
      }
      ASSERT_EQ(bench.run(payload), expected) << payload << "\n" << rules;
    }
  }
}

}  // namespace
}  // namespace chieng::suricata
