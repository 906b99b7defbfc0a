// One lane of one spool at the agent: what is sent next, what is under way, what the server has.
// Pure bookkeeping.
#pragma once

#include <cstdint>
#include <deque>

#include "core/event/envelope.h"

namespace chieng {

class LaneStream {
 public:
  LaneStream(std::size_t spool, EventClass lane) : spool_(spool), lane_(lane) {}

  void start(std::uint64_t committed, std::uint32_t credit) {
    go_back(committed + 1, credit), committed_ = committed;
  }
  // A frame larger than the credit may go when nothing else is under way; nothing goes at credit 0.
  [[nodiscard]] bool may_send(std::size_t bytes) const {
    return credit_ > 0 && (under_way_.empty() || bytes_ + bytes <= credit_);
  }
  void sent(std::uint64_t last, std::size_t bytes) {
    under_way_.push_back({last, bytes});
    bytes_ += bytes;
    next_ = last + 1;
  }
  // How many sequences this acknowledged for the first time.
  std::uint64_t acknowledged(std::uint64_t committed, std::uint32_t credit) {
    credit_ = credit;
    if (committed <= committed_) return 0;
    const std::uint64_t count = committed - committed_;
    committed_ = committed;
    while (!under_way_.empty() && under_way_.front().last <= committed) {
      bytes_ -= under_way_.front().bytes;
      under_way_.pop_front();
    }
    if (next_ <= committed) next_ = committed + 1;
    return count;
  }
  void go_back(std::uint64_t expected, std::uint32_t credit) {
    under_way_.clear();
    bytes_ = 0;
    next_ = expected;
    credit_ = credit;
  }

  [[nodiscard]] std::size_t spool() const { return spool_; }
  [[nodiscard]] EventClass lane() const { return lane_; }
  [[nodiscard]] std::uint64_t next() const { return next_; }
  [[nodiscard]] std::uint64_t committed() const { return committed_; }

 private:
  struct UnderWay {
    std::uint64_t last;
    std::size_t bytes;
  };
  std::size_t spool_;
  EventClass lane_;
  std::uint64_t next_ = 1, committed_ = 0;
  std::uint32_t credit_ = 0;
  std::size_t bytes_ = 0;
  std::deque<UnderWay> under_way_;
};

}  // namespace chieng
