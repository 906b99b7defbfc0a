// Files and frames as version 1 wrote them (tests/data/formats): whatever comes later must read
// them.
#include <gtest/gtest.h>

#include <cstdlib>

#include "core/file/file.h"
#include "tests/unit/transport/spool_kit.h"
#include "transport/enroll/token.h"
#include "transport/message/frame.h"
#include "transport/message/messages.h"

namespace chieng {
namespace {

using namespace test;
namespace fs = std::filesystem;
const fs::path kFormats = fs::path(CHIENG_TEST_DATA) / "formats";

Frame sample_data() {
  Frame f;
  f.type = FrameType::data;
  f.lane = EventClass::evidence;
  f.session = 0x1122334455667788;
  f.epoch = 1;
  f.sequence = 1000;
  f.count = 2;
  f.spool = 3;
  for (std::uint64_t n = 1000; n < 1002; ++n)
    append_record(f.body, *make_record(event(EventClass::evidence), json(n, 100), Codec::plain));
  return f;
}

Hello sample_hello() {
  Hello h;
  h.agent.bytes.fill(0xa1);
  h.boot.bytes.fill(0xb2);
  h.version = "0.1.0";
  h.wall_us = 1'790'000'000'000'000;
  h.spools.resize(1);
  h.spools[0].spool.bytes.fill(0xc3);
  h.spools[0].lanes[0] = {5, 77};
  return h;
}

EnrollToken sample_token() {
  EnrollToken t;
  t.server_key.bytes.fill(0x42);
  t.secret.fill(0x24);
  t.endpoint = "tcp://192.0.2.1:7401";
  return t;
}

// Run once with CHIENG_WRITE_FORMATS=1 when a new version of a format is made; never for an old
// one.
TEST(Formats, Write) {
  if (std::getenv("CHIENG_WRITE_FORMATS") == nullptr)
    GTEST_SKIP() << "only when a format gets a new version";
  const fs::path spool = kFormats / "spool-v1";
  fs::remove_all(spool);
  SpoolSettings settings = small_spool();
  settings.segment_bytes = 4096;
  {
    SpoolWriter writer = open_writer(spool, settings);
    fill(writer, EventClass::alert, 20, 100);
    fill(writer, EventClass::metadata, 20, 100);
    ASSERT_TRUE(writer.checkpoint("/var/log/auth.log", "inode 7 offset 42"));
    ASSERT_TRUE(writer.sync());
  }
  settings.codec = Codec::zstd;
  SpoolWriter writer = open_writer(spool, settings);
  fill(writer, EventClass::health, 5, 300);
  fs::remove(spool / "lock");
  Frame hello;
  hello.type = FrameType::hello;
  hello.body = encode_hello(sample_hello());
  ASSERT_TRUE(write_file_atomic(kFormats / "frame-v1-hello.bin", encode_frame(hello)));
  ASSERT_TRUE(write_file_atomic(kFormats / "frame-v1-data.bin", encode_frame(sample_data())));
  ASSERT_TRUE(
      write_file_atomic(kFormats / "frame-v1-data-zstd.bin", encode_frame(sample_data(), true)));
  ASSERT_TRUE(write_file_atomic(kFormats / "token-v1.txt", make_token(sample_token()) + "\n"));
}

TEST(Formats, SpoolVersion1IsReadAndWrittenOn) {
  const TempFolder folder;
  const auto copy = folder.path() / "spool";
  fs::copy(kFormats / "spool-v1", copy, fs::copy_options::recursive);
  SpoolReader reader = open_reader(copy);
  EXPECT_EQ(read_all(reader, EventClass::alert).sequences.size(), 20U);
  EXPECT_EQ(read_all(reader, EventClass::metadata).sequences.size(), 20U);
  EXPECT_EQ(read_all(reader, EventClass::health).sequences.size(), 5U);
  SpoolWriter writer = open_writer(copy);
  EXPECT_EQ(writer.stats().next, (LaneNumbers{21, 6, 1, 21}));
  EXPECT_EQ(writer.last_checkpoint("/var/log/auth.log"), "inode 7 offset 42");
  fill(writer, EventClass::alert, 2);
  EXPECT_EQ(read_all(reader, EventClass::alert, 21).sequences.size(), 2U);
}

TEST(Formats, FramesVersion1AreRead) {
  for (const char* name : {"frame-v1-data.bin", "frame-v1-data-zstd.bin"}) {
    const auto bytes = read_file(kFormats / name);
    ASSERT_TRUE(bytes);
    const auto frame = decode_frame(as_bytes(*bytes));
    ASSERT_TRUE(frame) << frame.error().message();
    EXPECT_EQ(frame->session, 0x1122334455667788U);
    EXPECT_EQ(frame->spool, 3);
    const auto records = decode_records(as_bytes(frame->body), frame->sequence, frame->count);
    ASSERT_TRUE(records);
    EXPECT_EQ(decode_record(records->at(1))->json, json(1001, 100));
  }
  const auto bytes = read_file(kFormats / "frame-v1-hello.bin");
  ASSERT_TRUE(bytes);
  const auto hello = decode_hello(as_bytes(decode_frame(as_bytes(*bytes))->body));
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->agent, sample_hello().agent);
  EXPECT_EQ(hello->spools.at(0).lanes[0].next, 77U);
}

TEST(Formats, TokenVersion1IsRead) {
  const auto text = read_file(kFormats / "token-v1.txt");
  ASSERT_TRUE(text);
  const auto token = parse_token(*text);
  ASSERT_TRUE(token) << token.error().message();
  EXPECT_EQ(token->secret, sample_token().secret);
  EXPECT_EQ(token->endpoint, sample_token().endpoint);
}

}  // namespace
}  // namespace chieng
