#include "server/ingest/plausible.h"

#include <gtest/gtest.h>

#include "server/ingest/ingest.h"

namespace chieng::server {
namespace {

const Timestamp kReceived = *parse_iso("2026-11-23T10:00:00Z");

Placement placed(const char* event, const char* observed, std::int64_t offset = 0,
                 ClockQuality q = ClockQuality::unknown) {
  Envelope e;
  e.event_time = *parse_iso(event);
  e.observed_time = *parse_iso(observed);
  return place(e, kReceived, offset, q);
}

TEST(Plausible, HonestStampsStayWhereTheyAre) {
  const auto p = placed("2026-11-23T09:59:00Z", "2026-11-23T09:59:30Z");
  EXPECT_EQ(p.flags, 0U);
  EXPECT_EQ(to_iso(p.placed).substr(0, 19), "2026-11-23T09:59:00");
}

TEST(Plausible, FarFutureAndEpochArePlacedByObservedTime) {
  for (const char* stamp :
       {"2099-01-01T00:00:00Z", "1970-01-01T00:00:01Z", "1901-01-01T00:00:00Z"}) {
    const auto p = placed(stamp, "2026-11-23T09:59:30Z");
    EXPECT_EQ(p.flags, event_time_implausible) << stamp;
    EXPECT_EQ(to_iso(p.placed).substr(0, 19), "2026-11-23T09:59:30");
  }
}

TEST(Plausible, AnAgentsImpossibleClockGivesWayToTheServers) {
  const auto p = placed("2099-01-01T00:00:00Z", "2099-01-01T00:00:00Z");
  EXPECT_EQ(p.flags, event_time_implausible | observed_time_implausible);
  EXPECT_EQ(p.placed, kReceived);
}

TEST(Plausible, AKnownOffsetIsTakenOff) {
  const auto p = placed("2026-11-23T12:59:00Z", "2026-11-23T12:59:30Z", -3 * 3'600'000'000LL,
                        ClockQuality::suspect);
  EXPECT_EQ(p.flags, 0U);
  EXPECT_EQ(to_iso(p.placed).substr(0, 19), "2026-11-23T09:59:00");
}

TEST(Plausible, OrderNeverRunsAheadOfTheServer) {
  EXPECT_EQ(placed("2026-11-23T10:05:00Z", "2026-11-23T10:05:00Z").placed, kReceived);
}

TEST(Plausible, SpooledEventsAreLateNotWrong) {
  EXPECT_EQ(placed("2026-11-02T09:59:00Z", "2026-11-02T09:59:30Z").flags, event_late);
}

TEST(Plausible, ExtremeNumbersDoNotOverflow) {
  for (const std::int64_t t : {INT64_MIN, INT64_MAX, std::int64_t{0}, std::int64_t{-1}})
    for (const std::int64_t offset : {INT64_MIN, INT64_MAX, std::int64_t{0}}) {
      Envelope e;
      e.event_time = e.observed_time = {t};
      EXPECT_EQ(place(e, kReceived, offset, ClockQuality::suspect).placed, kReceived);
    }
}

TEST(Beat, UnknownAndWrongMembersStayUnset) {
  const auto facts = facts_of_beat(
      R"({"version":"1.2","rules":{"loaded":3,"failed":-1,"hash":"ab"},"spool":{"bytes":10,)"
      R"("oldest":"2026-11-23T09:00:00Z"},"counters":{"packets":"x","alerts":18446744073709551615}})");
  EXPECT_EQ(facts.version, "1.2");
  EXPECT_EQ(facts.rules_loaded, 3U);
  EXPECT_FALSE(facts.rules_failed);
  EXPECT_FALSE(facts.packets);
  EXPECT_EQ(facts.alerts, static_cast<std::uint64_t>(INT64_MAX));
  EXPECT_TRUE(facts.spool_oldest);
  for (const char* junk : {"", "[]", "{", "null", R"({"rules":[],"spool":7,"counters":null})"})
    EXPECT_FALSE(facts_of_beat(junk).packets);
}

}  // namespace
}  // namespace chieng::server
