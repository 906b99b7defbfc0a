#include "server/api/http_server.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "http_client.h"
#include "server/api/problem.h"
#include "server/api/stream_queue.h"

namespace chieng::server::test {
namespace {

class HttpServerTest : public ::testing::Test {
 protected:
  void start(HttpSettings settings) {
    settings.port = 0;
    server_ = std::make_unique<HttpServer>(
        settings, [this](HttpRequest&& request) { return handle(std::move(request)); }, refusal);
    const auto started = server_->start();
    ASSERT_TRUE(started) << started.error().message();
  }
  HttpResponse handle(HttpRequest&& request) {
    ++handled_;
    HttpResponse response;
    if (request.target == "/throw") throw std::runtime_error("broken");
    if (request.target == "/slow") std::this_thread::sleep_for(std::chrono::milliseconds(300));
    if (request.target == "/stream") {
      response.stream = queue_;
      response.set("Content-Type", "text/event-stream");
      return response;
    }
    response.body = std::string(to_string(request.method)) + ' ' + request.target + ' ' +
                    request.address + ' ' + (request.tls ? "tls" : "plain") + ' ' +
                    std::string(request.header("x-test")) + ' ' + request.body;
    if (request.target == "/big") response.body.assign(8'000'000, 'x');
    return response;
  }
  std::uint16_t port() const { return server_->port(); }
  std::unique_ptr<HttpServer> server_;
  std::shared_ptr<StreamQueue> queue_ = std::make_shared<StreamQueue>(200'000);
  std::atomic<int> handled_{0};
};

TEST_F(HttpServerTest, answers_several_requests_on_one_connection) {
  start({});
  Connection connection(port());
  for (int i = 0; i < 3; ++i) {
    const auto reply = connection.request("POST", "/a?b=c", {{"X-Test", "Yes"}}, "body");
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.body, "POST /a?b=c 127.0.0.1 plain Yes body");
  }
}

TEST_F(HttpServerTest, answers_pipelined_requests_in_order) {
  start({});
  Connection connection(port());
  connection.send(Connection::request_text("GET", "/slow", {}, "") +
                  Connection::request_text("GET", "/two", {}, ""));
  EXPECT_EQ(connection.read_reply().body.substr(0, 9), "GET /slow");
  EXPECT_EQ(connection.read_reply().body.substr(0, 8), "GET /two");
}

TEST_F(HttpServerTest, head_has_the_length_but_not_the_body) {
  start({});
  Connection connection(port());
  const auto head = connection.request("HEAD", "/big");
  EXPECT_EQ(head.header("content-length"), "8000000");
  EXPECT_EQ(connection.request("GET", "/after").body.substr(0, 10), "GET /after");
}

TEST_F(HttpServerTest, big_answers_arrive_whole) {
  start({});
  EXPECT_EQ(fetch(port(), "GET", "/big").body.size(), 8'000'000U);
}

TEST_F(HttpServerTest, a_handler_that_throws_is_500) {
  start({});
  const auto reply = fetch(port(), "GET", "/throw");
  EXPECT_EQ(reply.status, 500);
  EXPECT_EQ(reply.body.find("broken"), std::string::npos) << "the inside stays inside";
}

TEST_F(HttpServerTest, oversized_and_malformed_requests_are_refused_before_the_handler) {
  start({});
  EXPECT_EQ(fetch(port(), "GET", "/", {{"X-Long", std::string(17'000, 'x')}}).status, 431);
  EXPECT_EQ(fetch(port(), "GET", "/" + std::string(17'000, 'x')).status, 431);
  EXPECT_EQ(fetch(port(), "POST", "/", {}, std::string(256 * 1024 + 1, 'x')).status, 413);
  const auto status_of = [&](std::string_view bytes) {
    Connection connection(port());
    connection.send(bytes);
    return connection.read_reply().status;
  };
  EXPECT_EQ(status_of("nonsense\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET / HTTP/9.9\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"), 400);
  EXPECT_EQ(
      status_of(
          "POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
      400);
  EXPECT_EQ(status_of("POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"), 400);
  EXPECT_EQ(status_of(std::string("\x16\x03\x01\x02\x00\x01\x00\x01", 8) + std::string(600, 'z')),
            400)
      << "TLS on plain";
  std::string chunks = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 40; ++i) chunks += "2000\r\n" + std::string(0x2000, 'x') + "\r\n";
  EXPECT_EQ(status_of(chunks + "0\r\n\r\n"), 413) << "chunks are counted as they come";
  EXPECT_EQ(handled_, 0);
  EXPECT_EQ(fetch(port(), "POST", "/", {}, std::string(256 * 1024, 'x')).status, 200);
}

TEST_F(HttpServerTest, slow_clients_are_closed) {
  HttpSettings settings;
  settings.header_timeout = settings.body_timeout = std::chrono::milliseconds(300);
  settings.idle_timeout = std::chrono::milliseconds(600);
  start(settings);
  Connection silent(port()), dripping(port()), half(port()), idle(port());
  half.send("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n123");
  EXPECT_EQ(idle.request("GET", "/").status, 200);
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 20; ++i) {
    if (!dripping.send("G")) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(40));
  }
  EXPECT_TRUE(dripping.closed_within(1000)) << "a byte now and then does not keep it open";
  EXPECT_TRUE(silent.closed_within(1000));
  EXPECT_TRUE(half.closed_within(1000));
  EXPECT_TRUE(idle.closed_within(1500));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(4));
  EXPECT_EQ(handled_, 1);
}

TEST_F(HttpServerTest, connections_over_the_limit_are_told_so) {
  HttpSettings settings;
  settings.max_connections = 3;
  start(settings);
  {
    Connection a(port()), b(port()), c(port());
    for (auto* open : {&a, &b, &c}) EXPECT_EQ(open->request("GET", "/").status, 200);
    Connection d(port());
    EXPECT_EQ(d.read_reply().status, 503);
    EXPECT_EQ(a.request("GET", "/").status, 200) << "those that are in stay in";
  }
  for (int i = 0; i < 50 && server_->connections() > 0; ++i) ::usleep(20'000);
  EXPECT_EQ(fetch(port(), "GET", "/").status, 200);
}

TEST_F(HttpServerTest, a_client_that_does_not_read_a_stream_is_dropped) {
  HttpSettings settings;
  settings.write_timeout = std::chrono::milliseconds(500);
  start(settings);
  Connection connection(port());
  connection.send(Connection::request_text("GET", "/stream", {}, ""));
  (void)connection.until("\r\n\r\n");
  const std::string message = "data: " + std::string(50'000, 'x') + "\n\n";
  const auto start = std::chrono::steady_clock::now();
  while (queue_->push(message) &&
         std::chrono::steady_clock::now() - start < std::chrono::seconds(10))
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_TRUE(queue_->ended());
  for (int i = 0; i < 100 && server_->connections() > 0; ++i) ::usleep(20'000);
  EXPECT_EQ(server_->connections(), 0U);
}

TEST_F(HttpServerTest, stopping_lets_the_request_in_hand_finish) {
  start({});
  Connection connection(port());
  connection.send(Connection::request_text("GET", "/slow", {}, ""));
  while (handled_ == 0) ::usleep(1000);
  server_->stop();
  EXPECT_EQ(connection.read_reply().status, 200);
}

TEST_F(HttpServerTest, says_why_it_cannot_start) {
  start({});
  HttpSettings same;
  same.port = port();
  HttpServer second(same, [](HttpRequest&&) { return HttpResponse{}; }, refusal);
  const auto taken = second.start();
  ASSERT_FALSE(taken);
  EXPECT_NE(taken.error().text.find(std::to_string(port())), std::string::npos);
  HttpSettings no_address;
  no_address.address = "localhost";
  EXPECT_FALSE(
      HttpServer(no_address, [](HttpRequest&&) { return HttpResponse{}; }, refusal).start());
  HttpSettings no_key;
  no_key.certificate = "/nonexistent.pem";
  EXPECT_FALSE(HttpServer(no_key, [](HttpRequest&&) { return HttpResponse{}; }, refusal).start());
}

class TlsTest : public HttpServerTest {
 protected:
  void SetUp() override {
    char name[] = "/tmp/chieng-tls-test-XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    folder_ = name;
    const auto command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj "
        "/CN=localhost"
        " -keyout " +
        folder_ + "/key.pem -out " + folder_ + "/cert.pem 2>/dev/null";
    ASSERT_EQ(std::system(command.c_str()), 0)
        << "the openssl command makes the test's certificate";
    HttpSettings settings;
    settings.certificate = folder_ + "/cert.pem";
    settings.key = folder_ + "/key.pem";
    start(settings);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  // The answer to one GET with exactly this version of TLS; empty where the handshake fails.
  std::string get_with(int version) {
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                              SSL_CTX_free);
    SSL_CTX_set_security_level(context.get(), 0);
    SSL_CTX_set_min_proto_version(context.get(), version);
    SSL_CTX_set_max_proto_version(context.get(), version);
    const auto host = "127.0.0.1:" + std::to_string(port());
    std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(BIO_new_ssl_connect(context.get()),
                                                      BIO_free_all);
    BIO_set_conn_hostname(bio.get(), host.c_str());
    if (BIO_do_connect(bio.get()) <= 0) return {};
    const std::string request = "GET /x HTTP/1.1\r\nConnection: close\r\n\r\n";
    BIO_write(bio.get(), request.data(), static_cast<int>(request.size()));
    std::string out;
    char chunk[4096];
    for (int n; (n = BIO_read(bio.get(), chunk, sizeof chunk)) > 0;)
      out.append(chunk, static_cast<std::size_t>(n));
    return out;
  }
  std::string folder_;
};

TEST_F(TlsTest, speaks_1_2_and_1_3_and_nothing_older) {
  EXPECT_NE(get_with(TLS1_2_VERSION).find("GET /x 127.0.0.1 tls"), std::string::npos);
  EXPECT_NE(get_with(TLS1_3_VERSION).find("GET /x 127.0.0.1 tls"), std::string::npos);
  EXPECT_EQ(get_with(TLS1_1_VERSION), "");
}

TEST_F(TlsTest, plain_text_on_the_tls_port_gets_nothing) {
  Connection connection(port());
  connection.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(connection.closed_within(3000));
  EXPECT_EQ(handled_, 0);
}

}  // namespace
}  // namespace chieng::server::test
