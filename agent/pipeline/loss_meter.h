// How much of its traffic an interface's capture lost: since the start, in the interval since the
// last report, and in the worst minute.
#pragma once

#include <cstdint>

#include "core/time/timestamp.h"

namespace chieng::agent {

// Totals since the start; they never go back.
struct LossCounts {
  std::uint64_t received = 0;    // by the capture; AF_PACKET counts what it dropped in here as well
  std::uint64_t dropped = 0;     // of those: the ring was full
  std::uint64_t if_dropped = 0;  // never reached the capture: card or driver

  [[nodiscard]] std::uint64_t seen() const { return received - dropped; }
  [[nodiscard]] std::uint64_t lost() const { return dropped + if_dropped; }
  // Of what came to the interface, millionths that nobody looked at.
  [[nodiscard]] std::uint32_t loss_ppm() const;
  LossCounts& operator+=(const LossCounts& more) {
    received += more.received, dropped += more.dropped, if_dropped += more.if_dropped;
    return *this;
  }
  friend LossCounts operator-(const LossCounts& a, const LossCounts& b) {
    return {a.received - b.received, a.dropped - b.dropped, a.if_dropped - b.if_dropped};
  }
};

struct LossMinute {
  Timestamp begin;
  LossCounts counts;
};

// One an interface. Minutes begin on the clock's full minutes; that of a packet is the one in which
// it was counted, so the caller updates every second or so. One thread.
class LossMeter {
 public:
  void update(Timestamp now, const LossCounts& totals);
  [[nodiscard]] const LossCounts& totals() const { return totals_; }
  // With the highest share lost, the one that runs included; unset begin: nothing was ever lost.
  [[nodiscard]] LossMinute worst_minute() const;
  // Since the last call.
  [[nodiscard]] LossCounts take_interval();

 private:
  LossCounts totals_, interval_base_, minute_base_;
  Timestamp minute_;
  LossMinute worst_;  // of those that ended
};

}  // namespace chieng::agent
