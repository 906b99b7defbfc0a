// One stream of an agent (spool, epoch, lane) at the server: which sequence comes next, what the
// store still has to answer. Pure bookkeeping, no sockets. Lives from the agent's HELLO until its
// session is over and the store has answered everything.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>

#include "transport/listener/ingest.h"

namespace chieng {

class IngestStream {
 public:
  using Clock = std::chrono::steady_clock;
  enum class Place : std::uint8_t { known, waiting, next, beyond };

  // The store's cursor at HELLO; kept where batches are still under way.
  void start(std::uint64_t committed);
  [[nodiscard]] Place place(std::uint64_t first, std::uint64_t last) const;
  void submitted(std::uint64_t first, std::uint64_t last, std::uint64_t bytes);
  // The bytes that the batch held; 0 for one that is not known.
  std::uint64_t done(const BatchDone& done);

  [[nodiscard]] std::uint64_t committed() const { return committed_; }
  [[nodiscard]] std::uint64_t expected() const { return expected_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] bool idle() const { return waiting_.empty(); }
  [[nodiscard]] bool failing() const { return failing_; }

  // One NACK for one expected sequence, until something moves: frames under way would otherwise
  // each ask for a resend.
  [[nodiscard]] bool should_nack() const { return nacked_ != expected_; }
  void nacked() { nacked_ = expected_; }
  // No credit until then.
  void starve(Clock::time_point until) { starved_until_ = until; }
  [[nodiscard]] bool starved() const { return starved_until_ != Clock::time_point{}; }
  // An answer that found no room in the socket's queue is given later, or the agent would wait for
  // it until something else moves.
  void owe(bool nack, bool owed) { (nack ? owes_nack_ : owes_ack_) = owed; }
  [[nodiscard]] bool owes(bool nack) const { return nack ? owes_nack_ : owes_ack_; }
  // True once, when the time has come to let the agent send again.
  [[nodiscard]] bool feed(Clock::time_point now);

 private:
  struct Waiting {
    std::uint64_t first, last, bytes;
  };
  std::uint64_t committed_ = 0, expected_ = 1, bytes_ = 0, nacked_ = 0;
  bool failing_ = false;  // a batch was not stored; those after it will not be either
  bool owes_ack_ = false, owes_nack_ = false;
  Clock::time_point starved_until_{};
  std::deque<Waiting> waiting_;
};

}  // namespace chieng
