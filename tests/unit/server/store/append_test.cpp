#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>

#include "server/store/sqlite.h"
#include "tests/unit/server/store/store_fixture.h"

namespace chieng::server {
namespace {

using AppendTest = StoreTest;

std::vector<StoredEvent> all_events(Store& store) {
  return *store.events_after(everything(), {}, 100'000);
}

TEST_F(AppendTest, StoresBytesAndEnvelopeAsTheyCame) {
  AgentBatch one = batch({alert(1, now(), "203.0.113.1", "10.0.0.1", 7)});
  one.events[0].json = R"({"event_type":"alert","long":")" + std::string(5000, 'x') + "\"}";
  one.events[0].envelope.rule_set = "abcd";
  one.clock_offset_ms = -12;
  put(one);
  const auto events = all_events(*store);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].json, one.events[0].json);
  EXPECT_EQ(events[0].envelope.count, 7U);
  EXPECT_EQ(events[0].envelope.rule_set, "abcd");
  EXPECT_EQ(events[0].clock_offset_ms, -12);
  EXPECT_EQ(events[0].id, make_event_id(agent, {spool, 1, EventClass::alert, 1}));
  const auto by_id = store->event(everything(), events[0].id);
  ASSERT_TRUE(by_id);
  EXPECT_EQ(by_id->agency.name, "Xã Một");
  EXPECT_EQ(by_id->agent_name, "may-mot");
}

TEST_F(AppendTest, ReplayedBatchesChangeNothing) {
  const AgentBatch one = batch(
      {alert(1, now(), "203.0.113.1", "10.0.0.1"), alert(2, now(), "203.0.113.1", "10.0.0.1")});
  for (int i = 0; i < 3; ++i) {
    const auto stored = store->append(std::span(&one, 1));
    ASSERT_TRUE(stored);
    EXPECT_EQ((*stored)[0].committed, 2U);
    EXPECT_EQ((*stored)[0].stored, i == 0 ? 2U : 0U);
    reopen();
  }
  EXPECT_EQ(all_events(*store).size(), 2U);
}

TEST_F(AppendTest, HolesAreNotPassedAndLossesAreKept) {
  AgentBatch one = batch(
      {alert(1, now(), "203.0.113.1", "10.0.0.1"), alert(5, now(), "203.0.113.1", "10.0.0.1")});
  EXPECT_EQ((*store->append(std::span(&one, 1)))[0].committed, 1U);
  one.lost = {{2, 4, "evicted"}, {6, 9, "damaged"}};
  EXPECT_EQ((*store->append(std::span(&one, 1)))[0].committed, 9U);
  EXPECT_EQ((*store->append(std::span(&one, 1)))[0].committed, 9U);
  EXPECT_EQ(all_events(*store).size(), 2U);
  const auto figures =
      store->day_figures(everything(), now() + -7'200'000'000, now() + 7'200'000'000);
  ASSERT_TRUE(figures);
  EXPECT_EQ(figures->events_lost, 7U);
  EXPECT_EQ(figures->events_received, 2U);
}

TEST_F(AppendTest, CursorsAreCarriedIntoTheNextDayAndPositionsGoOn) {
  AgentBatch one = batch({alert(1, now(), "203.0.113.1", "10.0.0.1")});
  put(one);
  one.received = now() + 86'400'000'000;
  one.events.push_back(alert(2, now(), "203.0.113.1", "10.0.0.1"));
  put(one);
  reopen();
  EXPECT_EQ((*store->append(std::span(&one, 1)))[0].stored, 0U);
  // a clock that steps back does not go back to an older file
  one.received = now();
  one.events.push_back(alert(3, now(), "203.0.113.1", "10.0.0.1"));
  put(one);
  const auto events = all_events(*store);
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[2].ref.day, events[1].ref.day);
  EXPECT_EQ(events[1].ref.day, events[0].ref.day + 1);
  EXPECT_EQ(groups()[0].count, 3U);
}

TEST_F(AppendTest, OldDaysGoAsWholeFilesButNeverTheNewest) {
  AgentBatch one = batch({alert(1, now(), "203.0.113.1", "10.0.0.1")});
  put(one);
  one.received = now() + 86'400'000'000;
  one.events = {alert(2, now(), "203.0.113.1", "10.0.0.1")};
  put(one);
  ASSERT_TRUE(store->drop_events_before(INT32_MAX));
  EXPECT_EQ(all_events(*store).size(), 1U);
  const auto left = store->group_events(everything(), groups()[0].id, {});
  ASSERT_TRUE(left);
  EXPECT_EQ(left->total, 0U);
  reopen();
  EXPECT_EQ((*store->cursors(agent))[0].committed, 2U);
}

TEST_F(AppendTest, ASecondProcessIsRefused) {
  const auto second = open_store({folder});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::unavailable);
}

// The child dies by SIGKILL after the events' commit and before the groups'. What it promised is
// there, and the groups catch up.
TEST_F(AppendTest, KilledBetweenTheCommitsNothingIsLostOrCountedTwice) {
  store.reset();
  for (std::uint64_t round = 0; round < 5; ++round) {
    const pid_t child = ::fork();
    if (child == 0) {
      auto mine = open_store({folder});
      if (!mine) ::_exit(1);
      std::vector<IncomingEvent> events;
      for (std::uint64_t i = 0; i < 10; ++i)
        events.push_back(alert(round * 10 + i + 1, now(), "203.0.113.1", "10.0.0.1", 3));
      const AgentBatch one = batch(std::move(events));
      if (!(*mine)->append(std::span(&one, 1))) ::_exit(2);
      if (round % 2 == 1 && !Correlator::step(**mine)) ::_exit(3);
      ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << WEXITSTATUS(status);
  }
  reopen();
  EXPECT_EQ((*store->cursors(agent))[0].committed, 50U);
  group_all();
  group_all();
  ASSERT_EQ(groups().size(), 1U);
  EXPECT_EQ(groups()[0].count, 150U);
  EXPECT_EQ(groups()[0].rows, 50U);
}

// Agents wait for the events' commit only: whatever holds core.db (groups of a backlog, a long
// transaction) does not hold them up.
TEST_F(AppendTest, StoresWhileTheGroupsAreBeingWritten) {
  auto groups_writer = sql::Connection::open(folder / "core.db", sql::Connection::Mode::write);
  ASSERT_TRUE(groups_writer);
  const auto held = sql::Transaction::begin(**groups_writer);
  ASSERT_TRUE(held);
  const AgentBatch one = batch({alert(1, now(), "203.0.113.1", "10.0.0.1")});
  const auto begin = std::chrono::steady_clock::now();
  const auto stored = store->append(std::span(&one, 1));
  ASSERT_TRUE(stored) << stored.error().message();
  EXPECT_EQ((*stored)[0].committed, 1U);
  EXPECT_EQ((*store->cursors(agent))[0].committed, 1U);
  // a lock would be waited for 5 s
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(4));
}

// A file that cannot grow is a full disk: nothing is promised, reading goes on, and with room it
// continues.
TEST_F(AppendTest, FullDiskPromisesNothingAndRecovers) {
  put(batch({alert(1, now(), "203.0.113.1", "10.0.0.1")}));
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  std::vector<IncomingEvent> events;
  for (std::uint64_t i = 2; i < 3000; ++i) {
    events.push_back(alert(i, now(), "203.0.113.1", "10.0.0.1"));
    for (int k = 0; k < 100; ++k) events.back().json += to_string(Uuid::random());
  }
  const AgentBatch one = batch(std::move(events));
  const rlimit tiny{1'000'000, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &tiny);
  const auto refused = store->append(std::span(&one, 1));
  const auto seen = groups();
  ::setrlimit(RLIMIT_FSIZE, &before);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::no_space) << refused.error().message();
  EXPECT_EQ(seen.size(), 1U);
  EXPECT_EQ((*store->cursors(agent))[0].committed, 1U);
  const auto stored = store->append(std::span(&one, 1));
  ASSERT_TRUE(stored) << stored.error().message();
  EXPECT_EQ((*stored)[0].committed, 2999U);
}

}  // namespace
}  // namespace chieng::server
