#include <gtest/gtest.h>

#include "tests/unit/rules/suricata/rule_kit.h"

namespace chieng::suricata {
namespace {

TEST(RuleMatch, Positions) {
  EXPECT_TRUE(matches("content:\"abc\"; offset:2; depth:3;", "xxabcxx"));
  EXPECT_FALSE(matches("content:\"abc\"; offset:3;", "xxabcxx"));
  EXPECT_FALSE(matches("content:\"abc\"; depth:4;", "xxabcxx"));
  EXPECT_TRUE(matches("content:\"abc\"; endswith;", "abcabc"));
  EXPECT_FALSE(matches("content:\"abc\"; endswith;", "abcabcx"));
  EXPECT_TRUE(matches("content:\"ABC\"; nocase; startswith;", "aBcx"));
  EXPECT_TRUE(matches("content:\"abc\"; content:\"def\"; distance:1; within:4;", "abcxdef"));
  EXPECT_FALSE(matches("content:\"abc\"; content:\"def\"; distance:1; within:3;", "abcxxdef"));
  EXPECT_TRUE(matches("content:\"abc\"; content:\"ab\"; distance:-3;", "abc"));
}

TEST(RuleMatch, Negation) {
  EXPECT_TRUE(matches("content:\"abc\"; content:!\"def\";", "abc"));
  EXPECT_FALSE(matches("content:\"abc\"; content:!\"def\";", "defabc"));
  EXPECT_TRUE(matches("content:\"abc\"; content:!\"def\"; within:5;", "abcxxxxdef"));
  EXPECT_FALSE(matches("content:\"abc\"; content:!\"def\"; within:5;", "abcxdef"));
  EXPECT_TRUE(matches("content:\"abc\"; content:!\"x\"; offset:50;", "abcx"));
  EXPECT_TRUE(matches("content:\"a\"; pcre:!\"/b+/\";", "aac"));
}

TEST(RuleMatch, RetriesAnEarlierContent) {
  EXPECT_TRUE(matches("content:\"ab\"; content:\"cd\"; within:2;", "abxabcd"));
  EXPECT_TRUE(matches("content:\"aa\"; content:\"b\"; within:1;", "aaab"));
  EXPECT_TRUE(matches("content:\"ab\"; pcre:\"/^cd/R\";", "abxabcd"));
  EXPECT_TRUE(matches("content:\"ab\"; content:!\"x\"; within:1;", "abxabc"));
  EXPECT_TRUE(
      matches("content:\"ab\"; byte_test:1,=,9,0,relative;", std::string("ab\x01") + "ab\x09"));
  EXPECT_FALSE(
      matches("content:\"ab\"; content:\"cd\"; within:2; content:\"ef\"; within:2;", "abcdxabxef"));
}

TEST(RuleMatch, EndsInBoundedStepsOnHostileData) {
  std::string data(60000, 'a');
  EXPECT_FALSE(
      matches("content:\"a\"; content:\"a\"; within:50; content:\"a\"; within:50; content:\"b\"; "
              "within:50;",
              data));
}

TEST(RuleMatch, ExpressionsRelativeAndAbsolute) {
  EXPECT_TRUE(matches("content:\"key=\"; pcre:\"/^[0-9]+\\;/R\";", "key=123;"));
  EXPECT_FALSE(matches("content:\"key=\"; pcre:\"/^[0-9]+\\;/R\";", "key=x123;"));
  EXPECT_TRUE(matches("pcre:\"/a.c/s\"; content:\"d\"; within:1;", "a\ncd"));
  EXPECT_TRUE(matches("pcre:\"/a\\d/\"; content:\"z\"; within:1;", "a1ya2z"));
}

TEST(RuleMatch, Asn1) {
  const std::string wide("\x30\x82\x08\x00\x02\x01\x05", 7), odd("\x30\x03\x03\x01\x40", 5);
  EXPECT_TRUE(matches("content:\"j\"; asn1:oversize_length 1024, relative_offset 0;", "j" + wide));
  EXPECT_TRUE(matches("asn1:oversize_length 1024, absolute_offset 1;", "j" + wide));
  EXPECT_TRUE(matches("content:\"|30|\"; asn1:oversize_length 1024,relative_offset -1;", wide));
  EXPECT_FALSE(matches("content:\"j\"; asn1:oversize_length 2048, relative_offset 0;", "j" + wide));
  EXPECT_FALSE(matches("asn1:oversize_length 1024, absolute_offset 60;", wide));
  EXPECT_TRUE(matches("asn1:bitstring_overflow;", odd));
  EXPECT_FALSE(matches("asn1:bitstring_overflow;", wide));
  EXPECT_TRUE(matches("asn1:double_overflow;", "\x09\x82\x01\x2d\x03" + std::string(300, '1')));
}

TEST(RuleMatch, RemoteProcedures) {
  const std::string call("\0\0\0\x28xid.\0\0\0\0\0\0\0\2\0\1\x86\xa3\0\0\0\3\0\0\0\6", 28);
  EXPECT_TRUE(matches("rpc:100003,3,6;", call));
  EXPECT_TRUE(matches("rpc:100003,*,*;", call));
  EXPECT_FALSE(matches("rpc:100003,2,*;", call));
  EXPECT_FALSE(matches("rpc:100005,*,*;", call));
  EXPECT_FALSE(matches("rpc:100003,3,6;", call.substr(0, 20)));
}

TEST(RuleMatch, Bytes) {
  const std::string data("\x00\x05hello\x10\x00", 9);
  EXPECT_TRUE(matches("byte_test:2,=,5,0;", data));
  EXPECT_TRUE(matches("byte_test:2,=,0x10,7,little;", data));
  EXPECT_FALSE(matches("byte_test:2,=,5,8;", data));
  EXPECT_FALSE(matches("byte_test:2,!=,5,8;", data)) << "out of range is never true";
  EXPECT_TRUE(matches("byte_test:1,!&,2,1;", data));
  EXPECT_TRUE(matches("byte_jump:2,0; content:\"|10|\"; within:1;", data));
  EXPECT_TRUE(matches("byte_extract:2,0,n; content:\"hello\"; distance:0; within:n;", data));
  EXPECT_TRUE(matches("byte_extract:2,0,n; isdataat:!n,relative; content:\"x\";",
                      std::string("\x00\x09xx", 4)));
  EXPECT_TRUE(matches("byte_math:bytes 2, offset 0, oper *, rvalue 3, result r; byte_test:1,=,r,2;",
                      std::string("\x00\x05\x0f", 3)));
  EXPECT_FALSE(matches("byte_math:bytes 2, offset 0, oper /, rvalue 0, result r;", data));
  EXPECT_TRUE(matches("content:\"len=\"; byte_test:0,>,99,0,string,dec,relative;", "len=120;"));
  EXPECT_TRUE(
      matches("byte_jump:0,0,from_end,post_offset -3; content:\"xyz\"; within:3;", "abcxyz"));
}

TEST(RuleMatch, SizesAndEntropy) {
  EXPECT_TRUE(matches("content:\"a\"; isdataat:2;", "abc"));
  EXPECT_FALSE(matches("content:\"a\"; isdataat:3;", "abc"));
  EXPECT_TRUE(matches("content:\"a\"; isdataat:2,relative;", "abc"));
  EXPECT_TRUE(matches("dsize:3;", "abc"));
  EXPECT_FALSE(matches("dsize:3<>5;", "abc"));
  EXPECT_TRUE(matches("entropy:value < 0.1;", "aaaaaaaa"));
}

TEST(RuleMatch, Base64) {
  EXPECT_TRUE(
      matches("content:\"x:\"; base64_decode:bytes 12,relative; base64_data; content:\"hello\"; "
              "startswith;",
              "x:aGVsbG8gd29ybGQ="));
  EXPECT_FALSE(matches("content:\"x:\"; base64_decode:relative; base64_data; content:\"nothing\";",
                       "x:aGVsbG8="));
  EXPECT_FALSE(matches("content:\"x:\"; base64_decode:relative;", "x:aGVsbG8="));
}

TEST(RuleMatch, HeaderFields) {
  Bench bench(packet_rule("flags:S;", 1) + packet_rule("flags:A;", 2) + packet_rule("ttl:>60;", 3) +
              packet_rule("flags:*SA;", 4) +
              "alert tcp any any -> any 81 (flags:A; sid:5;)\nalert tcp any 80 <> any 40000 "
              "(flags:A; sid:6;)\n");
  EXPECT_EQ(bench.run("").size(), 4u);
  std::vector<std::uint32_t> sids;
  for (const auto& a : bench.sink.alerts) sids.push_back(a.sid);
  EXPECT_EQ(sids, (std::vector<std::uint32_t>{2, 3, 4, 6}));
}

}  // namespace
}  // namespace chieng::suricata
