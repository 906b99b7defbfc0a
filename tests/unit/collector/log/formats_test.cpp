#include <gtest/gtest.h>

#include <random>
#include <string>

#include "collector/log/formats.h"
#include "collector/log/line_frame.h"
#include "collector/log/line_pattern.h"
#include "collector/log/peer.h"

namespace chieng::collector {
namespace {

const Timestamp january_2026 = *parse_iso("2026-01-20T00:00:00Z");

class FormatsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto loaded = FormatSet::builtin();  // checks every example of the shipped tables
    ASSERT_TRUE(loaded) << loaded.error().message();
    formats_ = *loaded;
  }
  static void TearDownTestSuite() { formats_.reset(); }

  LogEvent parse(std::string_view line) {
    LineParser parser(formats_, {.format = {}, .reference = january_2026});
    return parser.parse(line);
  }
  static std::string peer(const LogEvent& e) {
    return e.src_ip ? to_string(*e.src_ip) : e.src_host;
  }

  static std::shared_ptr<const FormatSet> formats_;
};
std::shared_ptr<const FormatSet> FormatsTest::formats_;

TEST_F(FormatsTest, ReadsAWholeLine) {
  const LogEvent e = parse(
      "Jan  5 10:00:01 gw sshd[812]: Failed password for invalid user lan from 203.0.113.9 port "
      "40022 ssh2");
  EXPECT_EQ(e.service, "sshd");
  EXPECT_EQ(e.pattern, "sshd.failed");
  EXPECT_EQ(e.outcome, Outcome::failure);
  EXPECT_EQ(e.user, "lan");
  EXPECT_EQ(peer(e), "203.0.113.9");
  EXPECT_EQ(e.src_port, 40022);
  EXPECT_EQ(e.process, "sshd");
  EXPECT_EQ(e.pid, 812u);
  EXPECT_EQ(e.host, "gw");
  EXPECT_EQ(to_iso(*e.event_time).substr(0, 19), "2026-01-05T10:00:01");
  EXPECT_TRUE(e.time_inferred);
}

TEST_F(FormatsTest, KnowsTheFrameOfALineThatItDoesNotUnderstand) {
  const LogEvent e = parse("Jan  5 10:00:01 gw sshd[812]: Server listening on 0.0.0.0 port 22.");
  EXPECT_EQ(e.service, "sshd");
  EXPECT_EQ(e.pattern, "");
  EXPECT_EQ(e.outcome, Outcome::unknown);
  const LogEvent other = parse(
      "Jan  5 10:00:01 gw strange[1]: Failed password for root from 203.0.113.9 port 40022 ssh2");
  EXPECT_EQ(other.service, "");
  EXPECT_EQ(other.process, "strange");
  EXPECT_EQ(other.outcome, Outcome::unknown);
}

TEST_F(FormatsTest, TakesThePeerOfAProcessFromItsEarlierLine) {
  LineParser parser(formats_, {.format = {}, .reference = january_2026});
  const char* late =
      "Jan  5 10:00:03 gw sshd[9]: Disconnecting: Too many authentication failures [preauth]";
  EXPECT_EQ(parser.parse(late).outcome, Outcome::unknown);  // nobody to name
  (void)parser.parse("Jan  5 10:00:01 gw sshd[9]: Connection from 203.0.113.9 port 40022");
  EXPECT_EQ(peer(parser.parse(late)), "203.0.113.9");
  EXPECT_EQ(parser.parse(late).outcome, Outcome::unknown);  // counted already
  (void)parser.parse("Jan  5 10:30:00 gw sshd[9]: Connection from 198.51.100.7 port 1");
  EXPECT_EQ(
      peer(parser.parse(
          "Jan  5 10:30:01 gw sshd[9]: Disconnecting: Too many authentication failures [preauth]")),
      "198.51.100.7");
}

TEST_F(FormatsTest, NamesAnotherFormatsLinesByItsKey) {
  LineParser parser(formats_, {.format = {}, .reference = january_2026});
  (void)parser.parse(
      "2026-01-05T10:00:00.110+0700 [conn7] Failed to authenticate lan@admin with mechanism X: "
      "AuthenticationFailed");
  EXPECT_EQ(parser
                .parse("2026-01-05T10:00:01.110+0700 [conn8] end connection 198.51.100.7:5 (1 "
                       "connection now open)")
                .outcome,
            Outcome::unknown);
  const LogEvent& e = parser.parse(
      "2026-01-05T10:00:01.110+0700 [conn7] end connection 203.0.113.9:5 (0 connections now open)");
  EXPECT_EQ(e.outcome, Outcome::failure);
  EXPECT_EQ(peer(e), "203.0.113.9");
}

// Whatever a client calls itself, the peer is the one that the service saw.
TEST_F(FormatsTest, UserNamesCannotForgeThePeer) {
  const char* names[] = {
      "root from 192.0.2.1 port 22",
      "root from 192.0.2.1 port 22 ssh2",
      "root 192.0.2.1 port 22 [preauth]",
      "x from 192.0.2.1",
      "from 192.0.2.1",
      "a b c from 192.0.2.1 port 22 ssh2 from",
      "[192.0.2.1]:22",
      "rhost=192.0.2.1",
      "192.0.2.1",
      " ",
      "",
  };
  const std::string stamp = "Jan  5 10:00:01 gw sshd[812]: ";
  for (const std::string name : names) {
    for (const std::string& line :
         {stamp + "Failed password for invalid user " + name + " from 203.0.113.9 port 40022 ssh2",
          stamp + "Invalid user " + name + " from 203.0.113.9 port 40022",
          stamp + "error: maximum authentication attempts exceeded for invalid user " + name +
              " from 203.0.113.9 port 40022 ssh2 [preauth]",
          stamp + "Connection closed by invalid user " + name + " 203.0.113.9 port 40022 [preauth]",
          stamp + "User " + name +
              " from 203.0.113.9 not allowed because not listed in AllowUsers"}) {
      const LogEvent e = parse(line);
      EXPECT_EQ(e.outcome, Outcome::failure) << line;
      EXPECT_EQ(peer(e), "203.0.113.9") << line;
    }
  }
}

TEST_F(FormatsTest, AMessageCannotPretendToBeAnotherService) {
  EXPECT_EQ(parse("Jan  5 10:00:01 gw app[1]: sshd[2]: Failed password for root from 192.0.2.1 "
                  "port 22 ssh2")
                .outcome,
            Outcome::unknown);
  EXPECT_EQ(parse("Jan  5 10:00:01 gw app[1]: user said: pam_unix(x:auth): authentication failure; "
                  "logname= rhost=192.0.2.1")
                .outcome,
            Outcome::unknown);
  EXPECT_EQ(parse("Jan  5 10:00:01 gw xrdp[1]: login failed for user a\\n[20260105-10:00:01] [INFO "
                  "] AUTHFAIL: user=b ip=192.0.2.1 time=1")
                .outcome,
            Outcome::unknown);
}

TEST_F(FormatsTest, AnyBytesAreReadInBoundedTime) {
  std::mt19937 random(7);
  LineParser parser(formats_, {.format = {}, .reference = january_2026});
  const std::string seed =
      "Jan  5 10:00:01 gw sshd[812]: Failed password for invalid user a from 1.2.3.4 port 22 from "
      "203.0.113.9 port 40022 ssh2: x [preauth]";
  for (int i = 0; i < 2000; ++i) {
    std::string line = seed;
    for (int k = 0; k < 6; ++k) line[random() % line.size()] = static_cast<char>(random() % 256);
    (void)parser.parse(line);
  }
  const LogEvent e = parse("Jan  5 10:00:01 gw sshd[812]: Invalid user " + std::string(9000, ' ') +
                           " from 203.0.113.9 port 1");
  EXPECT_EQ(peer(e), "203.0.113.9");
  (void)parse("Jan  5 10:00:01 gw sshd[812]: " + std::string(1'000'000, 'f'));
}

TEST_F(FormatsTest, BecomesARecordForRules) {
  const std::string line =
      "Jan  5 10:00:01 gw sudo:    lan : TTY=pts/0 ; PWD=/home/lan ; USER=root ; "
      "COMMAND=/usr/bin/id";
  const LogEvent e = parse(line);
  Record record;
  fill_record(e, line, record);
  EXPECT_EQ(record.source.product, "linux");
  EXPECT_EQ(record.source.services, (std::vector<std::string>{"sudo", "auth", "syslog"}));
  EXPECT_EQ(record.text("USER"), "root");
  EXPECT_EQ(record.text("COMMAND"), "/usr/bin/id");
  EXPECT_TRUE(record.search_raw);
  EXPECT_EQ(record.raw, line);
}

TEST(LineFrameTest, ReadsTheManyFrames) {
  struct Row {
    const char* line;
    const char* time;
    const char* host;
    const char* process;
    const char* message;
  };
  constexpr Row rows[] = {
      {"Jan  5 10:00:01 gw sshd[1]: hello", "2026-01-05T10:00:01", "gw", "sshd", "hello"},
      {"Dec 31 23:59:59 gw sshd[1]: hello", "2025-12-31T23:59:59", "gw", "sshd", "hello"},
      {"2026-01-05T10:00:01.5+07:00 gw app: hello", "2026-01-05T03:00:01", "gw", "app", "hello"},
      {"<34>1 2026-01-05T10:00:01Z gw app 12 ID7 [a b=\"]\\\"\"] hello", "2026-01-05T10:00:01",
       "gw", "app", "hello"},
      {"<34>1 - - app - - - hello", "", "", "app", "hello"},
      {"[Mon Jan 05 10:00:01.5 2026] [error] hello", "2026-01-05T10:00:01", "", "",
       "[error] hello"},
      {"[05/Jan/2026:10:00:01 +0700] hello", "2026-01-05T03:00:01", "", "", "hello"},
      {"260105 10:00:01 [Note] hello", "2026-01-05T10:00:01", "", "", "[Note] hello"},
      {"1767607201.000 hello", "2026-01-05T10:00:01", "", "", "hello"},
      {"Jan 5, 2026 1:00:01 PM hello", "2026-01-05T13:00:01", "", "", "hello"},
      {"gw nginx[5]: 2026/01/05 10:00:01 [error] hello", "2026-01-05T10:00:01", "gw", "nginx",
       "[error] hello"},
      {"plain text: of nobody", "", "", "", "plain text: of nobody"},
      {"", "", "", "", ""},
  };
  for (const Row& row : rows) {
    const LineFrame frame = parse_frame(row.line, {january_2026, 0});
    EXPECT_EQ(frame.stamp ? to_iso(frame.stamp->time).substr(0, 19) : "", row.time) << row.line;
    EXPECT_EQ(frame.host, row.host) << row.line;
    EXPECT_EQ(frame.process, row.process) << row.line;
    EXPECT_EQ(frame.message, row.message) << row.line;
  }
  EXPECT_EQ(parse_frame("Jan  5 10:00:01 gw sshd[1]: message repeated 3 times: [ hello]",
                        {january_2026, 0})
                .repeated,
            3u);
}

TEST(LinePatternTest, MatchesWholeTexts) {
  struct Row {
    const char* pattern;
    const char* text;
    bool expected;
  };
  constexpr Row rows[] = {
      {"abc", "abc", true},
      {"abc", "abcd", false},
      {"ab?c", "ac", true},
      {"a?b*c", "c", true},
      {"a?b*c", "abbc", true},
      {"(a|b)+", "abba", true},
      {"(a|bc|d)*e", "abcde", true},
      {"(a|bc|d)*e", "abde", false},
      {"[a-c]+", "abd", false},
      {"[^a]+", "bcd", true},
      {"\\d+ \\w+", "12 ab_", true},
      {"a.*c", "abcc", true},
      {"(?i)ABC", "aBc", true},
      {"\\[x\\]", "[x]", true},
      {"(a|)b", "b", true},
      {"((a|b)?c)*d", "acbccd", true},
      {"{ip:src}:{int:port}", "2001:db8::1:22", true},
      {"{ip:src}:{int:port}", "[2001:db8::1]:22", true},
      {"{host:src}\\.", "example.net.", true},
      {"{host}", "12345", false},
      {"x{text:a}y{rest:b}z", "x1y2yz", true},
  };
  for (const Row& row : rows) {
    auto pattern = LinePattern::compile(row.pattern);
    ASSERT_TRUE(pattern) << row.pattern << ": " << pattern.error().message();
    PatternScratch scratch;
    EXPECT_EQ(pattern->matches(row.text, scratch), row.expected)
        << row.pattern << " on " << row.text;
  }
  for (const char* bad : {"(", ")", "a)", "[a", "{x}", "{word", "*a", "a\\", "a{}", "\\q", "[z-a]"})
    EXPECT_FALSE(LinePattern::compile(bad)) << bad;
}

TEST(LinePatternTest, CapturesShortestAndLongest) {
  auto pattern = *LinePattern::compile("{text:a} from {rest:b} end");
  PatternScratch scratch;
  ASSERT_TRUE(pattern.matches("x from y from z end", scratch));
  EXPECT_EQ(scratch.capture(0).text, "x");
  EXPECT_EQ(scratch.capture(1).text, "y from z");
}

TEST(PeerTest, ReadsAddressesAsLogsWriteThem) {
  EXPECT_EQ(to_string(*logged_address("010.000.2.001")), "10.0.2.1");
  EXPECT_EQ(to_string(*logged_address("::ffff:192.0.2.1")), "192.0.2.1");
  EXPECT_EQ(to_string(*logged_address("[2001:db8::1]")), "2001:db8::1");
  EXPECT_EQ(to_string(*logged_address("fe80::1%eth0")), "fe80::1");
  EXPECT_FALSE(logged_address("1.2.3.4.5"));
  EXPECT_FALSE(logged_address("1.2.3.256"));
  EXPECT_TRUE(is_host_name("a-b.example.net."));
  EXPECT_FALSE(is_host_name("1.2.3.4"));
  EXPECT_FALSE(is_host_name("a..b"));
  EXPECT_FALSE(is_host_name("-a"));
}

TEST(FormatSetTest, RefusesATableThatIsWrong) {
  const auto error = [](std::string text) {
    const FormatSet::Text one[] = {{"t.yml", std::move(text)}};
    auto set = FormatSet::from_texts(one);
    return set ? std::string("loaded") : set.error().message();
  };
  EXPECT_NE(error("service: x\nuntagged: true\npatterns: [{id: a, match: '('}]\n").find("t.yml:3"),
            std::string::npos);
  EXPECT_NE(error("service: x\nuntagged: true\npattern: []\n").find("\"pattern\" is not known"),
            std::string::npos);
  EXPECT_NE(error("service: x\npatterns: [{id: a, match: b}]\n").find("name programs"),
            std::string::npos);
  EXPECT_NE(error("service: x\nuntagged: true\npatterns: [{id: a, match: b, examples: ['c']}]\n")
                .find("example of x.a"),
            std::string::npos);
  EXPECT_EQ(error("service: x\nuntagged: true\npatterns: [{id: a, match: b, examples: ['b']}]\n"),
            "loaded");
}

}  // namespace
}  // namespace chieng::collector
