#include "server/ingest/ingest.h"

#include <condition_variable>

#include "server/ingest/enrolment.h"
#include "tests/unit/server/store/store_fixture.h"

namespace chieng::server {
namespace {

class IngestTest : public StoreTest {
 protected:
  Batch incoming(std::uint64_t first, std::uint64_t last) {
    Batch out;
    out.stream = {agent, spool, 1, EventClass::alert};
    out.agency = agency;
    out.first = first;
    out.last = last;
    out.received_us = now().micros;
    for (std::uint64_t i = first; i <= last; ++i) {
      IncomingEvent e = alert(i, now(), "203.0.113.1", "10.0.0.1", 2);
      out.events.push_back({i, e.envelope, e.json});
    }
    return out;
  }
  BatchDoneSink sink() {
    return [this](const BatchDone& done) {
      const std::lock_guard lock(mutex);
      answers.push_back(done);
      answered.notify_all();
    };
  }
  bool wait_for(std::size_t n) {
    std::unique_lock lock(mutex);
    return answered.wait_for(lock, std::chrono::seconds(20), [&] { return answers.size() >= n; });
  }
  std::mutex mutex;
  std::condition_variable answered;
  std::vector<BatchDone> answers;
};

TEST_F(IngestTest, EachBatchIsAnsweredOnceAfterItsCommit) {
  int stored = 0;
  Ingest ingest(*store, {.stored = [&] { ++stored; }, .broken = {}});
  EXPECT_EQ(ingest.committed({agent, spool, 1, EventClass::alert}), 0U);
  for (std::uint64_t i = 0; i < 20; ++i)
    ASSERT_TRUE(ingest.submit(incoming(i * 5 + 1, i * 5 + 5), sink()));
  ingest.start();
  ASSERT_TRUE(wait_for(20));
  ingest.stop();
  for (const BatchDone& done : answers) {
    EXPECT_TRUE(done.stored);
    EXPECT_GE(done.committed, done.last);
  }
  EXPECT_EQ(stored, 1);  // what waited went into one commit
  EXPECT_EQ(ingest.committed({agent, spool, 1, EventClass::alert}), 100U);
  EXPECT_FALSE(ingest.submit(incoming(101, 101), sink()));
  group_all();
  EXPECT_EQ(groups()[0].count, 200U);
}

TEST_F(IngestTest, AHoleIsSentBackAndADuplicateIsAcknowledged) {
  Ingest ingest(*store, {});
  ingest.start();
  ASSERT_TRUE(ingest.submit(incoming(1, 3), sink()));
  ASSERT_TRUE(wait_for(1));
  ASSERT_TRUE(ingest.submit(incoming(6, 7), sink()));
  ASSERT_TRUE(ingest.submit(incoming(2, 3), sink()));
  ASSERT_TRUE(wait_for(3));
  EXPECT_FALSE(answers[1].stored);
  EXPECT_EQ(answers[1].committed, 3U);
  EXPECT_TRUE(answers[2].stored);
  EXPECT_EQ(answers[2].committed, 3U);
}

TEST_F(IngestTest, SignsOfLifeAreGathered) {
  Ingest ingest(*store, {});
  ingest.on_up({agent, agency, 1, Uuid{}, "0.1.0", "", "abcd", "10.1.1.1"});
  AgentBeat beat;
  beat.agent = agent;
  beat.received_us = now().micros;
  beat.json = R"({"counters":{"packets":5}})";
  beat.clock_measured = true;
  beat.clock_offset_us = 5'000'000;
  ingest.on_beat(beat);
  EXPECT_EQ(store->agent(everything(), agent, now())->status, AgentStatus::never);
  ASSERT_TRUE(ingest.flush_beats());
  const Agent known = *store->agent(everything(), agent, now());
  EXPECT_EQ(known.status, AgentStatus::alive);
  EXPECT_EQ(known.facts.version, "0.1.0");
  EXPECT_EQ(known.facts.address, "10.1.1.1");
  EXPECT_EQ(known.facts.packets, 5U);
  EXPECT_EQ(known.facts.clock_offset_ms, 5000);
  EXPECT_EQ(known.facts.clock_quality, ClockQuality::suspect);
}

TEST_F(IngestTest, EnrolmentPublishesKeysAndRevocationTakesThemBack) {
  KeyDirectory directory;
  Enrolment enrolment(*store, directory, "tcp://127.0.0.1:7801");
  const KeyPair keys = KeyPair::generate();
  ASSERT_TRUE(store->add_enrol_token(
      everything(), kTester, {"fresh", agency, now(), now() + 60'000'000, Timestamp{}, ""}));
  const auto reply = enrolment.redeem({"fresh", keys.public_key, "may-moi", "{}", "127.0.0.1"});
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->agency, agency);
  EXPECT_EQ(reply->server, store->server_id());
  EXPECT_EQ(directory.find(keys.public_key)->agent, reply->agent);
  EXPECT_EQ(enrolment.redeem({"fresh", keys.public_key, "may-moi", "{}", ""})->agent, reply->agent);
  EXPECT_EQ(enrolment.redeem({"fresh", KeyPair::generate().public_key, "x", "{}", ""}).error(),
            EnrollRefusal::used);
  EXPECT_EQ(enrolment.redeem({"none", KeyPair::generate().public_key, "x", "{}", ""}).error(),
            EnrollRefusal::unknown_token);
  ASSERT_TRUE(store->revoke_agent(everything(), kTester, reply->agent));
  ASSERT_TRUE(enrolment.publish_keys());
  EXPECT_FALSE(directory.find(keys.public_key));
}

}  // namespace
}  // namespace chieng::server
