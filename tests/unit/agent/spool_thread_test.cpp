#include "agent/supervisor/spool_thread.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>

#include "transport/spool/reader.h"

namespace chieng::agent {
namespace {

class SpoolThreadTest : public testing::Test {
 protected:
  SpoolThreadTest() {
    folder_ = std::filesystem::temp_directory_path() /
              ("chieng-spool-thread-" + std::to_string(getpid()) + "-" +
               testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder_);
  }
  ~SpoolThreadTest() override { std::filesystem::remove_all(folder_); }

  SpoolWriter open() {
    SpoolSettings settings;
    settings.free_space_floor = 0;
    auto writer = SpoolWriter::open(folder_, settings);
    EXPECT_TRUE(writer) << writer.error().message();
    return std::move(*writer);
  }

  std::filesystem::path folder_;
};

TEST_F(SpoolThreadTest, WhatWasSubmittedBeforeStopIsDurableWithItsCheckpoint) {
  constexpr int kEvents = 5000;
  {
    SpoolThread spool(open(), UniqueFd());
    SpoolSink sink(spool, false);
    Envelope envelope;
    for (int i = 0; i < kEvents; ++i) {
      sink.emit(envelope, "{\"n\":" + std::to_string(i) + "}");
      sink.checkpoint("tail:a", std::to_string(i));
      sink.commit();
    }
    Envelope metadata;
    metadata.event_class = EventClass::metadata;
    sink.emit(metadata, "{}");
    sink.commit();
    spool.stop();
    EXPECT_EQ(spool.stats().lost, 0u);
  }
  auto reader = SpoolReader::open(folder_);
  ASSERT_TRUE(reader);
  ASSERT_TRUE(reader->refresh());
  EXPECT_EQ(reader->range(EventClass::alert).next, kEvents + 1u);
  EXPECT_EQ(reader->range(EventClass::metadata).next, 1u) << "metadata stays here unless asked for";
  EXPECT_EQ(open().last_checkpoint("tail:a"), std::to_string(kEvents - 1));
}

TEST_F(SpoolThreadTest, AcknowledgementsReachTheWriter) {
  auto channel = AckChannel::make();
  ASSERT_TRUE(channel);
  SpoolWriter writer = open();
  const Ack ack{
      .spool = writer.spool(), .epoch = writer.epoch(), .lane = EventClass::alert, .sequence = 1};
  SpoolThread spool(std::move(writer), UniqueFd(dup(channel->receiver.fd())));
  SpoolSink sink(spool, false);
  sink.emit({}, "{}");
  sink.commit();
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (spool.stats().spool.acknowledged[0] < 1 && std::chrono::steady_clock::now() < until) {
    channel->sender.send(ack);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_EQ(spool.stats().spool.acknowledged[0], 1u);
}

}  // namespace
}  // namespace chieng::agent
