#include "api_fixture.h"
#include "server/api/stream_queue.h"

namespace chieng::server::test {
namespace {

class ApiStream : public ApiFixture {
 protected:
  // Opens the stream and reads up to the end of hello.
  std::unique_ptr<Connection> open(const Login& login, const std::string& last_event_id = {}) {
    auto connection = std::make_unique<Connection>(port_);
    auto headers = login.cookie_only();
    if (!last_event_id.empty()) headers.emplace_back("Last-Event-ID", last_event_id);
    connection->send(Connection::request_text("GET", "/api/v1/stream", headers, ""));
    const auto head = connection->until("\r\n\r\n");
    EXPECT_NE(head.find("text/event-stream"), std::string::npos) << head;
    return connection;
  }
  static std::string id_of(const std::string& message) {
    const auto at = message.find("id: ") + 4;
    return message.substr(at, message.find('\n', at) - at);
  }
  static json data_of(const std::string& message) {
    const auto at = message.find("data: ") + 6;
    return json::parse(message.substr(at, message.find('\n', at) - at));
  }
};

TEST_F(ApiStream, says_hello_and_tells_of_groups_as_they_move) {
  const auto stream = open(log_in("viewer"));
  const auto hello = stream->until("\n\n");
  EXPECT_NE(hello.find("event: hello"), std::string::npos);
  EXPECT_EQ(data_of(hello)["resync"], false);
  alert(hue_, hue_agent_, 2, "198.51.100.7", "10.0.0.5", 9'700'001);
  const auto message = stream->until("\n\n");
  EXPECT_NE(message.find("event: group"), std::string::npos);
  const auto group = data_of(message);
  EXPECT_EQ(group["id"], group_of(hue_));
  EXPECT_EQ(group["count"], 2);
  EXPECT_NE(id_of(message), id_of(hello));
}

TEST_F(ApiStream, tells_nothing_of_other_agencies) {
  const auto stream = open(log_in("hue_analyst"));
  (void)stream->until("\n\n");
  alert(lao_cai_, lao_cai_agent_, 2, "203.0.113.9", "10.0.0.5", 9'700'001);
  alert(hue_, hue_agent_, 2, "198.51.100.7", "10.0.0.5", 9'700'001);
  const auto message = stream->until("\n\n");
  EXPECT_EQ(data_of(message)["agency"]["name"], "Huế");
  EXPECT_EQ(stream->until("\n\n", 1000), "") << "nothing else";
}

TEST_F(ApiStream, a_reconnect_gets_what_it_missed) {
  const auto login = log_in("viewer");
  std::string last;
  {
    const auto stream = open(login);
    last = id_of(stream->until("\n\n"));
  }
  alert(hue_, hue_agent_, 2, "198.51.100.7", "10.0.0.5", 9'700'001);
  const auto again = open(login, last);
  EXPECT_EQ(data_of(again->until("\n\n"))["resync"], false);
  EXPECT_EQ(data_of(again->until("\n\n"))["id"], group_of(hue_));
}

TEST_F(ApiStream, an_id_that_cannot_be_continued_means_resync) {
  const auto login = log_in("viewer");
  const auto first = id_of(open(login)->until("\n\n"));
  for (const std::string& id :
       {std::string("of-another-process"), std::string("000000000000-1"), std::string("-"),
        first + "x", first.substr(0, 13) + "99999999999999999999999",
        first.substr(0, 13) + "999999"})
    EXPECT_EQ(data_of(open(login, id)->until("\n\n"))["resync"], true) << id;
  for (std::uint64_t i = 0; i < 5000; ++i) feed_.publish(ChangeKind::group, "none");
  EXPECT_EQ(data_of(open(login, first)->until("\n\n"))["resync"], true) << "the ring has forgotten";
}

TEST_F(ApiStream, ends_when_its_session_ends) {
  const auto login = log_in("viewer");
  const auto stream = open(login);
  (void)stream->until("\n\n");
  EXPECT_EQ(fetch(port_, "DELETE", "/api/v1/session", login.headers()).status, 204);
  EXPECT_TRUE(stream->closed_within(3000));
}

TEST_F(ApiStream, beats_while_nothing_happens) {
  ApiSettings settings;
  settings.http.heartbeat = std::chrono::milliseconds(100);
  start(settings);
  const auto stream = open(log_in("viewer"));
  (void)stream->until("\n\n");
  EXPECT_NE(stream->until(": heartbeat\n\n", 2000), "");
  EXPECT_NE(stream->until(": heartbeat\n\n", 2000), "");
}

TEST_F(ApiStream, only_so_many_are_open_and_a_closed_one_makes_room) {
  ApiSettings settings;
  settings.stream.clients = 2;
  start(settings);
  const auto login = log_in("viewer");
  auto first = open(login);
  const auto second = open(login);
  EXPECT_EQ(fetch(port_, "GET", "/api/v1/stream", login.cookie_only()).status, 503);
  first.reset();
  int status = 503;
  for (int i = 0; i < 30 && status == 503; ++i) {
    ::usleep(100'000);
    Connection third(port_);
    third.send(Connection::request_text("GET", "/api/v1/stream", login.cookie_only(), ""));
    status = std::atoi(third.until("\r\n\r\n").c_str() + 9);
  }
  EXPECT_EQ(status, 200);
}

TEST_F(ApiStream, stopping_the_server_ends_streams_soon) {
  const auto stream = open(log_in("viewer"));
  (void)stream->until("\n\n");
  const auto start = std::chrono::steady_clock::now();
  server_->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(3));
  EXPECT_TRUE(stream->closed_within(1000));
}

TEST(StreamQueue, a_slow_client_is_told_to_resync_and_holds_no_more_than_its_bound) {
  StreamQueue queue(100);
  int woken = 0;
  queue.on_ready([&] { ++woken; });
  EXPECT_TRUE(queue.push(std::string(60, 'a')));
  EXPECT_FALSE(queue.push(std::string(60, 'b')));
  EXPECT_TRUE(queue.ended());
  EXPECT_FALSE(queue.drained()) << "the last word is still to be taken";
  EXPECT_NE(queue.take().find("event: resync"), std::string::npos);
  EXPECT_TRUE(queue.drained());
  EXPECT_FALSE(queue.push("more"));
  EXPECT_EQ(woken, 2);
}

TEST(StreamQueue, waking_is_not_lost_when_something_came_before) {
  StreamQueue queue(100);
  queue.push("x");
  int woken = 0;
  queue.on_ready([&] { ++woken; });
  EXPECT_EQ(woken, 1);
  EXPECT_EQ(queue.take(), "x");
}

}  // namespace
}  // namespace chieng::server::test
