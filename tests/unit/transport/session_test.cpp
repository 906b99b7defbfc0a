#include "tests/unit/transport/session_kit.h"

namespace chieng {
namespace {

using namespace test;

class Session : public ::testing::Test {
 protected:
  Session() : server(store), writer(open_writer(folder.path() / "spool", roomy())) {}
  static SpoolSettings roomy() {
    SpoolSettings s = small_spool();
    s.segment_bytes = 65'536;
    s.total_bytes = 64U << 20;
    s.sync_to_disk = false;
    return s;
  }
  void enroll_and_start() {
    server.start();
    server.enroll(keys.public_key, agent_id);
    agent = std::make_unique<TestAgent>(server, folder.path() / "spool", agent_id, keys);
    agent->start();
  }
  StreamId stream(EventClass lane) const {
    return {agent_id, writer.spool(), writer.epoch(), lane};
  }
  bool committed(EventClass lane, std::uint64_t sequence, std::chrono::milliseconds within = 20s) {
    return eventually([&] { return store.cursor(stream(lane)) >= sequence; }, within);
  }
  void expect_each_once(EventClass lane, std::uint64_t last) {
    EXPECT_EQ(store.look([&](auto& s) { return s.stored_[stream(lane)]; }), numbers(1, last));
  }

  const TempFolder folder;
  MemoryStore store;
  TestServer server;
  SpoolWriter writer;
  const KeyPair keys = KeyPair::generate();
  const Uuid agent_id = Uuid::random();
  std::unique_ptr<TestAgent> agent;
};

TEST_F(Session, EventsArriveOnceInOrderWithTheirBytes) {
  fill(writer, EventClass::alert, 500, 50);
  fill(writer, EventClass::metadata, 500, 50);
  enroll_and_start();
  ASSERT_TRUE(committed(EventClass::metadata, 500));
  ASSERT_TRUE(committed(EventClass::alert, 500));
  fill(writer, EventClass::alert, 100);  // while connected
  ASSERT_TRUE(committed(EventClass::alert, 600));
  expect_each_once(EventClass::alert, 600);
  expect_each_once(EventClass::metadata, 500);
  store.look([&](auto& s) {
    for (std::uint64_t n = 1; n <= 500; ++n)
      EXPECT_EQ(s.json_[stream(EventClass::alert)][n - 1], json(n, 50));
    EXPECT_EQ(s.out_of_order_, 0);
    EXPECT_EQ(s.ups_.at(0).version, "0.1.0-test");
    return 0;
  });
  // The writer is told, and frees what the server has.
  std::uint64_t told = 0;
  EXPECT_TRUE(eventually([&] {
    while (const auto ack = agent->channel.receiver.receive()) {
      EXPECT_TRUE(writer.acknowledge(ack->lane, ack->sequence));
      if (ack->lane == EventClass::alert) told = ack->sequence;
    }
    return told == 600;
  }));
  EXPECT_EQ(writer.stats().acknowledged[0], 600U);
}

TEST_F(Session, BeatsCarryHealthAndMeasureTheClock) {
  enroll_and_start();
  ASSERT_TRUE(eventually([&] { return store.look([](auto& s) { return s.beats_.size(); }) >= 3; }));
  const AgentBeat beat = store.look([](auto& s) { return s.beats_.back(); });
  EXPECT_EQ(beat.json, "{\"ok\":true}");
  EXPECT_EQ(beat.agent, agent_id);
  EXPECT_TRUE(beat.clock_measured);
  EXPECT_LT(std::abs(beat.clock_offset_us), 1'000'000);
  EXPECT_GE(beat.round_trip_us, 0);
  const ClientStatus status = agent->status();
  EXPECT_EQ(status.state, ClientState::connected);
  EXPECT_EQ(status.server, server.settings.identity.server);
}

TEST_F(Session, ServerRestartsUnderLoadWithoutLossOrDoubling) {
  store.pause = 2ms;
  server.settings.lane_credit = 32'768;
  fill(writer, EventClass::alert, 3000, 200, 50);
  enroll_and_start();
  for (const std::uint64_t at : {200, 700, 1500}) {
    ASSERT_TRUE(committed(EventClass::alert, at));
    server.listener->stop();
    server.listener.reset();
    server.start();
  }
  ASSERT_TRUE(committed(EventClass::alert, 3000));
  expect_each_once(EventClass::alert, 3000);
  EXPECT_GE(agent->status().connects, 2U);
}

TEST_F(Session, AgentRestartsUnderLoadWithoutLossOrDoubling) {
  store.pause = 1ms;
  fill(writer, EventClass::alert, 2000, 200, 50);
  enroll_and_start();
  for (const std::uint64_t at : {100, 600, 1200}) {
    ASSERT_TRUE(committed(EventClass::alert, at));
    agent->stop();
    agent = std::make_unique<TestAgent>(server, folder.path() / "spool", agent_id, keys);
    agent->start();
  }
  ASSERT_TRUE(committed(EventClass::alert, 2000));
  expect_each_once(EventClass::alert, 2000);
}

TEST_F(Session, SlowStoreLowersCreditAndNobodyIsCut) {
  store.pause = 20ms;
  store.queue_limit = 2;
  fill(writer, EventClass::metadata, 1000, 500, 50);
  enroll_and_start();
  ASSERT_TRUE(committed(EventClass::metadata, 1000, 60s));
  expect_each_once(EventClass::metadata, 1000);
  EXPECT_GT(store.look([](auto& s) { return s.refused_; }), 0);
  EXPECT_EQ(agent->status().connects, 1U);
  EXPECT_EQ(server.listener->stats().malformed, 0U);
}

TEST_F(Session, FailedCommitIsSentAgain) {
  int left = 3;
  store.fails = [&](const Batch& batch) { return batch.last > 100 && left > 0 && left-- > 0; };
  fill(writer, EventClass::alert, 600, 200, 50);
  enroll_and_start();
  ASSERT_TRUE(committed(EventClass::alert, 600));
  expect_each_once(EventClass::alert, 600);
  EXPECT_EQ(store.look([](auto& s) { return s.failed_; }), 3);
}

TEST_F(Session, AlertsOvertakeBulk) {
  store.pause = 5ms;
  fill(writer, EventClass::metadata, 2000, 1000, 100);
  enroll_and_start();
  ASSERT_TRUE(committed(EventClass::metadata, 20));
  fill(writer, EventClass::alert, 1);
  ASSERT_TRUE(committed(EventClass::alert, 1));
  EXPECT_LT(store.cursor(stream(EventClass::metadata)), 2000U);
}

TEST_F(Session, GapsAreToldExactly) {
  fill(writer, EventClass::alert, 400, 2000, 10);
  std::vector<std::filesystem::path> files = segment_files(folder.path() / "spool");
  ASSERT_GT(files.size(), 4U);
  const auto second = decode_segment_header(as_bytes(*read_file(files[1])));
  const auto third = decode_segment_header(as_bytes(*read_file(files[2])));
  std::filesystem::remove(files[1]);
  enroll_and_start();
  ASSERT_TRUE(committed(EventClass::alert, 400));
  store.look([&](auto& s) {
    EXPECT_EQ(s.gaps_.size(), 1U);
    EXPECT_EQ(s.gaps_.at(0).second, (SpoolGap{EventClass::alert, second->next[0],
                                              third->next[0] - 1, GapReason::damaged}));
    EXPECT_EQ(s.stored_[stream(EventClass::alert)].size() + s.gaps_.at(0).second.count(), 400U);
    return 0;
  });
}

TEST_F(Session, RestoredServerGetsAgainWhatIsRetained) {
  fill(writer, EventClass::alert, 300, 100, 20);
  enroll_and_start();
  ASSERT_TRUE(committed(EventClass::alert, 300));
  server.listener->stop();
  server.listener.reset();
  store.set_cursor(stream(EventClass::alert), 120);
  server.settings.identity.generation = 2;
  server.start();
  ASSERT_TRUE(committed(EventClass::alert, 300)) << agent->status().problem;
  EXPECT_EQ(store.look([&](auto& s) { return s.stored_[stream(EventClass::alert)].size(); }),
            300U + 180U);
  EXPECT_TRUE(eventually([&] { return agent->status().server_generation == 2; }));
}

TEST_F(Session, UnknownKeyIsRefusedAndBacksOff) {
  server.start();
  agent = std::make_unique<TestAgent>(server, folder.path() / "spool", agent_id, keys);
  agent->start();
  ASSERT_TRUE(eventually([&] { return agent->status().state == ClientState::refused; }));
  EXPECT_EQ(agent->status().connects, 0U);
  ASSERT_TRUE(eventually([&] { return server.listener->stats().keys_refused > 0; }));
  EXPECT_EQ(server.listener->stats().frames, 0U);
  server.enroll(keys.public_key, agent_id);  // let in at its next try
  fill(writer, EventClass::alert, 3);
  EXPECT_TRUE(committed(EventClass::alert, 3));
}

TEST_F(Session, RevokedKeyLosesItsLiveSessionWithinASecond) {
  fill(writer, EventClass::alert, 10);
  enroll_and_start();
  ASSERT_TRUE(committed(EventClass::alert, 10));
  server.revoke(keys.public_key);
  ASSERT_TRUE(eventually([&] { return server.listener->stats().sessions == 0; }, 1s));
  fill(writer, EventClass::alert, 10);
  ASSERT_TRUE(eventually([&] { return agent->status().state == ClientState::refused; }, 2s));
  std::this_thread::sleep_for(200ms);
  EXPECT_EQ(store.cursor(stream(EventClass::alert)), 10U);
  EXPECT_EQ(store.look([](auto& s) { return s.downs_.at(0); }), AgentDownReason::revoked);
}

TEST_F(Session, NewestSessionWins) {
  fill(writer, EventClass::alert, 5);
  enroll_and_start();
  ASSERT_TRUE(committed(EventClass::alert, 5));
  const TempFolder other_folder;
  SpoolWriter other = open_writer(other_folder.path(), roomy());
  fill(other, EventClass::alert, 5);
  TestAgent twin(server, other_folder.path(), agent_id, keys);
  twin.start();
  const StreamId twins{agent_id, other.spool(), 1, EventClass::alert};
  ASSERT_TRUE(eventually([&] { return store.cursor(twins) == 5; }));
  ASSERT_TRUE(eventually([&] { return server.listener->stats().superseded >= 1; }));
  // Both go on trying with one key: that is seen.
  EXPECT_TRUE(eventually([&] { return store.look([](auto& s) { return s.clones_; }) > 0; }));
  EXPECT_LE(server.listener->stats().sessions, 1U);
}

TEST_F(Session, WrongServerKeyIsNeverTalkedTo) {
  server.start();
  server.enroll(keys.public_key, agent_id);
  agent = std::make_unique<TestAgent>(server, folder.path() / "spool", agent_id, keys);
  agent->settings.server_key = KeyPair::generate().public_key;
  agent->start();
  fill(writer, EventClass::alert, 3);
  ASSERT_TRUE(eventually([&] { return agent->status().state == ClientState::waiting; }));
  EXPECT_NE(agent->status().problem, "");
  EXPECT_EQ(server.listener->stats().frames, 0U);
  EXPECT_EQ(agent->status().connects, 0U);
}

TEST_F(Session, SpoolThatAppearsLater) {
  server.start();
  server.enroll(keys.public_key, agent_id);
  agent = std::make_unique<TestAgent>(server, folder.path() / "later", agent_id, keys);
  agent->start();
  ASSERT_TRUE(eventually([&] { return agent->status().state == ClientState::connected; }));
  SpoolWriter late = open_writer(folder.path() / "later", roomy());
  fill(late, EventClass::health, 4);
  const StreamId id{agent_id, late.spool(), 1, EventClass::health};
  EXPECT_TRUE(eventually([&] { return store.cursor(id) == 4; }));
}

TEST_F(Session, SpoolRestoredFromAnOlderCopyIsToldNotSent) {
  server.start();
  server.enroll(keys.public_key, agent_id);
  fill(writer, EventClass::alert, 3);
  store.set_cursor(stream(EventClass::alert), 50);
  agent = std::make_unique<TestAgent>(server, folder.path() / "spool", agent_id, keys);
  agent->start();
  EXPECT_TRUE(
      eventually([&] { return agent->status().problem.find("older") != std::string::npos; }));
  EXPECT_EQ(agent->status().records_sent, 0U);
}

TEST(ClientSettings_, WrongSettingsAreRefused) {
  ClientSettings s;
  s.endpoint = "ipc:///tmp/x";
  s.agent = Uuid::random();
  const std::atomic<bool> stop{true};
  EXPECT_EQ(Client(std::move(s)).run(stop).error().code, ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace chieng
