// An enrolled agent that does not follow the protocol: raw frames over a real CURVE connection.
#include "tests/unit/transport/session_kit.h"
#include "transport/message/frame.h"
#include "transport/message/messages.h"
#include "transport/socket/socket.h"

namespace chieng {
namespace {

using namespace test;

class Hostile : public ::testing::Test {
 protected:
  Hostile() : server(store) {}
  void SetUp() override {
    server.settings.penalty = 0ms;
    server.settings.lane_credit = 65'536;
    server.start();
    server.enroll(keys.public_key, agent);
    spool.spool = Uuid::random();
    connect();
  }
  void connect() {
    socket.emplace(make_dealer(context, keys, server.settings.keys.public_key, kMaxFrameAtAgent));
    socket->set(zmq::sockopt::rcvtimeo, 5000);
    socket->set(zmq::sockopt::sndtimeo, 5000);
    socket->connect(server.settings.endpoints.front());
  }
  void send(const std::string& bytes) {
    ASSERT_TRUE(socket->send(zmq::buffer(bytes), zmq::send_flags::none));
  }
  std::optional<Frame> receive() {
    zmq::message_t message;
    if (!socket->recv(message)) return std::nullopt;
    auto frame = decode_frame({static_cast<const std::byte*>(message.data()), message.size()});
    if (!frame) return std::nullopt;
    return *frame;
  }
  void say_hello(const Uuid& as) {
    Hello hello;
    hello.agent = as;
    hello.boot = Uuid::random();
    hello.spools = {spool};
    Frame frame;
    frame.type = FrameType::hello;
    frame.body = encode_hello(hello);
    send(encode_frame(frame));
  }
  void start_session() {
    say_hello(agent);
    const auto welcome = receive();
    ASSERT_TRUE(welcome && welcome->type == FrameType::welcome);
    session = welcome->session;
  }
  Frame data(std::uint64_t first, std::size_t count = 1, std::size_t bytes = 10) const {
    Frame f;
    f.type = FrameType::data;
    f.session = session;
    f.epoch = 1;
    f.sequence = first;
    f.count = static_cast<std::uint16_t>(count);
    for (std::size_t i = 0; i < count; ++i)
      append_record(f.body,
                    *make_record(event(EventClass::alert), json(first + i, bytes), Codec::plain));
    return f;
  }
  void expect_error(SessionError code) {
    for (;;) {
      const auto frame = receive();
      ASSERT_TRUE(frame);
      if (frame->type != FrameType::error) continue;
      EXPECT_EQ(decode_error(as_bytes(frame->body))->code, static_cast<std::uint16_t>(code));
      return;
    }
  }
  [[nodiscard]] StreamId stream() const { return {agent, spool.spool, 1, EventClass::alert}; }

  MemoryStore store;
  TestServer server;
  const KeyPair keys = KeyPair::generate();
  const Uuid agent = Uuid::random();
  HelloSpool spool;
  zmq::context_t context;
  std::optional<zmq::socket_t> socket;
  std::uint64_t session = 0;
};

TEST_F(Hostile, MalformedFramesCostTheSession) {
  std::string damaged = encode_frame(data(1));
  damaged[60] = static_cast<char>(damaged[60] ^ 1);
  Frame wrong_spool = data(1), wrong_epoch = data(1), welcome, none = data(1);
  wrong_spool.spool = 9;
  wrong_epoch.epoch = 5;
  welcome.type = FrameType::welcome;
  none.sequence = 0;
  std::uint64_t expected = 0;
  for (int kind = 0; kind < 9; ++kind) {
    start_session();
    for (Frame* f : {&wrong_spool, &wrong_epoch, &welcome, &none}) f->session = session;
    Frame short_beat;
    short_beat.type = FrameType::beat;
    short_beat.session = session;
    const std::string bytes[] = {"",
                                 "garbage",
                                 damaged,
                                 encode_frame(wrong_spool),
                                 encode_frame(wrong_epoch),
                                 encode_frame(welcome),
                                 encode_frame(none),
                                 encode_frame(data(UINT64_MAX)),
                                 encode_frame(short_beat)};
    send(bytes[kind]);
    expect_error(SessionError::protocol);
    ASSERT_TRUE(eventually([&] { return server.listener->stats().malformed == expected + 1; }))
        << kind;
    expected = server.listener->stats().malformed;
    EXPECT_EQ(server.listener->stats().sessions, 0U) << kind;
  }
  EXPECT_EQ(store.cursor(stream()), 0U);
}

TEST_F(Hostile, AnotherAgentsIdIsRefused) {
  say_hello(Uuid::random());
  expect_error(SessionError::wrong_agent);
  EXPECT_EQ(server.listener->stats().sessions, 0U);
}

TEST_F(Hostile, SkippedSequencesAreAskedForAndTheCursorStays) {
  start_session();
  send(encode_frame(data(5)));
  const auto nack = receive();
  ASSERT_TRUE(nack && nack->type == FrameType::nack);
  EXPECT_EQ(nack->sequence, 1U);
  send(encode_frame(data(1, 4)));
  const auto ack = receive();
  ASSERT_TRUE(ack && ack->type == FrameType::ack);
  EXPECT_EQ(ack->sequence, 4U);
  EXPECT_EQ(store.cursor(stream()), 4U);
}

TEST_F(Hostile, EachBatchThreeTimesIsStoredOnce) {
  start_session();
  for (std::uint64_t first = 1; first <= 40; first += 4)
    for (int i = 0; i < 3; ++i) send(encode_frame(data(first, 4)));
  ASSERT_TRUE(eventually([&] { return store.cursor(stream()) == 40; }));
  Frame old = data(41);
  old.session = session - 1;
  send(encode_frame(old));
  ASSERT_TRUE(eventually([&] { return server.listener->stats().old_session == 1; }));
  EXPECT_EQ(store.look([&](auto& s) { return s.stored_[stream()]; }), numbers(1, 40));
  EXPECT_EQ(server.listener->stats().duplicates, 20U);
}

// Answers that find the queue to the agent full are not lost: it reads nothing for a while, then
// has to learn what was stored.
TEST_F(Hostile, AcknowledgementsForOneWhoDoesNotReadComeLater) {
  socket->close();
  socket.emplace(make_dealer(context, keys, server.settings.keys.public_key, kMaxFrameAtAgent));
  socket->set(zmq::sockopt::rcvhwm, 1);
  socket->set(zmq::sockopt::rcvbuf, 2048);
  socket->set(zmq::sockopt::rcvtimeo, 5000);
  socket->connect(server.settings.endpoints.front());
  start_session();
  const std::string first = encode_frame(data(1));
  send(first);
  ASSERT_TRUE(eventually([&] { return store.cursor(stream()) == 1; }));
  for (int i = 0; i < 60'000; ++i) send(first);  // each is answered: more than any queue holds
  send(encode_frame(data(2)));
  ASSERT_TRUE(eventually([&] { return store.cursor(stream()) == 2; }, 60s));
  for (;;) {
    const auto frame = receive();
    ASSERT_TRUE(frame) << "the last acknowledgement never came";
    if (frame->type == FrameType::ack && frame->sequence == 2) return;
  }
}

TEST_F(Hostile, SendingWithoutCreditEndsTheSession) {
  store.pause = 500ms;
  start_session();
  for (std::uint64_t n = 1; n <= 8; ++n) send(encode_frame(data(n, 1, 150'000)));
  ASSERT_TRUE(eventually([&] { return server.listener->stats().out_of_window > 0; }));
}

TEST_F(Hostile, RecordDamagedAtTheAgentBecomesAGap) {
  start_session();
  Frame frame = data(1, 2);
  SpoolRecord bad = *make_record(event(EventClass::alert), json(3), Codec::plain);
  bad.body[50] = static_cast<char>(bad.body[50] ^ 1);  // flipped after its checksum was made
  append_record(frame.body, bad);
  frame.count = 3;
  send(encode_frame(frame));
  ASSERT_TRUE(eventually([&] { return store.cursor(stream()) == 3; }));
  EXPECT_EQ(store.look([](auto& s) { return s.gaps_.at(0).second; }),
            (SpoolGap{EventClass::alert, 3, 3, GapReason::damaged}));
}

TEST_F(Hostile, FrameAboveTheLimitEndsTheConnection) {
  start_session();
  send(std::string(kMaxFrameAtServer + 1, 'x'));
  std::this_thread::sleep_for(200ms);
  connect();
  start_session();  // the server lives on
  EXPECT_EQ(server.listener->stats().malformed, 0U);
}

}  // namespace
}  // namespace chieng
