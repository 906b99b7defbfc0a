// Files in transfers, and the windows in which rules look at bodies.
#include <gtest/gtest.h>

#include "collector/protocol/file_support/file_name.h"
#include "collector/protocol/file_support/window.h"
#include "core/hash/digest.h"
#include "tests/unit/collector/protocol/http/coded.h"
#include "tests/unit/collector/protocol/http/http_host.h"

namespace chieng::collector::test {
namespace {

using http::Buffer;

HttpHost& get(HttpHost& host) {
  return host.request("GET /dir/a.bin?x=1 HTTP/1.1\r\nHost: h\r\n\r\n");
}
std::string of_length(std::size_t n) {
  return "HTTP/1.1 200 ok\r\nContent-Length: " + std::to_string(n) + "\r\n\r\n";
}

TEST(HttpFiles, HashedAsItIsDecoded) {
  HttpHost host;
  host.options().files.md5 = true;
  const std::string packed = gzip("content");
  get(host).response("HTTP/1.1 200 ok\r\nContent-Encoding: gzip\r\nContent-Length: " +
                     std::to_string(packed.size()) + "\r\n\r\n" + packed);
  ASSERT_EQ(host.files().size(), 1u);
  const auto& file = host.files()[0];
  EXPECT_EQ(file.name, "/dir/a.bin");
  EXPECT_EQ(file.size, 7u);
  EXPECT_EQ(file.state, FileView::State::closed);
  EXPECT_EQ(file.sha256, digest_hex(DigestKind::sha256, as_bytes("content")));
  EXPECT_EQ(file.md5, digest_hex(DigestKind::md5, as_bytes("content")));
}

TEST(HttpFiles, NamedByContentDisposition) {
  HttpHost host;
  get(host).response(
      "HTTP/1.1 200 ok\r\nContent-Disposition: attachment; x; FileName=\"t \\\"1\\\".exe\"; a=b\r\n"
      "Content-Length: 1\r\n\r\nx");
  EXPECT_EQ(host.response_text(Buffer::file_name), "t \"1\".exe");
}

TEST(HttpFiles, EmptyBodyIsNoFile) {
  HttpHost host;
  get(host).response(of_length(0));
  EXPECT_TRUE(host.files().empty());
}

TEST(HttpFiles, SizeAndHashGoOnBeyondTheLimit) {
  HttpHost host;
  const std::string body(300'000, 'z');
  get(host).response(of_length(body.size()) + body);
  EXPECT_EQ(host.response_text(Buffer::response_body).size() + 0,
            host.text(Buffer::file_data, Direction::to_client)->size());
  EXPECT_EQ(host.seen(Direction::to_client).size(), 100u * 1024);
  EXPECT_EQ(host.files().at(0).size, body.size());
  EXPECT_EQ(host.files().at(0).sha256, digest_hex(DigestKind::sha256, as_bytes(body)));
}

TEST(HttpFiles, PostedBodyIsAFile) {
  HttpHost host;
  host.request("POST /up HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
  ASSERT_EQ(host.files().size(), 1u);
  EXPECT_EQ(host.files()[0].name, "/up");
  EXPECT_EQ(host.files()[0].direction, Direction::to_server);
}

constexpr std::string_view kParts =
    "preamble\r\n--B1\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nvalue\r\n"
    "--B1\r\nContent-Disposition: form-data; name=\"f\"; filename=\"one.txt\"\r\nContent-Type: "
    "text/plain\r\n\r\n"
    "first\r\n--B not\r\n\r\n--B1\r\nContent-Disposition: form-data; name=\"g\"; "
    "filename=two.bin\r\n\r\n\r\n--B1x\n"
    "\r\n--B1--\r\nepilogue";

std::string multipart_request() {
  return "POST /up HTTP/1.1\r\nHost: h\r\nContent-Type: multipart/form-data; "
         "boundary=\"B1\"\r\nContent-Length: " +
         std::to_string(kParts.size()) + "\r\n\r\n" + std::string(kParts);
}

TEST(HttpFiles, MultipartParts) {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{5}, std::size_t{10'000}}) {
    HttpHost host;
    host.in_pieces(Direction::to_server, multipart_request(), piece);
    ASSERT_GE(host.files().size(), 2u) << piece;
    EXPECT_EQ(host.files()[0].name, "one.txt");
    EXPECT_EQ(host.files()[0].sha256,
              digest_hex(DigestKind::sha256, as_bytes("first\r\n--B not\r\n")));
    EXPECT_EQ(host.files()[1].name, "two.bin");
    EXPECT_EQ(host.text(Buffer::file_data, Direction::to_server, 0, 0), "first\r\n--B not\r\n");
    EXPECT_EQ(host.text(Buffer::file_name, Direction::to_server, 0, 1), "two.bin");
    EXPECT_EQ(host.request_text(Buffer::request_body), kParts);
  }
}

TEST(HttpFiles, UnfinishedPartIsTruncated) {
  HttpHost host;
  host.request(
          "POST / HTTP/1.1\r\nHost: h\r\nContent-Type: multipart/form-data; "
          "boundary=b\r\nContent-Length: 999\r\n\r\n"
          "--b\r\nContent-Disposition: form-data; filename=x\r\n\r\nabc")
      .end();
  ASSERT_EQ(host.files().size(), 1u);
  EXPECT_EQ(host.files()[0].state, FileView::State::truncated);
  EXPECT_EQ(host.files()[0].size, 3u);
}

TEST(HttpFiles, ContentRange) {
  HttpHost host;
  get(host).response(
      "HTTP/1.1 206 p\r\nContent-Range: bytes 500-1000/146515\r\nContent-Length: 1\r\n\r\nx");
  EXPECT_NE(
      host.eve().find(
          R"("content_range":{"raw":"bytes 500-1000/146515","start":500,"end":1000,"size":146515})"),
      std::string::npos);
}

TEST(HeaderParameter, Forms) {
  EXPECT_EQ(header_parameter("a; filename=\"x;y\"; b=c", "filename"), "x;y");
  EXPECT_EQ(header_parameter("a; filename=\"x;y\"; b=c", "b"), "c");
  EXPECT_EQ(header_parameter("a;FILENAME = z ", "filename"), "z");
  EXPECT_EQ(header_parameter("filename=z", "filename"), std::nullopt);
  EXPECT_EQ(header_parameter("a; flag; filename=\"open", "filename"), "open");
  EXPECT_EQ(header_parameter("", "filename"), std::nullopt);
}

TEST(HttpWindows, FirstLookWaitsForTheMinimum) {
  HttpHost host;
  get(host).response(of_length(60'000) + std::string(30'000, 'a'));
  EXPECT_EQ(host.response_text(Buffer::file_data), "(none)");
  host.response(std::string(15'000, 'b'));
  EXPECT_EQ(host.response_text(Buffer::file_data).size(), 45'000u);
}

TEST(HttpWindows, FirstLookAtTheEndOfASmallBody) {
  HttpHost host;
  get(host).response(of_length(3) + "abc");
  const auto slice =
      host.tx().buffer(static_cast<unsigned>(Buffer::file_data), Direction::to_client, 0);
  ASSERT_TRUE(slice);
  EXPECT_EQ(slice->generation, 1u);
  EXPECT_TRUE(slice->complete);
}

TEST(HttpWindows, LaterLooksOverlap) {
  HttpHost host;
  get(host).response(of_length(90'000) + std::string(50'000, 'a'));
  const auto look = [&] {
    return host.tx().buffer(static_cast<unsigned>(Buffer::file_data), Direction::to_client, 0);
  };
  EXPECT_EQ(look()->generation, 1u);
  EXPECT_FALSE(look()->complete);
  host.response(std::string(1'000, 'b'));
  EXPECT_EQ(look()->generation, 1u);  // too little is new
  host.response(std::string(9'000, 'b'));
  EXPECT_EQ(look()->generation, 2u);
  EXPECT_EQ(look()->offset + look()->data.size(), 60'000u);
  EXPECT_EQ(look()->data.size(), 16u * 1024);
  host.response(std::string(30'000, 'c'));
  EXPECT_EQ(look()->generation, 3u);
  EXPECT_EQ(look()->offset, 60'000u - 4 * 1024);
  EXPECT_TRUE(look()->complete);
}

TEST(HttpWindows, NothingIsLostWhenNobodyLooked) {
  InspectionWindow window({0, 10, 8});
  for (int i = 0; i < 20; ++i) (void)window.append(as_bytes("0123456789"));
  const auto slice = window.slice();
  ASSERT_TRUE(slice);
  EXPECT_EQ(slice->data.size(), 200u);
  EXPECT_EQ(slice->generation, 1u);
}

TEST(HttpWindows, WithoutALimitMemoryStaysBounded) {
  InspectionWindow window({0, 10, 8});
  const std::string piece(100'000, 'x');
  for (int i = 0; i < 100; ++i) {
    (void)window.append(as_bytes(piece));
    const auto slice = window.slice();
    ASSERT_TRUE(slice);
    EXPECT_LE(slice->data.size(), 3 * InspectionWindow::kUnlimitedKept);
    EXPECT_EQ(slice->offset + slice->data.size(), 100'000u * (static_cast<unsigned>(i) + 1));
  }
}

}  // namespace
}  // namespace chieng::collector::test
