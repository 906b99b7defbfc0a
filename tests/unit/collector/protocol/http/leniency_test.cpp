// Responses that receivers read in ways of their own: the body has to be found as the most lenient
// one finds it.
#include <gtest/gtest.h>

#include "tests/unit/collector/protocol/http/http_host.h"

namespace chieng::collector::test {
namespace {

using http::Buffer;
using namespace std::string_view_literals;

constexpr std::string_view kChunked = "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n";

struct Case {
  const char* name;
  std::string_view head;  // without the blank line
  std::string_view body;
  std::string_view expected;
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.name;
}

class Lenient : public testing::TestWithParam<Case> {
 protected:
  static std::string body_of(std::size_t piece) {
    const std::string text = std::string(GetParam().head) + std::string(GetParam().body);
    HttpHost host;
    host.request("GET /f HTTP/1.1\r\nHost: h\r\n\r\n");
    host.in_pieces(Direction::to_client, text, piece == 0 ? text.size() : piece).end();
    return host.response_text(Buffer::response_body);
  }
};

TEST_P(Lenient, BodyIsFound) {
  EXPECT_EQ(body_of(0), GetParam().expected);
}
TEST_P(Lenient, InPiecesToo) {
  EXPECT_EQ(body_of(1), GetParam().expected);
  EXPECT_EQ(body_of(7), GetParam().expected);
}

const Case kStatusLines[] = {
    {"line_ends_at_cr", "HTTP/1.1 200 ok\rContent-Length: 5\r\n\r\n", "hello", "hello"},
    {"line_ends_at_lf", "HTTP/1.1 200 ok\nContent-Length: 5\n\n", "hello", "hello"},
    {"empty_lines_before", "\r\n\n\r\nHTTP/1.1 200 ok\r\nContent-Length: 5\r\n\r\n", "hello",
     "hello"},
    {"blanks_and_nuls_before", " \0 HTTP/1.1 200 ok\r\nContent-Length: 5\r\n\r\n"sv, "hello",
     "hello"},
    {"any_case", "hTTp/1.1 200 ok\r\nContent-Length: 5\r\n\r\n", "hello", "hello"},
    {"odd_version", "HTTP/7.42 200 ok\r\nContent-Length: 5\r\n\r\n", "hello", "hello"},
    {"odd_status", "HTTP/1.1 2x0 ok\r\nContent-Length: 5\r\n\r\n", "hello", "hello"},
    {"short_junk_line", "ab\r\nHTTP/1.1 200 ok\r\nContent-Length: 5\r\n\r\n", "hello", "hello"},
    {"junk_line_before_h", "some junk\r\nHTTP/1.1 200 ok\r\nContent-Length: 5\r\n\r\n", "hello",
     "hello"},
    {"no_status_line", "", "some text\r\nmore", "some text\r\nmore"},
    {"no_headers", "HTTP/1.1 200 ok\r\n\r\n", "hello", "hello"},
};
INSTANTIATE_TEST_SUITE_P(StatusLines, Lenient, testing::ValuesIn(kStatusLines));

const Case kHeaderLines[] = {
    {"lf", "HTTP/1.1 200 ok\nTransfer-Encoding: chunked\n\n", kChunked, "hello world"},
    {"lfcr", "HTTP/1.1 200 ok\r\nA: b\n\rTransfer-Encoding: chunked\r\n\r\n", kChunked,
     "hello world"},
    {"lone_cr", "HTTP/1.1 200 ok\r\nA: b\rTransfer-Encoding: chunked\r\n\r\n", kChunked,
     "hello world"},
    {"cr_cr_lf_line", "HTTP/1.1 200 ok\r\nA: b\r\n\r\r\nTransfer-Encoding: chunked\r\n\r\n",
     kChunked, "hello world"},
    {"cr_cr_line", "HTTP/1.1 200 ok\r\nA: b\r\n\r\rTransfer-Encoding: chunked\r\n\r\n", kChunked,
     "hello world"},
    {"cr_blank_lf_line", "HTTP/1.1 200 ok\r\nA: b\r\n\r \nTransfer-Encoding: chunked\r\n\r\n",
     kChunked, "hello world"},
    {"lf_crcrlf_crlf_end", "HTTP/1.1 200 ok\r\nContent-Length: 5\n\r\r\n\r\n", "hello", "hello"},
    {"lf_crcrlf_end", "HTTP/1.1 200 ok\r\nContent-Length: 5\n\r\r\n", "hello", "hello"},
    {"lf_blank_lf_end", "HTTP/1.1 200 ok\r\nContent-Length: 5\n \n", "hello", "hello"},
    {"lf_tab_lf_lf_end", "HTTP/1.1 200 ok\r\nContent-Length: 5\n\t\n\n", "hello", "hello"},
    {"no_colon", "HTTP/1.1 200 ok\r\njunk line\r\nTransfer-Encoding: chunked\r\n\r\n", kChunked,
     "hello world"},
    {"blank_before_colon", "HTTP/1.1 200 ok\r\nTransfer-Encoding : chunked\r\n\r\n", kChunked,
     "hello world"},
    {"form_feed_before_colon", "HTTP/1.1 200 ok\r\nTransfer-Encoding\f: chunked\r\n\r\n", kChunked,
     "hello world"},
    {"blank_before_name", "HTTP/1.1 200 ok\r\nA: b\r\n Transfer-Encoding: chunked\r\n\r\n",
     kChunked, "hello world"},
    {"blank_before_first_name", "HTTP/1.1 200 ok\r\n\tTransfer-Encoding: chunked\r\n\r\n", kChunked,
     "hello world"},
    {"nul_in_name", "HTTP/1.1 200 ok\r\nTransfer\0-Encoding: chunked\r\n\r\n"sv, kChunked,
     "hello world"},
    {"nul_in_value", "HTTP/1.1 200 ok\r\nTransfer-Encoding: chu\0nked\r\n\r\n"sv, kChunked,
     "hello world"},
    {"folded_value", "HTTP/1.1 200 ok\r\nTransfer-Encoding:\r\n chunked\r\n\r\n", kChunked,
     "hello world"},
    {"nul_folds", "HTTP/1.1 200 ok\r\nTransfer-Encoding:\n\0chunked\r\n\r\n"sv, kChunked,
     "hello world"},
    {"folded_before_colon", "HTTP/1.1 200 ok\r\nTransfer-Encoding\r\n :\r\n chunked\r\n\r\n",
     kChunked, "hello world"},
    {"repeated_name",
     "HTTP/1.1 200 ok\r\nTransfer-Encoding: x\r\nA: b\r\nTransfer-Encoding: chunked\r\n\r\n",
     kChunked, "hello world"},
    {"first_length_counts", "HTTP/1.1 200 ok\r\nContent-Length: 5\r\nContent-Length: 9\r\n\r\n",
     "hello", "hello"},
};
INSTANTIATE_TEST_SUITE_P(HeaderLines, Lenient, testing::ValuesIn(kHeaderLines));

const Case kFraming[] = {
    {"chunked_in_other_text", "HTTP/1.1 200 ok\r\nTransfer-Encoding: x-ChUnKedy\r\n\r\n", kChunked,
     "hello world"},
    {"chunked_over_length",
     "HTTP/1.1 200 ok\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", kChunked,
     "hello world"},
    {"chunked_in_http_1_0", "HTTP/1.0 200 ok\r\nTransfer-Encoding: chunked\r\n\r\n", kChunked,
     "hello world"},
    {"length_with_junk", "HTTP/1.1 200 ok\r\nContent-Length: x 5 (9)\r\n\r\n", "hello", "hello"},
    {"until_close", "HTTP/1.1 200 ok\r\nA: b\r\n\r\n", "hello\r\n\r\nworld", "hello\r\n\r\nworld"},
    {"no_content_with_length", "HTTP/1.1 204 no\r\nContent-Length: 5\r\n\r\n", "hello", "hello"},
    {"not_modified_chunked", "HTTP/1.1 304 no\r\nTransfer-Encoding: chunked\r\n\r\n", kChunked,
     "hello world"},
    {"interim_first", "HTTP/1.1 100 go\r\nA: b\r\n\r\nHTTP/1.1 200 ok\r\nContent-Length: 5\r\n\r\n",
     "hello", "hello"},
};
INSTANTIATE_TEST_SUITE_P(Framing, Lenient, testing::ValuesIn(kFraming));

constexpr std::string_view kChunkHead = "HTTP/1.1 200 ok\r\nTransfer-Encoding: chunked\r\n\r\n";
const Case kChunks[] = {
    {"white_space_before_size", kChunkHead, "\r\n\n \t\v\f5\r\nhello\r\n0\r\n\r\n", "hello"},
    {"junk_behind_size", kChunkHead, "5 x\r\nhello\r\n0z\r\n\r\n", "hello"},
    {"extension", kChunkHead, "5;name=value\r\nhello\r\n0\r\n\r\n", "hello"},
    {"lf_only", kChunkHead, "5\nhello\n0\n\n", "hello"},
    {"zeros_before_size", kChunkHead, "0005\r\nhello\r\n000\r\n\r\n", "hello"},
    {"huge_size_is_ignored", kChunkHead, "80000000\r\n5\r\nhello\r\n0\r\n\r\n", "hello"},
    {"no_size_ends_framing", kChunkHead, "5\r\nhello\r\nzz\r\n5\r\nworld", "hellozz\r\n5\r\nworld"},
    {"dropped_behind_chunk", kChunkHead, "5\r\nhelloXYZ\r\n0\r\n\r\n", "hello"},
    {"cut_off", kChunkHead, "5\r\nhel", "hel"},
    {"last_size_without_end", kChunkHead, "5\r\nhello\r\n0", "hello"},
    {"trailers", kChunkHead, "5\r\nhello\r\n0\r\nA: b\r\n\r\n", "hello"},
};
INSTANTIATE_TEST_SUITE_P(Chunks, Lenient, testing::ValuesIn(kChunks));

HttpHost& get(HttpHost& host, std::string_view method = "GET") {
  return host.request(std::string(method) + " /f HTTP/1.1\r\nHost: h\r\n\r\n");
}

TEST(Lenient, SurplusBelongsToTheBody) {
  HttpHost host;
  get(host).response("HTTP/1.1 200 ok\r\nContent-Length: 3\r\n\r\nhello wo\nrld").end();
  EXPECT_EQ(host.response_text(Buffer::response_body), "hello wo\nrld");
  EXPECT_TRUE(host.has_event("response_body_unexpected"));
}

TEST(Lenient, LineEndBehindTheBodyIsSurplusToo) {
  HttpHost host;
  get(get(host)).response(
      "HTTP/1.1 200 ok\r\nContent-Length: 5\r\n\r\nhello\r\nHTTP/1.1 404 no\r\n\r\n");
  EXPECT_EQ(host.files().at(0).size, 7u);
  EXPECT_EQ(host.response_text(Buffer::stat_code, 1), "404");
}

TEST(Lenient, NextResponseIsNoSurplus) {
  HttpHost host;
  get(get(host)).response(
      "HTTP/1.1 200 ok\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 404 no\r\nContent-Length: "
      "2\r\n\r\nno");
  EXPECT_EQ(host.response_text(Buffer::response_body, 0), "hello");
  EXPECT_EQ(host.response_text(Buffer::response_body, 1), "no");
  EXPECT_FALSE(host.has_event("response_body_unexpected"));
}

TEST(Lenient, NoDigitsInLengthStopsTheParser) {
  HttpHost host;
  get(host).response("HTTP/1.1 200 ok\r\nContent-Length: none\r\n\r\nhello");
  EXPECT_TRUE(host.is_stopped(Direction::to_client));
  EXPECT_TRUE(host.has_event("invalid_content_length_field_in_response"));
  EXPECT_EQ(host.tx().progress(Direction::to_client), 5);
}

TEST(Lenient, ByterangesWithoutLengthStopTheParser) {
  HttpHost host;
  get(host).response(
      "HTTP/1.1 206 ok\r\nContent-Type: multipart/byteranges; boundary=b\r\n\r\n--b");
  EXPECT_TRUE(host.has_event("response_multipart_byteranges"));
  EXPECT_TRUE(host.is_stopped(Direction::to_client));
}

TEST(Lenient, ValuesAreJoinedAtMostSixtyFourTimes) {
  std::string head = "HTTP/1.1 200 ok\r\n";
  for (int i = 0; i < 80; ++i) head += "X: 1\r\n";
  HttpHost host;
  get(host).response(head + "Content-Length: 0\r\n\r\n");
  EXPECT_EQ(host.text(Buffer::response_header, Direction::to_client, 0, 0)->size(), 4u + 64 * 3);
  EXPECT_TRUE(host.has_event("response_header_repetition"));
}

TEST(Lenient, FoldsAreJoinedWithTheirBlank) {
  HttpHost host;
  get(host).response("HTTP/1.1 200 ok\r\nX: a\r\n\t  b\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(host.text(Buffer::response_header, Direction::to_client, 0, 0), "X: a\tb");
}

TEST(Lenient, RequestLinesEndAtLf) {
  HttpHost host;
  host.request("\r\n\nPOST /p HTTP/1.1\nHost: h\nContent-Length: 2\n\nab");
  EXPECT_EQ(host.request_text(Buffer::uri), "/p");
  EXPECT_EQ(host.request_text(Buffer::request_body), "ab");
}

TEST(Lenient, TargetReachesToTheLastBlank) {
  HttpHost host;
  host.request("GET /a b  c HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(host.request_text(Buffer::uri_raw), "/a b  c");
}

}  // namespace
}  // namespace chieng::collector::test
