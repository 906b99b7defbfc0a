// What rules see of a request and a response.
#include <gtest/gtest.h>

#include "tests/unit/collector/protocol/http/http_host.h"

namespace chieng::collector::test {
namespace {

using http::Buffer;

constexpr std::string_view kRequest =
    "GET http://User:pw@Portal.Example.VN:8080/a/../b%41//c?x=%41+y#f HTTP/1.1\r\n"
    "Host: portal.example.vn:8080\r\nCookie: a=1\r\nUser-Agent:  agent/1 \r\nX-One: 1\r\nReferer: "
    "r\r\n"
    "Accept: */*\r\nAccept-Encoding: gzip\r\nAccept-Language: vi\r\nx-one: 2\r\nCookie: "
    "b=2\r\n\r\n";
constexpr std::string_view kResponse =
    "HTTP/1.1 302 Moved here\r\nServer: s/1\r\nLocation: /next\r\nSet-Cookie: c=3\r\nContent-Type: "
    "text/html\r\n"
    "Connection: close\r\nContent-Length: 5\r\n\r\nhello";

class HttpBuffers : public testing::Test {
 protected:
  void SetUp() override { host.request(kRequest).response(kResponse); }
  HttpHost host;
};

TEST_F(HttpBuffers, RequestLine) {
  EXPECT_EQ(host.request_text(Buffer::method), "GET");
  EXPECT_EQ(host.request_text(Buffer::uri), "/bA/c?x=A+y#f");
  EXPECT_EQ(host.request_text(Buffer::uri_raw),
            "http://User:pw@Portal.Example.VN:8080/a/../b%41//c?x=%41+y#f");
  EXPECT_EQ(host.request_text(Buffer::protocol), "HTTP/1.1");
  EXPECT_EQ(host.request_text(Buffer::request_line),
            "GET http://User:pw@Portal.Example.VN:8080/a/../b%41//c?x=%41+y#f HTTP/1.1");
}

TEST_F(HttpBuffers, HostWithoutUserinfoAndPort) {
  EXPECT_EQ(host.request_text(Buffer::host), "portal.example.vn");
  EXPECT_EQ(host.request_text(Buffer::host_raw), "User:pw@Portal.Example.VN:8080");
}

TEST_F(HttpBuffers, HeadersWithoutCookiesAndMerged) {
  EXPECT_EQ(host.request_text(Buffer::header),
            "Host: portal.example.vn:8080\r\nUser-Agent: agent/1\r\nX-One: 1, 2\r\nReferer: "
            "r\r\nAccept: */*\r\n"
            "Accept-Encoding: gzip\r\nAccept-Language: vi\r\n");
  EXPECT_EQ(host.request_text(Buffer::cookie), "a=1, b=2");
  EXPECT_EQ(host.response_text(Buffer::cookie), "c=3");
  EXPECT_EQ(host.request_text(Buffer::header_names),
            "\r\nHost\r\nCookie\r\nUser-Agent\r\nX-One\r\nReferer\r\nAccept\r\nAccept-"
            "Encoding\r\nAccept-Language\r\n\r\n");
}

TEST_F(HttpBuffers, RawHeadersEndWithTheBlankLine) {
  const std::string raw = host.request_text(Buffer::header_raw);
  EXPECT_TRUE(raw.starts_with("Host: portal"));
  EXPECT_TRUE(raw.ends_with("Cookie: b=2\r\n\r\n"));
  EXPECT_NE(raw.find("User-Agent:  agent/1 \r\n"), std::string::npos);
}

TEST_F(HttpBuffers, StartHasLineHeadersAndCookies) {
  EXPECT_EQ(host.response_text(Buffer::start),
            "HTTP/1.1 302 Moved here\r\nServer: s/1\r\nLocation: /next\r\nSet-Cookie: "
            "c=3\r\nContent-Type: text/html\r\n"
            "Connection: close\r\nContent-Length: 5\r\n\r\n");
}

TEST_F(HttpBuffers, SingleHeaders) {
  EXPECT_EQ(host.request_text(Buffer::user_agent), "agent/1");
  EXPECT_EQ(host.request_text(Buffer::referer), "r");
  EXPECT_EQ(host.request_text(Buffer::accept), "*/*");
  EXPECT_EQ(host.request_text(Buffer::accept_enc), "gzip");
  EXPECT_EQ(host.request_text(Buffer::accept_lang), "vi");
  EXPECT_EQ(host.request_text(Buffer::content_type), "(none)");
  EXPECT_EQ(host.response_text(Buffer::content_type), "text/html");
  EXPECT_EQ(host.response_text(Buffer::content_len), "5");
  EXPECT_EQ(host.response_text(Buffer::connection), "close");
  EXPECT_EQ(host.response_text(Buffer::server), "s/1");
  EXPECT_EQ(host.response_text(Buffer::location), "/next");
}

TEST_F(HttpBuffers, HeadersOneByOne) {
  EXPECT_EQ(host.text(Buffer::request_header, Direction::to_server, 0, 1), "Cookie: a=1, b=2");
  EXPECT_EQ(host.text(Buffer::response_header, Direction::to_client, 0, 5), "Content-Length: 5");
  EXPECT_EQ(host.text(Buffer::response_header, Direction::to_client, 0, 6), std::nullopt);
}

TEST_F(HttpBuffers, StatusLine) {
  EXPECT_EQ(host.response_text(Buffer::response_line), "HTTP/1.1 302 Moved here");
  EXPECT_EQ(host.response_text(Buffer::stat_code), "302");
  EXPECT_EQ(host.response_text(Buffer::stat_msg), "Moved here");
}

TEST_F(HttpBuffers, BodyAndFile) {
  EXPECT_EQ(host.response_text(Buffer::response_body), "hello");
  EXPECT_EQ(host.response_text(Buffer::file_data), "hello");
  EXPECT_EQ(host.response_text(Buffer::file_name), "/bA/c");
  EXPECT_EQ(host.request_text(Buffer::file_data), "(none)");
}

TEST_F(HttpBuffers, OneSidedBuffersAreAbsentOnTheOtherSide) {
  EXPECT_EQ(host.response_text(Buffer::method), "(none)");
  EXPECT_EQ(host.request_text(Buffer::stat_code), "(none)");
  EXPECT_EQ(host.response_text(Buffer::user_agent), "(none)");
}

TEST_F(HttpBuffers, EveMember) {
  EXPECT_EQ(
      host.eve(),
      R"("http":{"hostname":"portal.example.vn","http_port":8080,)"
      R"("url":"http://User:pw@Portal.Example.VN:8080/a/../b%41//c?x=%41+y#f","http_user_agent":"agent/1",)"
      R"("http_content_type":"text/html","http_refer":"r","http_method":"GET","protocol":"HTTP/1.1",)"
      R"("status":302,"redirect":"/next","length":5})");
}

TEST(HttpProgress, GoesUpPartByPart) {
  HttpHost host;
  const auto of = [&](Direction d) { return host.tx().progress(d); };
  host.request("POST / HTTP/1.1\r\n");
  EXPECT_EQ(of(Direction::to_server), 1);
  host.request("Host: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(of(Direction::to_server), 2);
  host.request("1\r\nx\r\n0\r\n");
  EXPECT_EQ(of(Direction::to_server), 3);
  host.request("\r\n");
  EXPECT_EQ(of(Direction::to_server), 5);
  EXPECT_EQ(of(Direction::to_client), 0);
  host.response("HTTP/1.1 204 No\r\n\r\n");
  EXPECT_EQ(of(Direction::to_client), 5);
}

TEST(HttpSpec, EveryBufferHasItsName) {
  const ProtocolSpec* specs[] = {&http::kSpec};
  const Catalogue catalogue(specs, {});
  EXPECT_EQ(catalogue.buffer("http_header_names"), catalogue.buffer("http.header_names"));
  EXPECT_EQ(catalogue.buffer_by_modifier("http_client_body"),
            catalogue.buffer("http.request_body"));
  EXPECT_EQ(catalogue.buffer_by_pcre_letter('U'), catalogue.buffer("http.uri"));
  EXPECT_TRUE(catalogue.spec(*catalogue.buffer("http.host")).lowercase);
  EXPECT_EQ(catalogue.spec(*catalogue.buffer("http.cookie")).privacy, FieldClass::credential);
  EXPECT_EQ(catalogue.app_events("http.100_continue_already_seen").size(), 1u);
  EXPECT_EQ(http::kSpec.events[static_cast<std::size_t>(http::Event::e_connection_already_open)],
            "connection_already_open");
}

}  // namespace
}  // namespace chieng::collector::test
