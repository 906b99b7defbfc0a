#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "collector/log/json_fields.h"
#include "collector/log/log_source.h"

namespace chieng::collector {
namespace {

namespace fs = std::filesystem;

struct Seen {
  std::uint64_t line, offset;
  std::string text;
  bool structured, cut;
  std::string malformed;
};

class LogReaderTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "chieng-reader-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  void TearDown() override { fs::remove_all(folder_); }

  LogFileReader open(std::string_view content) {
    std::ofstream(folder_ / "log", std::ios::binary) << content;
    auto reader = LogFileReader::open(folder_ / "log");
    EXPECT_TRUE(reader) << reader.error().message();
    return std::move(*reader);
  }
  std::vector<Seen> read(std::string_view content) {
    LogFileReader reader = open(content);
    std::vector<Seen> out;
    LogEntry entry;
    while (true) {
      const auto got = reader.next(entry);
      EXPECT_TRUE(got);
      if (!got || !*got) return out;
      out.push_back({entry.line, entry.offset, std::string(entry.text), entry.structured, entry.cut,
                     entry.malformed});
    }
  }
  fs::path folder_;
};

TEST_F(LogReaderTest, NumbersLinesOfText) {
  const auto seen = read("one\r\n\ntwo\xff\nlast");
  ASSERT_EQ(seen.size(), 4u);
  EXPECT_EQ(seen[0].text, "one");
  EXPECT_EQ(seen[1].text, "");
  EXPECT_EQ(seen[2].text, "two\xff");
  EXPECT_EQ(seen[3].text, "last");
  EXPECT_EQ(seen[3].line, 4u);
  EXPECT_EQ(seen[3].offset, 11u);
}

TEST_F(LogReaderTest, CutsAnOverlongLine) {
  const auto seen =
      read("a\n" + std::string(2 * max_line + 5, 'x') + "\nb\n" + std::string(max_line + 1, 'y'));
  ASSERT_EQ(seen.size(), 4u);
  EXPECT_TRUE(seen[1].cut);
  EXPECT_EQ(seen[1].text.size(), max_line);
  EXPECT_EQ(seen[2].text, "b");
  EXPECT_EQ(seen[2].line, 3u);
  EXPECT_TRUE(seen[3].cut);
}

TEST_F(LogReaderTest, ReadsObjectsThatSpanLines) {
  const auto seen = read("{\n \"a\": 1\n}\n{\"b\": \"}{\"}  {\n\"c\": [1, 2]}\n");
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_EQ(seen[0].line, 1u);
  EXPECT_EQ(seen[1].line, 4u);
  EXPECT_EQ(seen[2].line, 4u);
  for (const Seen& s : seen) EXPECT_TRUE(s.structured) << s.text << s.malformed;
}

TEST_F(LogReaderTest, ReadsAnArray) {
  const auto seen = read("[\n{\"a\":1},\n{\"a\":2}\n]\n");
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[1].line, 3u);
}

TEST_F(LogReaderTest, GoesOnBehindABrokenObject) {
  const auto seen = read(
      "{\"a\": 1}\n{\"a\": \"cut\n{\"a\": 3}\n{\"a\": [1, \n{\"a\": 4}\ntext\n{\"a\" 5}\n{\"a\": "
      "6}");
  std::vector<std::string> good;
  for (const Seen& s : seen)
    if (s.structured) good.push_back(s.text);
  EXPECT_EQ(good.front(), "{\"a\": 1}");
  EXPECT_EQ(good[1], "{\"a\": 3}");
  EXPECT_EQ(good.back(), "{\"a\": 6}");
  EXPECT_GE(seen.size() - good.size(), 3u);
  for (const Seen& s : seen) EXPECT_EQ(s.structured, s.malformed.empty());
}

TEST_F(LogReaderTest, SaysWhatItCannotOpen) {
  EXPECT_EQ(LogFileReader::open(folder_ / "none").error().code, ErrorCode::not_found);
  std::ofstream(folder_ / "bin", std::ios::binary) << std::string(100, '\1');
  EXPECT_EQ(LogFileReader::open(folder_ / "bin").error().code, ErrorCode::unsupported);
  EXPECT_FALSE(LogFileReader::open(folder_));
}

TEST(InputKindTest, IsToldByContent) {
  const auto kind = [](std::string_view text) { return detect_kind(as_bytes(text)); };
  EXPECT_EQ(kind("\xd4\xc3\xb2\xa1xxxx"), InputKind::capture);
  EXPECT_EQ(kind("\x0a\x0d\x0d\x0a"), InputKind::capture);
  EXPECT_EQ(kind(std::string_view("ElfFile\0", 8)), InputKind::evtx);
  EXPECT_EQ(kind(" {\"a\":1}"), InputKind::json);
  EXPECT_EQ(kind("[{\"a\":1}]"), InputKind::json);
  EXPECT_EQ(kind("[Mon Jan 05 10:00:01 2026] x"), InputKind::text);
  EXPECT_EQ(kind("{not json"), InputKind::text);
  EXPECT_EQ(kind(""), InputKind::text);
  EXPECT_EQ(kind(std::string_view("\0\1\2\3\4", 5)), InputKind::unknown);
  EXPECT_EQ(kind(std::string(4096, '\0')), InputKind::unknown);
  EXPECT_EQ(kind("a line\n" + std::string(4000, '\0') + "another\n"), InputKind::text);
  EXPECT_EQ(kind(std::string("a\0\0b\0\0c", 7)), InputKind::unknown);
}

TEST_F(LogReaderTest, LeavesOutTheHoleOfATruncation) {
  const auto seen = read("a\n" + std::string(5000, '\0') + "b\nc\n");
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_EQ(seen[1].text, "b");
  EXPECT_EQ(seen[1].offset, 2u);
  EXPECT_EQ(seen[2].text, "c");
}

TEST(JsonFieldsTest, FlattensNestedMembersAndLists) {
  Record record;
  ASSERT_TRUE(add_json_fields(
      R"({"a":{"b":["x",{"c":2}],"d":null},"e":true,"f":-1.5,"g":"\u00e9\ud83d\ude00\n"})",
      record));
  EXPECT_EQ(record.text("a.b"), "x");
  EXPECT_EQ(record.find("a.b.c")->integer, 2);
  EXPECT_EQ(record.find("a.d")->kind, RecordField::Kind::null);
  EXPECT_EQ(record.text("e"), "true");
  EXPECT_EQ(record.find("f")->number, -1.5);
  EXPECT_EQ(record.text("g"), "\u00e9\U0001F600\n");
}

TEST(JsonFieldsTest, RefusesWhatIsNoObject) {
  for (const char* text : {"", "{", "{\"a\":}", "{\"a\":1,}", "{\"a\":1}x", "[1]", "{\"a\":tru}",
                           "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}", "{\"a\":1 2}"}) {
    Record record;
    EXPECT_FALSE(add_json_fields(text, record)) << text;
  }
  Record record;
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "{\"a\":";
  EXPECT_FALSE(add_json_fields(deep, record));
  EXPECT_FALSE(add_json_fields("{\"" + std::string(5000, 'n') + "\":1}", record));
}

TEST_F(LogReaderTest, NamesWindowsEventsAsRulesDo) {
  LogFileReader reader =
      open(R"({"Event":{"System":{"Provider":{"#attributes":{"Name":"P"}},"EventID":{"#text":1116},
    "Level":4,"Channel":"Microsoft-Windows-Windows Defender/Operational","TimeCreated":{"#attributes":{"SystemTime":"2026-01-05T10:00:01.5Z"}}},
    "EventData":{"#attributes":{"Name":"x"},"Threat Name":"T","Level":"own","Hashes":"SHA1=AB,MD5=CD","Data":["one","two"],"Empty":null}}})");
  LogEntry entry;
  ASSERT_TRUE(*reader.next(entry));
  const Record& r = entry.record;
  EXPECT_EQ(r.source.product, "windows");
  EXPECT_EQ(to_iso(r.time).substr(0, 19), "2026-01-05T10:00:01");
  EXPECT_EQ(r.text("EventID"), "1116");
  EXPECT_EQ(r.text("Provider_Name"), "P");
  EXPECT_EQ(r.text("Level"), "own");  // data before System
  EXPECT_EQ(r.text("System_Level"), "4");
  EXPECT_EQ(r.text("ThreatName"), "T");
  EXPECT_EQ(r.text("Threat_Name"), "T");
  EXPECT_EQ(r.text("Signature"), "T");
  EXPECT_EQ(r.text("md5"), "CD");
  EXPECT_EQ(r.text("EventLog"), r.text("Channel"));
  EXPECT_EQ(r.find("Empty")->kind, RecordField::Kind::null);
  EXPECT_EQ(std::ranges::count(r.fields(), std::string_view("Data"), &RecordField::name), 2);
}

TEST_F(LogReaderTest, KnowsOtherShapesOfWindowsEvents) {
  LogFileReader reader =
      open(R"({"winlog":{"channel":"Security","event_id":4625,"event_data":{"TargetUserName":"an"}}}
    {"Channel":"System","EventID":7045,"ServiceName":"x","SourceName":"S"} {"a":{"b":1}})");
  LogEntry entry;
  ASSERT_TRUE(*reader.next(entry));
  EXPECT_EQ(entry.record.text("Channel"), "Security");
  EXPECT_EQ(entry.record.text("EventID"), "4625");
  EXPECT_EQ(entry.record.text("TargetUserName"), "an");
  ASSERT_TRUE(*reader.next(entry));
  EXPECT_EQ(entry.record.text("Provider_Name"), "S");
  EXPECT_EQ(entry.record.text("ServiceName"), "x");
  ASSERT_TRUE(*reader.next(entry));
  EXPECT_EQ(entry.record.source.product, "");
  EXPECT_EQ(entry.record.text("a.b"), "1");
}

}  // namespace
}  // namespace chieng::collector
