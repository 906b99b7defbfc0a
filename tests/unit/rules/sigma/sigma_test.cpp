#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/record/record.h"
#include "rules/sigma/rule_set.h"

namespace chieng::sigma {
namespace {

using Event = std::vector<std::pair<std::string, std::string>>;

std::string rule_of(const std::string& detection, const std::string& id = "id-1",
                    const std::string& source = "{product: windows, category: process_creation}") {
  return "title: t\nid: " + id + "\nlevel: high\nauthor: A\nlogsource: " + source +
         "\ndetection:\n" + detection;
}

std::shared_ptr<const RuleSet> load(const std::vector<std::string>& rules, LoadReport& report,
                                    const LoadOptions& options = {}) {
  std::vector<RuleText> texts;
  for (const std::string& text : rules)
    texts.push_back({"rule" + std::to_string(texts.size()) + ".yml", text});
  auto set = load_rule_texts(texts, report, options);
  EXPECT_TRUE(set) << set.error().message();
  return set ? *set : nullptr;
}

void fill(Record& record, const Event& event) {
  record.clear();
  record.source.product = "windows";
  record.source.categories = {"process_creation"};
  for (const auto& [name, value] : event) {
    if (value == "<null>")
      record.add_null(name);
    else if (value.starts_with("<int>"))
      record.add_integer(name, std::stoll(value.substr(5)));
    else
      record.add(name, value);
  }
}

std::vector<std::string> fired(const std::shared_ptr<const RuleSet>& set, const Record& record) {
  Matcher matcher(set);
  std::vector<std::string> out;
  matcher.match(record, [&](const RuleInfo& rule, auto) { out.push_back(rule.rule_id); });
  return out;
}

// One search "s" of one item, against one event.
bool holds(const std::string& item, const Event& event, const LoadOptions& options = {}) {
  LoadReport report;
  const auto set = load({rule_of("  s:\n    " + item + "\n  condition: s\n")}, report, options);
  EXPECT_EQ(report.loaded, 1u) << item << ": "
                               << (report.faults.empty() ? "" : report.faults[0].reason);
  Record record;
  fill(record, event);
  return set && !fired(set, record).empty();
}

std::string fault(const std::string& detection) {
  LoadReport report;
  (void)load({rule_of(detection)}, report);
  return report.faults.empty() ? "" : report.faults[0].reason;
}

struct Case {
  const char* item;
  const char* value;
  bool expected;
};

TEST(SigmaValue, ComparesTheWholeValueWithoutCase) {
  constexpr Case cases[] = {
      {"F: abc", "ABC", true},
      {"F: abc", "xabc", false},
      {"F: abc", "abcx", false},
      {"F: a*c", "abbbC", true},
      {"F: a*c", "a\nc", true},
      {"F: a?c", "a\u1ebfc", true},  // one character, not one byte
      {"F: a?c", "ac", false},
      {R"(F: a\*c)", "a*c", true},
      {R"(F: a\*c)", "abc", false},
      {R"(F: a\\*c)", R"(a\xxc)", true},
      {R"(F: a\\\*c)", R"(a\*c)", true},
      {R"(F: a\b)", R"(a\b)", true},
      {R"(F: a\\b)", R"(a\b)", true},
      {R"(F: a\\\\b)", R"(a\\b)", true},
      {"F: '\u0110\u00c0 N\u1eb4NG'", "\u0111\u00e0 n\u1eb5ng", true},
      {"F: ' x '", "x", false},
      {"F: '*'", "", true},
      {"F: ''", "", true},
      {"F: ''", "x", false},
      {"F: true", "True", true},
      {"F: 4", "4", true},
      {"F: 4", "0x4", false},
      {"F: [a, b]", "B", true},
  };
  for (const Case& c : cases)
    EXPECT_EQ(holds(c.item, {{"F", c.value}}), c.expected) << c.item << " on " << c.value;
}

TEST(SigmaModifier, Text) {
  constexpr Case cases[] = {
      {R"(F|contains: 'C:\Windows\')", R"(x c:\windows\y)", true},
      {R"(F|startswith: 'C:\Windows\')", R"(C:\WINDOWS\y)", true},
      {R"(F|endswith: '\cmd.exe')", R"(C:\x\CMD.EXE)", true},
      {R"(F|endswith: '\cmd.exe')", R"(C:\cmd.exe.bak)", false},
      {"F|contains: [a, b]", "xxb", true},
      {"F|contains|all: [a, b]", "xxb", false},
      {"F|all|contains: [a, b]", "bxa", true},
      {"F|cased: Abc", "Abc", true},
      {"F|contains|cased: Abc", "xabc", false},
      {"F|contains: 'a*c'", "xabbcx", true},
      {"F|neq: abc", "abc", false},
      {"F|neq: abc", "abd", true},
      {"F|contains|windash: ' -enc '", "x /enc y", true},
      {"F|contains|windash: ' -enc '", "x \u2013enc y", true},
      {"F|contains|windash: ' /enc '", "x \u2015enc y", true},
      {"F|contains|windash: ' -a-b '", "x /a-b y", true},
      {"F|contains|windash: ' -a-b '", "x /a/b y", false},
      {"F|contains|windash: ' --x '", "x -/x y", true},
  };
  for (const Case& c : cases)
    EXPECT_EQ(holds(c.item, {{"F", c.value}}), c.expected) << c.item << " on " << c.value;
}

TEST(SigmaModifier, Encodings) {
  EXPECT_TRUE(holds("F|base64: hello", {{"F", "aGVsbG8="}}));
  EXPECT_FALSE(holds("F|base64: hello", {{"F", "AGVSBG8="}}));  // base64 knows case
  EXPECT_TRUE(
      holds("F|base64offset|contains: hello", {{"F", "aGVsbG8gd29ybGQ="}}));  // "hello world"
  EXPECT_TRUE(
      holds("F|base64offset|contains: hello", {{"F", "eGhlbGxvIHdvcmxk"}}));  // "xhello world"
  EXPECT_TRUE(
      holds("F|base64offset|contains: hello", {{"F", "eHhoZWxsbyB3b3JsZA=="}}));  // "xxhello world"
  EXPECT_TRUE(holds("F|wide|base64offset|contains: ab", {{"F", "YQBiAA=="}}));
  EXPECT_TRUE(holds("F|utf16be|base64: ab", {{"F", "AGEAYg=="}}));
  EXPECT_TRUE(holds("F|utf16|base64: ab", {{"F", "//5hAGIA"}}));
}

TEST(SigmaModifier, RegularExpressions) {
  constexpr Case cases[] = {
      {"F|re: 'b+c'", "abbcd", true},  // a search
      {"F|re: 'B+c'", "abbcd", false},       {"F|re|i: 'B+c'", "abbcd", true},
      {"F|re: '^b'", "a\nb", false},         {"F|re|m: '^b'", "a\nb", true},
      {"F|re: 'a.b'", "a\nb", false},        {"F|re|s: 'a.b'", "a\nb", true},
      {"F|re: '^.$'", "\u1ebf", true},  // one character
      {"F|re: '^..\\xff$'", "ab\xff", true},
  };
  for (const Case& c : cases) EXPECT_EQ(holds(c.item, {{"F", c.value}}), c.expected) << c.item;
}

TEST(SigmaModifier, NumbersAddressesAndTimes) {
  constexpr Case cases[] = {
      {"F|lt: 10", "9.5", true},
      {"F|lt: 10", "10", false},
      {"F|lte: 10", "10", true},
      {"F|gt: -1", "0", true},
      {"F|gte: 2", "0x10", false},
      {"F|gt: 1", "abc", false},
      {"F|cidr: 10.0.0.0/8", "10.255.0.1", true},
      {"F|cidr: 10.0.0.0/8", "11.0.0.1", false},
      {"F|cidr: 10.0.0.0/8", "::ffff:10.0.0.1", true},
      {"F|cidr: 'fe80::/10'", "fe80:0:0:0:0:0:0:1", true},
      {"F|cidr: 10.0.0.0/8", "host", false},
      {"F|hour: 23", "2026-01-05T23:10:00Z", true},
      {"F|hour|gte: 8", "2026-01-05 07:59:00", false},
      {"F|week: 1", "2026-01-01T00:00:00", true},
      {"F|week: 53", "2027-01-01T00:00:00", true},
  };
  for (const Case& c : cases)
    EXPECT_EQ(holds(c.item, {{"F", c.value}}), c.expected) << c.item << " on " << c.value;
}

TEST(SigmaValue, NullEmptyAndAbsentAreApart) {
  EXPECT_TRUE(holds("F: null", {{"G", "x"}}));
  EXPECT_TRUE(holds("F: null", {{"F", "<null>"}}));
  EXPECT_FALSE(holds("F: null", {{"F", ""}}));
  EXPECT_FALSE(holds("F: ''", {{"G", "x"}}));
  EXPECT_FALSE(holds("F: ''", {{"F", "<null>"}}));
  EXPECT_FALSE(holds("F|contains: ''", {{"G", "x"}}));
  EXPECT_TRUE(holds("F|exists: true", {{"F", "<null>"}}));
  EXPECT_TRUE(holds("F|exists: false", {{"G", "x"}}));
  EXPECT_TRUE(holds("F|neq: x", {{"G", "x"}}));
  EXPECT_TRUE(holds("F: 12", {{"F", "<int>12"}}));
}

TEST(SigmaModifier, OtherFieldAndLists) {
  EXPECT_TRUE(holds("F|fieldref: G", {{"F", "Abc"}, {"G", "aBC"}}));
  EXPECT_FALSE(holds("F|fieldref: G", {{"F", "Abc"}}));
  EXPECT_TRUE(holds("F|fieldref|startswith: G", {{"F", "Abc"}, {"G", "ab"}}));
  // Several values: each test may be met by another one.
  EXPECT_TRUE(holds("F|contains|all: [a, b]", {{"F", "xa"}, {"F", "xb"}}));
  // Names: case first, then without.
  EXPECT_TRUE(holds("Field: v", {{"fIELD", "v"}}));
  EXPECT_FALSE(holds("Field: v", {{"fIELD", "v"}, {"Field", "w"}}));
}

TEST(SigmaModifier, Placeholders) {
  LoadOptions options;
  options.placeholders["admins"] = {"an", "binh"};
  EXPECT_TRUE(holds("F|contains|expand: 'x\\%admins%'", {{"F", "x%admins%"}}, options));
  EXPECT_TRUE(holds("F|expand: '%admins%'", {{"F", "BINH"}}, options));
  EXPECT_FALSE(holds("F|expand: '%admins%'", {{"F", "chi"}}, options));
  EXPECT_TRUE(holds("F: '%admins%'", {{"F", "%admins%"}}));
  EXPECT_NE(fault("  s:\n    F|expand: '%none%'\n  condition: s\n").find("%none%"),
            std::string::npos);
}

TEST(SigmaValue, GuidsInBothSpellings) {
  const char* bare = "F: 0CCE9227-69AE-11D9-BED3-505054503030";
  EXPECT_TRUE(holds(bare, {{"F", "{0cce9227-69ae-11d9-bed3-505054503030}"}}));
  EXPECT_TRUE(holds("F: '{0CCE9227-69AE-11D9-BED3-505054503030}'",
                    {{"F", "0CCE9227-69AE-11D9-BED3-505054503030"}}));
  EXPECT_FALSE(holds("F|startswith: '{0CCE'", {{"F", "0CCE9227-69AE-11D9-BED3-505054503030"}}));
}

TEST(SigmaCondition, PrecedenceAndQuantifiers) {
  const std::string searches =
      "  a:\n    A: 1\n  b:\n    B: 1\n  c1:\n    C: 1\n  c2:\n    D: 1\n  _hidden:\n    E: 1\n";
  struct Row {
    const char* condition;
    const char* fields;  // those that are 1
    bool expected;
  };
  constexpr Row rows[] = {
      {"a or b and c1", "A", true},     {"(a or b) and c1", "A", false},
      {"not a and b", "B", true},       {"not a and b", "AB", false},
      {"not (a and b)", "A", true},     {"1 of c*", "D", true},
      {"all of c*", "C", false},        {"all of c*", "CD", true},
      {"1 of them", "E", false},        {"all of them", "ABCD", true},
      {"any of c*", "C", true},         {"1 of _h*", "E", true},
      {"a and not 1 of c*", "A", true}, {"a and not 1 of c*", "AC", false},
      {"a AND NOT b", "A", true},       {"not not a", "A", true},
      {"not a or b", "A", false},
  };
  for (const Row& row : rows) {
    LoadReport report;
    const auto set = load({rule_of(searches + "  condition: " + row.condition + "\n")}, report);
    ASSERT_EQ(report.loaded, 1u) << row.condition;
    Event event{{"Z", "1"}};
    for (const char* f = row.fields; *f != 0; ++f) event.emplace_back(std::string(1, *f), "1");
    Record record;
    fill(record, event);
    EXPECT_EQ(!fired(set, record).empty(), row.expected) << row.condition << " with " << row.fields;
  }
}

TEST(SigmaLoad, RefusesWithItsReason) {
  struct Row {
    const char* detection;
    const char* reason;
  };
  constexpr Row rows[] = {
      {"  s:\n    F|nosuch: x\n  condition: s\n", "not a modifier"},
      {"  s:\n    F|re: '('\n  condition: s\n", "regular expression"},
      {"  s:\n    F|cidr: 10.0.0.1/8\n  condition: s\n", "bits behind the prefix"},
      {"  s:\n    F: x\n  condition: t\n", "no search is called \"t\""},
      {"  s:\n    F: x\n  condition: 1 of t*\n", "no search has a name like"},
      {"  s:\n    F: x\n  condition: 2 of s\n", "only 1, any and all"},
      {"  s:\n    F: x\n  condition: s | count() > 5\n", ""},
      {"  s:\n    F: x\n  condition: (s\n", "ends too early"},
      {"  s:\n    F: x\n  condition: s s\n", "should end"},
      {"  s:\n    F|wide: x\n  condition: s\n", "followed by base64"},
      {"  s:\n    F: []\n  condition: s\n", "empty"},
      {"  s:\n    F|i: x\n  condition: s\n", "without re"},
      {"  s:\n    F|base64: 'a*'\n  condition: s\n", "wildcards"},
      {"  s:\n    '|exists': true\n  condition: s\n", "keyword"},
      {"  s:\n    F: x\n", "no condition"},
      {"  condition: s\n", "no search"},
      {"  s:\n    F: x\n    F: y\n  condition: s\n", "stands twice"},
  };
  for (const Row& row : rows) {
    const std::string reason = fault(row.detection);
    EXPECT_FALSE(reason.empty()) << row.detection;
    EXPECT_NE(reason.find(row.reason), std::string::npos) << row.detection << " gave: " << reason;
  }
}

TEST(SigmaLoad, OneBadRuleLeavesTheOthers) {
  LoadReport report;
  const auto set =
      load({rule_of("  s:\n    F: x\n  condition: s\n", "good"), "title: [",
            rule_of("  s:\n    F|x: y\n  condition: s\n", "bad"),
            "title: c\ncorrelation:\n  type: event_count\n", "title: s\nstatus: deprecated\n"},
           report);
  EXPECT_EQ(report.rules, 4u);  // the deprecated one is left out
  EXPECT_EQ(report.loaded, 1u);
  ASSERT_EQ(report.faults.size(), 3u);
  EXPECT_EQ(report.faults[1].id, "bad");
  EXPECT_EQ(report.faults[1].option, "s.F|x");
  EXPECT_EQ(report.faults[1].file, "rule2.yml");
  EXPECT_NE(report.faults[2].reason.find("not supported yet"), std::string::npos);
  EXPECT_EQ(rule_count(*set), 1u);
}

TEST(SigmaLoad, ReadsEveryDocumentOfAFile) {
  LoadReport report;
  const auto set = load({rule_of("  s:\n    F: x\n  condition: s\n", "one") + "---\n" +
                         rule_of("  s:\n    F: x\n  condition: s\n", "two")},
                        report);
  Record record;
  fill(record, {{"F", "x"}});
  EXPECT_EQ(fired(set, record), (std::vector<std::string>{"one", "two"}));
}

TEST(SigmaKeywords, SearchTheWholeEvent) {
  LoadReport report;
  const std::string linux_source = "{product: linux}";
  const auto set =
      load({rule_of("  k:\n  - 'segfault*at'\n  - nothing\n  condition: k\n", "any", linux_source),
            rule_of("  k:\n    '|all': [alpha, beta]\n  condition: k\n", "all", linux_source),
            rule_of("  k:\n  - 6\n  condition: k\n", "token", linux_source)},
           report);
  ASSERT_EQ(report.loaded, 3u);
  Record record;
  record.source.product = "linux";
  record.search_raw = true;
  record.raw = "x SEGFAULT somewhere at 16";
  EXPECT_EQ(fired(set, record), std::vector<std::string>{"any"});
  record.raw = "beta, alpha; init 6";
  EXPECT_EQ(fired(set, record), (std::vector<std::string>{"all", "token"}));
  record.clear();
  record.source.product = "linux";
  record.add("A", "alpha");
  record.add("B", "BETA");
  record.add("C", "nothing").alias = true;
  EXPECT_EQ(fired(set, record), std::vector<std::string>{"all"});
}

TEST(SigmaLogSource, GatesByChannelAndEventId) {
  LoadReport report;
  const std::string detection = "  s:\n    F: x\n  condition: s\n";
  const auto set =
      load({rule_of(detection, "process"), rule_of(detection, "windows", "{product: windows}"),
            rule_of(detection, "security", "{product: windows, service: security}"),
            rule_of(detection, "delete", "{product: windows, category: registry_delete}"),
            rule_of(detection, "registry", "{product: windows, category: registry_event}"),
            rule_of(detection, "linux", "{product: linux, category: process_creation}")},
           report);
  const auto with = [&](std::string_view product, std::string_view channel, int id,
                        std::string_view type) {
    Record record;
    record.source.product = product;
    record.add("Channel", channel);
    record.add_integer("EventID", id);
    if (!type.empty()) record.add("EventType", type);
    record.add("F", "x");
    return fired(set, record);
  };
  using Ids = std::vector<std::string>;
  EXPECT_EQ(with("windows", "Microsoft-Windows-Sysmon/Operational", 1, ""),
            (Ids{"process", "windows"}));
  EXPECT_EQ(with("windows", "microsoft-windows-sysmon/operational", 12, "DeleteKey"),
            (Ids{"windows", "delete", "registry"}));
  EXPECT_EQ(with("windows", "Microsoft-Windows-Sysmon/Operational", 12, "CreateKey"),
            (Ids{"windows", "registry"}));
  EXPECT_EQ(with("windows", "Security", 4688, ""), (Ids{"windows", "security"}));
  EXPECT_EQ(with("linux", "Linux-Sysmon/Operational", 1, ""), Ids{"linux"});
}

TEST(SigmaMatch, ExplainsWhatMadeItTrue) {
  LoadReport report;
  const auto set =
      load({rule_of("  selection:\n    Image|endswith: ['\\a.exe', '\\cmd.exe']\n    "
                    "CommandLine|contains: '/c '\n"
                    "  filter:\n    User: SYSTEM\n  condition: selection and not filter\n")},
           report);
  Record record;
  fill(record, {{"Image", "C:\\CMD.EXE"}, {"CommandLine", "cmd /c dir"}, {"User", "an"}});
  Matcher matcher(set);
  int calls = 0;
  matcher.match(record, [&](const RuleInfo& rule, std::span<const MatchedValue> values) {
    ++calls;
    EXPECT_EQ(rule.engine, RuleEngine::sigma);
    EXPECT_EQ(rule.author, "A");
    EXPECT_EQ(rule.priority, 1);
    ASSERT_EQ(values.size(), 2u);
    EXPECT_EQ(values[0].search, "selection");
    EXPECT_EQ(values[0].field, "Image");
    EXPECT_EQ(values[0].pattern, "Image|endswith: '\\cmd.exe'");
    EXPECT_EQ(values[0].value, "C:\\CMD.EXE");
    EXPECT_EQ(values[1].value, "cmd /c dir");
  });
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace chieng::sigma
