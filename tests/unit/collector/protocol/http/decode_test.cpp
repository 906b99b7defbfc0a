// Content-Encoding: what is named, what is there, and what comes out.
#include <gtest/gtest.h>

#include "collector/protocol/http/decompress/content_coding.h"
#include "tests/unit/collector/protocol/http/coded.h"
#include "tests/unit/collector/protocol/http/http_host.h"

namespace chieng::collector::test {
namespace {

using http::Buffer;
using http::Coding;
using http::parse_content_coding;

const std::string kText =
    "A text that is long enough to be packed: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

struct Result {
  std::string body;
  std::set<std::string> events;
};

Result decoded(std::string_view encoding, std::string_view body, std::size_t piece = 0,
               std::uint32_t layers = 2) {
  HttpHost host;
  host.options().http.response_body_decompress_layers = layers;
  host.request("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  host.response("HTTP/1.1 200 ok\r\nContent-Encoding: " + std::string(encoding) + "\r\n\r\n");
  host.in_pieces(Direction::to_client, body,
                 piece == 0 ? std::max<std::size_t>(body.size(), 1) : piece)
      .end();
  return {host.text(Buffer::response_body, Direction::to_client).value_or(""), host.events()};
}

TEST(ContentCoding, WholeValues) {
  EXPECT_EQ(parse_content_coding(" X-GZip ", 2).layers, std::vector{Coding::gzip});
  EXPECT_EQ(parse_content_coding("br", 2).layers, std::vector{Coding::brotli});
  EXPECT_EQ(parse_content_coding("lzma", 2).layers, std::vector{Coding::lzma});
  EXPECT_EQ(parse_content_coding(std::string_view("gz\0ip", 5), 2).layers,
            std::vector{Coding::gzip});
  EXPECT_TRUE(parse_content_coding("identity", 2).layers.empty());
  EXPECT_FALSE(parse_content_coding("none", 2).abnormal);
}

TEST(ContentCoding, ListsAreReadByPartsOfWords) {
  EXPECT_EQ(parse_content_coding("xgzipx, mydeflate", 2).layers,
            (std::vector{Coding::gzip, Coding::deflate_raw}));
  EXPECT_TRUE(parse_content_coding("xgzipx", 2).abnormal);
  EXPECT_TRUE(parse_content_coding("br, gzip", 2).abnormal);
  EXPECT_EQ(parse_content_coding("br, gzip", 2).layers, std::vector{Coding::gzip});
}

TEST(ContentCoding, EveryTokenCountsAsALayer) {
  const auto coding = parse_content_coding("identity foo gzip", 2);
  EXPECT_TRUE(coding.layers.empty());
  EXPECT_TRUE(coding.too_many);
  EXPECT_TRUE(parse_content_coding("gzip", 0).layers.empty());
}

TEST(Decode, EveryFormat) {
  EXPECT_EQ(decoded("gzip", gzip(kText)).body, kText);
  EXPECT_EQ(decoded("deflate", raw_deflate(kText)).body, kText);
  EXPECT_EQ(decoded("deflate", zlib(kText)).body, kText);
  EXPECT_EQ(decoded("lzma", lzma(kText)).body, kText);
  const std::string brotli("\x0b\x02\x80\x68\x65\x6c\x6c\x6f\x03", 9);
  EXPECT_EQ(decoded("br", brotli).body, "hello");
}

TEST(Decode, InPiecesTheSame) {
  for (const std::size_t piece : {1, 3, 11}) {
    EXPECT_EQ(decoded("gzip", gzip(kText), piece).body, kText);
    EXPECT_EQ(decoded("deflate", zlib(kText), piece).body, kText);
    EXPECT_EQ(decoded("lzma", lzma(kText), piece).body, kText);
    EXPECT_EQ(decoded("gzip", kText, piece).body, kText);
    EXPECT_EQ(decoded("gzip, deflate", raw_deflate(gzip(kText)), piece).body, kText);
  }
}

TEST(Decode, LastListedIsAppliedFirst) {
  EXPECT_EQ(decoded("gzip, deflate", raw_deflate(gzip(kText))).body, kText);
  EXPECT_EQ(decoded("deflate, gzip", gzip(raw_deflate(kText))).body, kText);
}

TEST(Decode, LayersBeyondTheLimitStay) {
  const std::string inner = gzip(kText);
  EXPECT_EQ(decoded("gzip, gzip", gzip(gzip(inner)), 0, 2).body, inner);
  EXPECT_TRUE(
      decoded("gzip, gzip, gzip", gzip(inner), 0, 2).events.contains("too_many_encoding_layers"));
}

TEST(Decode, WrongNamesAreTriedAsOtherFormats) {
  EXPECT_EQ(decoded("gzip", zlib(kText)).body, kText);
  EXPECT_EQ(decoded("gzip", raw_deflate(kText)).body, kText);
  EXPECT_EQ(decoded("deflate", gzip(kText)).body, kText);
  EXPECT_EQ(decoded("br", zlib(kText)).body, kText);
}

TEST(Decode, PlainTextPassesThrough) {
  for (const char* name : {"gzip", "deflate", "br", "lzma", "gzip, gzip"}) {
    const Result result = decoded(name, R"({"sdk_version": "1", "plain": true})");
    EXPECT_EQ(result.body, R"({"sdk_version": "1", "plain": true})") << name;
    EXPECT_FALSE(result.events.contains("gzip_decompression_failed")) << name;
  }
}

TEST(Decode, OnceCompressedButNamedTwice) {
  EXPECT_EQ(decoded("gzip, gzip", gzip(kText)).body, kText);
}

TEST(Decode, GzipChecksNeitherFlagsNorTrailer) {
  std::string odd = gzip(kText);
  odd[3] = '\x20';
  odd[odd.size() - 1] ^= 1;
  odd[odd.size() - 6] ^= 1;
  EXPECT_EQ(decoded("gzip", odd).body, kText);
  EXPECT_EQ(decoded("gzip", gzip(kText).substr(0, gzip(kText).size() - 8)).body, kText);
}

TEST(Decode, GzipOptionalHeaderParts) {
  std::string packed = gzip(kText);
  packed[3] = 2 | 4 | 8 | 16;
  packed.insert(10, std::string("\x03\x00xyzname\0comment\0\x12\x34", 20));
  EXPECT_EQ(decoded("gzip", packed).body, kText);
  EXPECT_EQ(decoded("gzip", packed, 1).body, kText);
}

TEST(Decode, SecondMemberIsIgnored) {
  EXPECT_EQ(decoded("gzip", gzip(kText) + gzip("more")).body, kText);
}

TEST(Decode, ErrorAfterOutputKeepsTheOutput) {
  // A stored block of four bytes, then a block of the type that does not exist.
  const std::string broken(
      "\x1f\x8b\x08\0\0\0\0\0\0\3\0\4\0\xfb\xff"
      "data\x07 rest",
      25);
  const Result result = decoded("gzip", broken);
  EXPECT_EQ(result.body, "data");
  EXPECT_TRUE(result.events.contains("gzip_decompression_failed"));
  EXPECT_EQ(decoded("gzip", broken, 1).body, "data");
}

TEST(Decode, TruncatedStreamGivesWhatItHas) {
  std::string text;
  for (int i = 0; i < 2000; ++i) text += std::to_string(i);
  const std::string packed = gzip(text);
  const Result result = decoded("gzip", std::string_view(packed).substr(0, packed.size() / 2));
  EXPECT_GT(result.body.size(), 100u);
  EXPECT_TRUE(text.starts_with(result.body));
}

TEST(Decode, BombStops) {
  const std::string zeros(8 << 20, '\0');
  const std::string bomb = gzip(gzip(zeros));
  HttpHost host;
  host.request("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  host.response("HTTP/1.1 200 ok\r\nContent-Encoding: gzip, gzip\r\n\r\n" + bomb).end();
  EXPECT_TRUE(host.has_event("compression_bomb"));
  EXPECT_LT(host.files().at(0).size, zeros.size());
}

TEST(Decode, RequestBodiesToo) {
  HttpHost host;
  const std::string body = gzip("name=value");
  host.request("POST / HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\nContent-Length: " +
               std::to_string(body.size()) + "\r\n\r\n" + body);
  EXPECT_EQ(host.request_text(Buffer::request_body), "name=value");
}

}  // namespace
}  // namespace chieng::collector::test
