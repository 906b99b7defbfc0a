// Bytes, digests, times, JSON and masking.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/bytes/bytes.h"
#include "core/bytes/reader.h"
#include "core/event/json_writer.h"
#include "core/event/privacy.h"
#include "core/hash/crc32c.h"
#include "core/hash/digest.h"
#include "core/time/timestamp.h"

namespace chieng {
namespace {

TEST(Bytes, HexAndBase64) {
  EXPECT_EQ(to_hex(as_bytes("\x01\xff")), "01ff");
  std::string out;
  EXPECT_TRUE(from_hex("01Ff", out));
  EXPECT_EQ(out, "\x01\xff");
  EXPECT_FALSE(from_hex("0", out));
  EXPECT_FALSE(from_hex("zz", out));
  EXPECT_EQ(to_base64(as_bytes("")), "");
  EXPECT_EQ(to_base64(as_bytes("f")), "Zg==");
  EXPECT_EQ(to_base64(as_bytes("fo")), "Zm8=");
  EXPECT_EQ(to_base64(as_bytes("foobar")), "Zm9vYmFy");
}

TEST(Reader, NeverReadsPastTheEndAndStaysFailed) {
  Reader in(as_bytes("\x01\x02\x03\x04\x05"));
  EXPECT_EQ(in.u16(), 0x0102);
  EXPECT_EQ(in.u16le(), 0x0403);
  EXPECT_EQ(in.peek(), 5);
  EXPECT_EQ(in.u32(), 0u);
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.u8(), 0);
  EXPECT_EQ(in.remaining(), 0u);
  Reader outer(as_bytes("abcdef"));
  Reader inner = outer.sub(4);
  EXPECT_EQ(as_text(inner.rest()), "abcd");
  EXPECT_EQ(as_text(outer.rest()), "ef");
  EXPECT_FALSE(outer.sub(3).ok());
}

TEST(Hash, KnownAnswers) {
  EXPECT_EQ(crc32c(as_bytes("123456789")), 0xe3069283u);
  EXPECT_EQ(crc32c(as_bytes("6789"), crc32c(as_bytes("12345"))), 0xe3069283u);
  EXPECT_EQ(digest_hex(DigestKind::md5, {}), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(digest_hex(DigestKind::sha256, as_bytes("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Time, ReadsAndWrites) {
  const Timestamp t = Timestamp::from_seconds(1795454814, 123456);
  EXPECT_EQ(to_iso(t), "2026-11-23T17:26:54.123456+0000");
  EXPECT_EQ(*parse_iso("2026-11-23T17:26:54.123456+0000"), t);
  EXPECT_EQ(*parse_iso("2026-11-24 00:26:54.123456+07:00"), t);
  EXPECT_EQ(*parse_iso("2026-11-23T17:26:54.123456789Z"), t);
  EXPECT_EQ(local_day(t), "2026-11-24");
  EXPECT_EQ(to_iso(Timestamp{-1}), "1969-12-31T23:59:59.999999+0000");
  for (const char* bad :
       {"", "2026-11-23", "2026-13-01T00:00:00Z", "2026-11-23T17:26:54", "2026-11-23T17:26:54Zx"})
    EXPECT_FALSE(parse_iso(bad)) << bad;
}

TEST(Json, IsValidWhateverTheText) {
  std::string out;
  JsonWriter json(out);
  json.begin_object()
      .field("a", "q\"\\\n\x01")
      .field("n", 7)
      .field("b", true)
      .key("list")
      .begin_array();
  json.value(1.5)
      .value(std::uint64_t{18446744073709551615u})
      .null()
      .begin_object()
      .end_object()
      .end_array();
  json.field("raw", std::string_view("viết \xff\xc3", 9))
      .field("ip", *parse_address("::1"))
      .end_object();
  const auto parsed = nlohmann::json::parse(out);
  EXPECT_EQ(parsed["a"], "q\"\\\n\x01");
  EXPECT_EQ(parsed["list"].size(), 4u);
  EXPECT_EQ(parsed["raw"], "viết \\xff\\xc3");
  EXPECT_EQ(parsed["ip"], "0000:0000:0000:0000:0000:0000:0000:0001");
}

TEST(Json, EveryByteValueSurvivesParsing) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  std::string out;
  JsonWriter(out).begin_array().value(all).printable(as_bytes(all)).end_array();
  EXPECT_TRUE(nlohmann::json::accept(out));
}

TEST(Privacy, MasksSecretsAndIdentityNumbers) {
  EXPECT_EQ(mask_text("POST /login?user=an&password=Bi-Mat.9&x=1"),
            "POST /login?user=an&password=***&x=1");
  EXPECT_EQ(mask_text(R"({"password": "a\"b", "n": 1})"), R"({"password": "***", "n": 1})");
  EXPECT_EQ(mask_text("Authorization: Basic YWJj\r\nHost: x"), "Authorization: ***\r\nHost: x");
  EXPECT_EQ(mask_text("ftp://an:bimat@host/x"), "ftp://***@host/x");
  EXPECT_EQ(mask_text("cccd 001099012345 ok"), "cccd *** ok");
  EXPECT_EQ(mask_text("ts 1234567890123 and 12345678901"), "ts 1234567890123 and 12345678901");
  EXPECT_EQ(mask_text("nothing special: here"), "nothing special: here");
}

TEST(Privacy, FollowsTheClassOfTheField) {
  PrivacyPolicy policy;
  EXPECT_EQ(apply_privacy(policy, FieldClass::credential, "x"), "x");
  policy.enabled = true;
  policy.personal = PrivacyAction::hash;
  policy.hash_key = "k";
  EXPECT_EQ(apply_privacy(policy, FieldClass::credential, "x"), "***");
  EXPECT_EQ(apply_privacy(policy, FieldClass::personal, "an").substr(0, 2), "h:");
  EXPECT_EQ(apply_privacy(policy, FieldClass::plain, "password=x"), "password=x");
  EXPECT_EQ(apply_privacy(policy, FieldClass::content, "password=x"), "password=***");
}

}  // namespace
}  // namespace chieng
