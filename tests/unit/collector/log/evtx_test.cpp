#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "collector/log/evtx.h"
#include "collector/log/log_source.h"
#include "core/file/file.h"

namespace chieng::collector {
namespace {

const std::string small_file = std::string(CHIENG_TEST_DATA) + "/log/small.evtx";

TEST(EvtxTest, ReadsARecordThroughItsTemplate) {
  auto reader = LogFileReader::open(small_file);
  ASSERT_TRUE(reader) << reader.error().message();
  EXPECT_EQ(reader->kind(), InputKind::evtx);
  LogEntry entry;
  ASSERT_TRUE(*reader->next(entry));
  EXPECT_TRUE(entry.structured);
  EXPECT_EQ(entry.malformed, "");
  EXPECT_EQ(entry.line, 1u);
  EXPECT_EQ(entry.record.text("Channel"), "Security");
  EXPECT_EQ(entry.record.find("EventID")->integer, 4688);
  EXPECT_EQ(entry.record.text("Image"), "C:\\a.exe");
  EXPECT_EQ(std::ranges::count(entry.record.fields(), std::string_view("List"), &RecordField::name),
            2);
  EXPECT_FALSE(*reader->next(entry));
}

// Every single damaged byte: no crash, and never more than the one record.
TEST(EvtxTest, SurvivesDamage) {
  const std::string file = *read_file(small_file);
  const std::string chunk = file.substr(evtx_header_size);
  for (std::size_t i = 0; i < chunk.size(); ++i) {
    for (const char value : {'\0', '\xff', '\x0c', '\x01'}) {
      std::string damaged = chunk;
      damaged[i] = value;
      EvtxChunk reader(as_bytes(damaged));
      EvtxChunk::Item item;
      Record flat;
      int records = 0;
      while (reader.next(item, flat)) ++records;
      EXPECT_LE(records, 1);
    }
  }
}

}  // namespace
}  // namespace chieng::collector
