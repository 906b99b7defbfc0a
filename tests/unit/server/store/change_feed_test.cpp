#include "server/store/change_feed.h"

#include <gtest/gtest.h>

#include <thread>

namespace chieng::server {
namespace {

TEST(ChangeFeed, GivesWhatCameAfterANumber) {
  ChangeFeed feed(3);
  EXPECT_TRUE(feed.after(0).changes.empty());
  for (const char* id : {"a", "b", "c"}) feed.publish(ChangeKind::group, id);
  const auto batch = feed.after(1);
  EXPECT_FALSE(batch.missed);
  ASSERT_EQ(batch.changes.size(), 2U);
  EXPECT_EQ(batch.changes[0].id, "b");
  EXPECT_EQ(batch.newest, 3U);
}

TEST(ChangeFeed, SaysWhatTheRingHasDropped) {
  ChangeFeed feed(3);
  for (int i = 0; i < 5; ++i) feed.publish(ChangeKind::agent, std::to_string(i));
  EXPECT_FALSE(feed.after(2).missed);
  EXPECT_TRUE(feed.after(1).missed);
  EXPECT_TRUE(feed.after(99).missed);  // a number of another process
}

TEST(ChangeFeed, ManyAtOnceWakeOnce) {
  ChangeFeed feed(3);
  int woken = 0;
  feed.subscribe([&] { ++woken; });
  feed.publish(ChangeKind::group, std::vector<std::string>{"a", "b", "c", "d"});
  EXPECT_EQ(woken, 1);
  EXPECT_TRUE(feed.after(0).missed);
  EXPECT_EQ(feed.after(1).changes.size(), 3U);
  EXPECT_EQ(feed.newest(), 4U);
}

TEST(ChangeFeed, WakesWaitersAndListeners) {
  ChangeFeed feed;
  int calls = 0;
  const auto id = feed.subscribe([&] { ++calls; });
  std::thread other([&] { feed.publish(ChangeKind::incident, "x"); });
  EXPECT_EQ(feed.wait(0, std::chrono::seconds(10)).changes.size(), 1U);
  other.join();
  EXPECT_EQ(calls, 1);
  feed.unsubscribe(id);
  feed.publish(ChangeKind::incident, "y");
  EXPECT_EQ(calls, 1);
  feed.close();
  EXPECT_TRUE(feed.wait(feed.newest(), std::chrono::seconds(10)).closed);
}

}  // namespace
}  // namespace chieng::server
