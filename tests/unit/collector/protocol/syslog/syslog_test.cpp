#include "collector/protocol/syslog/syslog.h"

#include <gtest/gtest.h>

#include "core/bytes/bytes.h"

namespace chieng::collector {
namespace {

Probe probe(std::string_view text, bool hint = true) {
  return kSyslog.probe(Direction::to_server, as_bytes(text), hint);
}

TEST(Syslog, ThePriorityTells) {
  EXPECT_EQ(probe("<34>Oct 11 22:14:15 host su: failed"), Probe::yes);
  EXPECT_EQ(probe("<191>1 2026-01-01T00:00:00Z h a - - -"), Probe::yes);
  EXPECT_EQ(probe("83 <34>1 2026"), Probe::yes);
  EXPECT_EQ(probe("<192>x"), Probe::no);
  EXPECT_EQ(probe("<>x"), Probe::no);
  EXPECT_EQ(probe("<3"), Probe::maybe);
  EXPECT_EQ(probe("GET / HTTP/1.1"), Probe::no);
  EXPECT_EQ(probe("<34>x", false), Probe::no);
  EXPECT_EQ(kSyslog.probe(Direction::to_client, as_bytes(std::string_view("<34>x")), true),
            Probe::no);
}

}  // namespace
}  // namespace chieng::collector
