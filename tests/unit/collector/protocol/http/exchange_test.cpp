// Order, interim answers, tunnels, losses and bounds.
#include <gtest/gtest.h>

#include "tests/unit/collector/protocol/http/http_host.h"

namespace chieng::collector::test {
namespace {

using http::Buffer;

constexpr std::string_view kOk = "HTTP/1.1 200 ok\r\nContent-Length: 0\r\n\r\n";

std::string get(std::string_view path) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: h\r\n\r\n";
}

TEST(HttpExchange, ResponsesFollowTheOrderOfRequests) {
  HttpHost host;
  host.request(get("/1") + get("/2") + get("/3"));
  host.response(
      "HTTP/1.1 201 a\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 202 b\r\nContent-Length: 0\r\n\r\n");
  ASSERT_EQ(host.count(), 3u);
  EXPECT_EQ(host.response_text(Buffer::stat_code, 0), "201");
  EXPECT_EQ(host.response_text(Buffer::stat_code, 1), "202");
  EXPECT_EQ(host.tx(2).progress(Direction::to_client), 0);
}

TEST(HttpExchange, ResponseWithoutRequest) {
  HttpHost host;
  host.response("HTTP/1.1 200 ok\r\nContent-Length: 2\r\n\r\nhi");
  EXPECT_EQ(host.request_text(Buffer::uri), "/libhtp::request_uri_not_seen");
  EXPECT_EQ(host.request_text(Buffer::method), "(none)");
  EXPECT_TRUE(host.has_event("unable_to_match_response_to_request"));
  EXPECT_EQ(host.tx().progress(Direction::to_server), 5);
}

TEST(HttpExchange, InterimAnswerIsDiscarded) {
  HttpHost host;
  host.request("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  host.response("HTTP/1.1 100 Continue\r\nX: y\r\n\r\n").request("ab").response(kOk);
  ASSERT_EQ(host.count(), 1u);
  EXPECT_EQ(host.response_text(Buffer::stat_code), "200");
  EXPECT_EQ(host.response_text(Buffer::header), "Content-Length: 0\r\n");
  EXPECT_FALSE(host.has_event("100_continue_already_seen"));
}

TEST(HttpExchange, NothingIsLeftOfAnInterimAnswer) {
  HttpHost host;
  host.request(get("/")).response("  HTTP/1.1 100 Continue\r\n\r\n");
  for (const Buffer b : {Buffer::protocol, Buffer::response_line, Buffer::stat_code,
                         Buffer::header_raw, Buffer::start})
    EXPECT_EQ(host.response_text(b), "(none)");
}

TEST(HttpExchange, SecondInterimAnswerIsReported) {
  HttpHost host;
  host.request(get("/")).response("HTTP/1.1 100 a\r\n\r\nHTTP/1.1 100 a\r\n\r\n" +
                                  std::string(kOk));
  EXPECT_TRUE(host.has_event("100_continue_already_seen"));
  EXPECT_EQ(host.response_text(Buffer::stat_code), "200");
}

TEST(HttpExchange, HeadHasNoBody) {
  HttpHost host;
  host.request("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n" + get("/2"));
  host.response("HTTP/1.1 200 ok\r\nContent-Length: 100\r\n\r\n" + std::string(kOk));
  EXPECT_EQ(host.response_text(Buffer::stat_code, 1), "200");
  EXPECT_TRUE(host.files().empty());
}

TEST(HttpExchange, ConnectTurnsIntoAnotherProtocol) {
  HttpHost host;
  host.request("CONNECT a.vn:443 HTTP/1.1\r\nHost: a.vn:443\r\n\r\n")
      .response("HTTP/1.1 200 Established\r\n\r\n");
  EXPECT_TRUE(host.changed_protocol());
  EXPECT_EQ(host.tx().progress(Direction::to_client), 5);
  EXPECT_EQ(host.request_text(Buffer::host), "a.vn");
  EXPECT_EQ(host.request_text(Buffer::uri), "a.vn:443");
}

TEST(HttpExchange, RefusedConnectGoesOnWithRequests) {
  HttpHost host;
  host.request("CONNECT a.vn:443 HTTP/1.1\r\nHost: a.vn\r\n\r\n").request(get("/after"));
  EXPECT_EQ(host.count(), 1u);
  host.response("HTTP/1.1 403 no\r\nContent-Length: 0\r\n\r\n");
  EXPECT_FALSE(host.changed_protocol());
  ASSERT_EQ(host.count(), 2u);
  EXPECT_EQ(host.request_text(Buffer::uri, 1), "/after");
}

TEST(HttpExchange, UpgradeTurnsIntoAnotherProtocol) {
  HttpHost host;
  host.request("GET /c HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\r\n");
  host.response("HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n");
  EXPECT_TRUE(host.changed_protocol());
}

TEST(HttpExchange, RequestWithoutProtocolButWithHeaders) {
  HttpHost host;
  host.request("GET /x\r\nUser-Agent: a\r\n\r\n");
  EXPECT_TRUE(host.has_event("request_line_missing_protocol"));
  EXPECT_EQ(host.request_text(Buffer::user_agent), "a");
  EXPECT_EQ(host.request_text(Buffer::protocol), "(none)");
}

TEST(HttpExchange, TextBehindARequestIsItsBody) {
  HttpHost host;
  host.request("POST /x HTTP/1.1\r\nHost: h\r\n\r\nlogin=foo&password=bar");
  ASSERT_EQ(host.count(), 1u);
  EXPECT_TRUE(host.has_event("request_body_unexpected"));
  EXPECT_EQ(host.request_text(Buffer::request_body), "login=foo&password=bar");
}

TEST(HttpExchange, GapInsideALengthBody) {
  HttpHost host;
  host.request(get("/1") + get("/2")).response("HTTP/1.1 200 ok\r\nContent-Length: 10\r\n\r\nabc");
  host.gap(Direction::to_client, 4).response("xyz" + std::string(kOk));
  ASSERT_EQ(host.files().size(), 1u);
  EXPECT_EQ(host.files()[0].size, 10u);
  EXPECT_TRUE(host.files()[0].gaps);
  EXPECT_EQ(host.files()[0].state, FileView::State::truncated);
  EXPECT_EQ(host.files()[0].sha256, "");
  EXPECT_EQ(host.response_text(Buffer::stat_code, 1), "200");
  EXPECT_EQ(host.response_text(Buffer::file_data), std::string("abc\0\0\0\0xyz", 10));
}

TEST(HttpExchange, GapBeyondTheBodyClosesTheDirection) {
  HttpHost host;
  host.request(get("/1"))
      .response("HTTP/1.1 200 ok\r\nContent-Length: 4\r\n\r\nab")
      .gap(Direction::to_client, 9);
  host.response("erver: x\r\n\r\n");
  EXPECT_TRUE(host.is_stopped(Direction::to_client));
  EXPECT_EQ(host.files().at(0).size, 4u);
}

TEST(HttpExchange, GapBeyondTheBodyUpToTheNextMessage) {
  HttpHost host;
  host.request(get("/1") + get("/2"))
      .response("HTTP/1.1 200 ok\r\nContent-Length: 4\r\n\r\nab")
      .gap(Direction::to_client, 4);
  host.response("HT").response(std::string(kOk).substr(2));
  EXPECT_FALSE(host.is_stopped(Direction::to_client));
  EXPECT_EQ(host.response_text(Buffer::stat_code, 1), "200");
}

TEST(HttpExchange, GapInHeadersClosesTheDirection) {
  HttpHost host;
  host.request(get("/1")).response("HTTP/1.1 200 ok\r\nContent-").gap(Direction::to_client, 9);
  EXPECT_TRUE(host.is_stopped(Direction::to_client));
  EXPECT_TRUE(host.has_event("invalid_gap"));
}

TEST(HttpExchange, GapBehindABareRequestLine) {
  HttpHost host;
  host.request("GET /old\r\n")
      .gap(Direction::to_server, 5)
      .request("more: here\r\n\r\n" + get("/2"));
  host.response(kOk).end();
  ASSERT_GE(host.count(), 1u);
  EXPECT_EQ(host.request_text(Buffer::uri), "/old");
}

TEST(HttpExchange, GapBetweenMessagesIsNone) {
  HttpHost host;
  host.request(get("/1") + get("/2")).response(kOk).gap(Direction::to_client, 50).response(kOk);
  EXPECT_FALSE(host.is_stopped(Direction::to_client));
  EXPECT_EQ(host.response_text(Buffer::stat_code, 1), "200");
}

TEST(HttpExchange, EndOfStreamCompletesWhatWasSeen) {
  HttpHost host;
  host.request("GET /cut HTTP/1.1\r\nHost: h").response("HTTP/1.1 200 ok\r\nServer: s").end();
  EXPECT_EQ(host.request_text(Buffer::host), "h");
  EXPECT_EQ(host.response_text(Buffer::server), "s");
  EXPECT_EQ(host.tx().progress(Direction::to_server), 5);
  EXPECT_EQ(host.tx().progress(Direction::to_client), 5);
}

TEST(HttpExchange, CutOffBodyIsATruncatedFile) {
  HttpHost host;
  host.request(get("/f")).response("HTTP/1.1 200 ok\r\nContent-Length: 10\r\n\r\nabc").end();
  ASSERT_EQ(host.files().size(), 1u);
  EXPECT_EQ(host.files()[0].state, FileView::State::truncated);
}

TEST(HttpExchange, UnansweredRequestsAreBounded) {
  HttpHost host;
  host.options().max_transactions = 10;
  for (int i = 0; i < 100; ++i) host.request(get("/" + std::to_string(i)));
  std::size_t open = 0;
  for (std::size_t i = 0; i < host.count(); ++i)
    open += host.tx(i).progress(Direction::to_client) < 5 ? 1 : 0;
  EXPECT_EQ(host.count(), 100u);
  EXPECT_LT(open, 10u);
}

TEST(HttpExchange, TooLongLinesStopTheParser) {
  HttpHost host;
  host.request("GET /" + std::string(30'000, 'a'));
  EXPECT_TRUE(host.is_stopped(Direction::to_server));
  EXPECT_TRUE(host.has_event("request_field_too_long"));
  HttpHost other;
  other.request(get("/")).response("HTTP/1.1 200 ok\r\nX: " + std::string(30'000, 'a'));
  EXPECT_TRUE(other.is_stopped(Direction::to_client));
  EXPECT_TRUE(other.has_event("response_field_too_long"));
}

TEST(HttpExchange, TooManyHeadersAreIgnored) {
  std::string head = "GET / HTTP/1.1\r\nHost: h\r\n";
  for (int i = 0; i < 1500; ++i) head += "X" + std::to_string(i) + ": 1\r\n";
  HttpHost host;
  host.request(head + "\r\n");
  EXPECT_TRUE(host.has_event("request_too_many_headers"));
  EXPECT_EQ(host.text(Buffer::request_header, Direction::to_server, 0, 1024), std::nullopt);
  EXPECT_EQ(host.tx().progress(Direction::to_server), 5);
}

struct Anomaly {
  const char* event;
  std::string request, response;
};
std::ostream& operator<<(std::ostream& out, const Anomaly& a) {
  return out << a.event;
}

class HttpAnomaly : public testing::TestWithParam<Anomaly> {};

TEST_P(HttpAnomaly, IsReported) {
  HttpHost host;
  host.request(GetParam().request.empty() ? get("/") : GetParam().request)
      .response(GetParam().response)
      .end();
  EXPECT_TRUE(host.has_event(GetParam().event)) << testing::PrintToString(host.events());
}

std::string with(std::string_view headers) {
  return "HTTP/1.1 200 ok\r\n" + std::string(headers) + "\r\n";
}
std::string asks(std::string_view headers) {
  return "POST / HTTP/1.1\r\nHost: h\r\n" + std::string(headers) + "\r\n";
}

INSTANTIATE_TEST_SUITE_P(
    All, HttpAnomaly,
    testing::Values(
        Anomaly{"missing_host_header", "GET / HTTP/1.1\r\n\r\n", ""},
        Anomaly{"host_header_ambiguous", "GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n", ""},
        Anomaly{"request_header_host_invalid", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", ""},
        Anomaly{"request_uri_host_invalid", "GET http://a:b/ HTTP/1.1\r\nHost: a\r\n\r\n", ""},
        Anomaly{"request_server_port_tcp_port_mismatch",
                "GET http://a:99/ HTTP/1.1\r\nHost: a\r\n\r\n", ""},
        Anomaly{"request_line_leading_whitespace", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", ""},
        Anomaly{"method_delim_non_compliant", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", ""},
        Anomaly{"uri_delim_non_compliant", "GET /\tHTTP/1.1\r\nHost: a\r\n\r\n", ""},
        Anomaly{"request_line_unknown_method", "FROB / HTTP/1.1\r\nHost: a\r\n\r\n", ""},
        Anomaly{"request_line_incomplete", "GET / HTTP/1.1", ""},
        Anomaly{"request_field_missing_colon", asks("junk\r\n"), ""},
        Anomaly{"response_field_missing_colon", "", with("junk\r\n")},
        Anomaly{"request_header_invalid", asks("A B: c\r\n"), ""},
        Anomaly{"response_header_name_not_token", "", with("A B: c\r\n")},
        Anomaly{"response_invalid_lws_after_name", "", with("A : c\r\n")},
        Anomaly{"request_invalid_lws_after_name", asks("A : c\r\n"), ""},
        Anomaly{"response_field_missing_colon", "", with(": c\r\n")},
        Anomaly{"invalid_response_field_folding", "", with(" A: b\r\n")},
        Anomaly{"request_header_repetition", asks("A: b\r\nA: b\r\n"), ""},
        Anomaly{"invalid_response_field_folding", "", with(" A b\r\n")},
        Anomaly{"duplicate_content_length_field_in_request",
                asks("Content-Length: 0\r\nContent-Length: 0\r\n"), ""},
        Anomaly{"duplicate_content_length_field_in_response", "",
                with("Content-Length: 0\r\nContent-Length: 0\r\n")},
        Anomaly{"invalid_content_length_field_in_request", asks("Content-Length: x\r\n"), ""},
        Anomaly{"content_length_extra_data_start", "", with("Content-Length: x0\r\n")},
        Anomaly{"content_length_extra_data_end", "", with("Content-Length: 0x\r\n")},
        Anomaly{"invalid_transfer_encoding_value_in_request", asks("Transfer-Encoding: x\r\n"), ""},
        Anomaly{"invalid_transfer_encoding_value_in_response", "",
                with("Transfer-Encoding: x\r\n")},
        Anomaly{"response_abnormal_transfer_encoding", "",
                with("Transfer-Encoding: x-chunked\r\n")},
        Anomaly{"request_chunk_extension",
                asks("Transfer-Encoding: chunked\r\n") + "1;a=b\r\nx\r\n0\r\n\r\n", ""},
        Anomaly{"response_chunk_extension", "",
                with("Transfer-Encoding: chunked\r\n") + "0;a\r\n\r\n"},
        Anomaly{"invalid_request_chunk_len", asks("Transfer-Encoding: chunked\r\n") + "z\r\n", ""},
        Anomaly{"invalid_response_chunk_len", "", with("Transfer-Encoding: chunked\r\n") + "z\r\n"},
        Anomaly{"response_chunked_old_proto", "",
                "HTTP/1.0 200 ok\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        Anomaly{"response_line_invalid_protocol", "", "HTTP/3.1 200 ok\r\n\r\n"},
        Anomaly{"response_line_invalid_response_status", "", "HTTP/1.1 20 ok\r\n\r\n"},
        Anomaly{"switching_proto_with_content_length", "",
                "HTTP/1.1 101 ok\r\nContent-Length: 0\r\n\r\n"},
        Anomaly{"abnormal_ce_header", "", with("Content-Encoding: frob\r\nContent-Length: 0\r\n")},
        Anomaly{"too_many_encoding_layers", "",
                with("Content-Encoding: gzip, gzip, gzip\r\nContent-Length: 0\r\n")},
        Anomaly{"range_invalid", "",
                with("Content-Range: bytes 9-1/x\r\nContent-Length: 1\r\n") + "a"}));

}  // namespace
}  // namespace chieng::collector::test
