#include "agent/pipeline/loss_meter.h"

#include <gtest/gtest.h>

namespace chieng::agent {
namespace {

constexpr Timestamp at(std::int64_t seconds) {
  return Timestamp::from_seconds(1'700'000'040 + seconds);  // a full minute, and on
}

TEST(LossMeter, DroppedPacketsAreAmongTheReceivedAndInterfaceDropsAreNot) {
  const LossCounts counts{.received = 800, .dropped = 100, .if_dropped = 200};
  EXPECT_EQ(counts.seen(), 700u);
  EXPECT_EQ(counts.lost(), 300u);
  EXPECT_EQ(counts.loss_ppm(), 300'000u) << "300 of the 1000 that came";
  EXPECT_EQ(LossCounts{}.loss_ppm(), 0u);
  EXPECT_EQ((LossCounts{.received = 0, .dropped = 0, .if_dropped = 5}).loss_ppm(), 1'000'000u);
}

TEST(LossMeter, TheWorstMinuteIsKeptWhenBetterOnesFollow) {
  LossMeter meter;
  meter.update(at(0), {.received = 0, .dropped = 0, .if_dropped = 0});
  meter.update(at(10), {.received = 1000, .dropped = 10, .if_dropped = 0});
  EXPECT_EQ(meter.worst_minute().begin, at(0)) << "while it runs";
  meter.update(at(61), {.received = 2000, .dropped = 510, .if_dropped = 0});
  meter.update(at(119), {.received = 3000, .dropped = 510, .if_dropped = 0});
  meter.update(at(150), {.received = 9000, .dropped = 520, .if_dropped = 0});
  const LossMinute worst = meter.worst_minute();
  EXPECT_EQ(worst.begin, at(60));
  EXPECT_EQ(worst.counts.received, 2000u);
  EXPECT_EQ(worst.counts.dropped, 500u);
  EXPECT_EQ(worst.counts.loss_ppm(), 250'000u);
}

TEST(LossMeter, AnIntervalIsWhatCameSinceTheLastOne) {
  LossMeter meter;
  meter.update(at(0), {.received = 100, .dropped = 1, .if_dropped = 0});
  EXPECT_EQ(meter.take_interval().received, 100u);
  meter.update(at(30), {.received = 150, .dropped = 6, .if_dropped = 2});
  const LossCounts interval = meter.take_interval();
  EXPECT_EQ(interval.received, 50u);
  EXPECT_EQ(interval.dropped, 5u);
  EXPECT_EQ(interval.if_dropped, 2u);
  EXPECT_EQ(meter.take_interval().received, 0u);
}

}  // namespace
}  // namespace chieng::agent
