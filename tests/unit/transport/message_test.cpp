#include "transport/message/messages.h"

#include <gtest/gtest.h>

#include <random>

#include "core/hash/crc32c.h"
#include "transport/message/fields.h"
#include "transport/message/frame.h"
#include "transport/spool/little.h"
#include "transport/spool/zstd.h"

namespace chieng {
namespace {

Frame data_frame() {
  Frame f;
  f.type = FrameType::data;
  f.lane = EventClass::evidence;
  f.session = 7;
  f.epoch = 2;
  f.sequence = 100;
  f.count = 3;
  f.spool = 1;
  for (int i = 0; i < 3; ++i)
    append_record(
        f.body, *make_record({}, "{\"text\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}", Codec::plain));
  return f;
}

TEST(Frame, RoundTripPlainAndPacked) {
  for (const bool pack : {false, true}) {
    const Frame sent = data_frame();
    const std::string bytes = encode_frame(sent, pack);
    EXPECT_EQ(bytes.size() < sent.body.size(), pack);
    const auto got = decode_frame(as_bytes(bytes));
    ASSERT_TRUE(got) << got.error().message();
    EXPECT_EQ(got->body, sent.body);
    EXPECT_EQ(got->session, 7U);
    EXPECT_EQ(got->epoch, 2U);
    EXPECT_EQ(got->sequence, 100U);
    EXPECT_EQ(got->count, 3);
    EXPECT_EQ(got->spool, 1);
    EXPECT_EQ(got->lane, EventClass::evidence);
    const auto records = decode_records(as_bytes(got->body), got->sequence, got->count);
    ASSERT_TRUE(records);
    EXPECT_EQ(records->at(2).sequence, 102U);
    EXPECT_TRUE(decode_record(records->at(2)));
  }
}

TEST(Frame, EveryBitFlipAndEveryCutIsRefused) {
  const std::string good = encode_frame(data_frame(), true);
  for (std::size_t i = 0; i < good.size(); ++i)
    for (int bit = 0; bit < 8; ++bit) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ (1 << bit));
      EXPECT_FALSE(decode_frame(as_bytes(bad))) << i << ":" << bit;
    }
  for (std::size_t n = 0; n < good.size(); ++n) EXPECT_FALSE(decode_frame(as_bytes(good).first(n)));
  EXPECT_FALSE(decode_frame(as_bytes(good + "x")));
}

// A frame with right checksums around a body that lies about its size.
std::string frame_around(std::string_view zstd_body) {
  std::string out;
  put_le(out, std::uint16_t{0xc6e9});
  put_le(out, std::uint8_t{1});
  put_le(out, std::uint8_t{3});
  put_le(out, std::uint16_t{1});
  put_le(out, std::uint8_t{0});
  put_le(out, std::uint8_t{48});
  out.append(24, '\0');
  out.append(4, '\0');
  put_le(out, static_cast<std::uint32_t>(zstd_body.size()));
  put_le(out, crc32c(as_bytes(zstd_body)));
  put_le(out, crc32c(as_bytes(out)));
  return out += zstd_body;
}

TEST(Frame, ZstdBombIsRefusedBeforeItUnfolds) {
  const auto fits = zstd_compress(as_bytes(std::string(kMaxDecodedBody, '\0')));
  EXPECT_TRUE(decode_frame(as_bytes(frame_around(*fits))));
  const auto bomb = zstd_compress(as_bytes(std::string(64U << 20, '\0')));
  ASSERT_LT(bomb->size(), 10'000U);
  const auto refused = decode_frame(as_bytes(frame_around(*bomb)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::limit);
}

TEST(Messages, HelloAndWelcome) {
  Hello hello;
  hello.agent = Uuid::random();
  hello.boot = Uuid::random();
  hello.version = "1.2";
  hello.spools.resize(2);
  hello.spools[1].spool = Uuid::random();
  hello.spools[1].lanes[3] = {5, 9};
  const auto got = decode_hello(as_bytes(encode_hello(hello)));
  ASSERT_TRUE(got) << got.error().message();
  EXPECT_EQ(got->agent, hello.agent);
  EXPECT_EQ(got->spools[1].spool, hello.spools[1].spool);
  EXPECT_EQ(got->spools[1].lanes[3].next, 9U);
  Welcome welcome;
  welcome.server = Uuid::random();
  welcome.generation = 3;
  welcome.lanes.push_back({1, EventClass::metadata, 77, 1000});
  const auto back = decode_welcome(as_bytes(encode_welcome(welcome)));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->lanes.at(0).committed, 77U);
  EXPECT_EQ(back->lanes.at(0).lane, EventClass::metadata);
  EXPECT_EQ(back->generation, 3U);
}

TEST(Messages, UnknownOptionalFieldIsSkippedUnknownCriticalRefused) {
  std::string body = encode_hello({});
  put_field(body, 0x0777, "new");
  EXPECT_TRUE(decode_hello(as_bytes(body)));
  put_field(body, 0x8777, "new");
  const auto refused = decode_hello(as_bytes(body));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unsupported);
  EXPECT_FALSE(decode_hello({}));  // critical fields are missing
}

TEST(Messages, TooManySpoolsAreRefused) {
  Hello hello;
  hello.spools.resize(kMaxSpools + 1);
  EXPECT_FALSE(decode_hello(as_bytes(encode_hello(hello))));
}

TEST(Messages, BatchesThatLieAboutTheirCount) {
  const Frame f = data_frame();
  EXPECT_FALSE(decode_records(as_bytes(f.body), 1, 2));
  EXPECT_FALSE(decode_records(as_bytes(f.body), 1, 4));
  EXPECT_FALSE(decode_records({}, 1, 0));
  EXPECT_FALSE(decode_records(as_bytes(f.body).first(f.body.size() - 1), 1, 3));
}

TEST(Messages, GapsAndBeats) {
  const SpoolGap gap{EventClass::health, 5, 9, GapReason::evicted};
  EXPECT_EQ(*decode_gap(as_bytes(encode_gap(gap)), EventClass::health, 5), gap);
  EXPECT_FALSE(decode_gap(as_bytes(encode_gap(gap)), EventClass::health, 10));  // last before first
  EXPECT_FALSE(
      decode_gap(as_bytes(encode_gap({EventClass::health, 5, UINT64_MAX, GapReason::evicted})),
                 EventClass::health, 5));
  const auto beat = decode_beat(as_bytes(encode_beat({1, 2, -3, 4, "{}"})));
  ASSERT_TRUE(beat);
  EXPECT_EQ(beat->clock_offset_us, -3);
  EXPECT_EQ(beat->json, "{}");
  EXPECT_FALSE(decode_beat(as_bytes(std::string(32 + kMaxBeatJson + 1, 'x'))));
}

TEST(Records, DamageIsSeen) {
  for (const Codec codec : {Codec::plain, Codec::zstd}) {
    SpoolRecord record = *make_record({}, std::string(500, 'j'), codec);
    EXPECT_EQ(record.codec, codec);
    EXPECT_EQ(decode_record(record)->json, std::string(500, 'j'));
    record.body[3] = static_cast<char>(record.body[3] ^ 1);
    EXPECT_EQ(decode_record(record).error().code, ErrorCode::corrupt);
  }
}

}  // namespace
}  // namespace chieng
