#include "transport/listener/stream.h"

#include <algorithm>

namespace chieng {

void IngestStream::start(std::uint64_t committed) {
  nacked_ = 0;
  starved_until_ = {};
  owes_ack_ = owes_nack_ = false;
  if (!waiting_.empty()) {
    committed_ = std::max(committed_, committed);
    return;
  }
  committed_ = committed;
  expected_ = committed + 1;
  failing_ = false;
}

IngestStream::Place IngestStream::place(std::uint64_t first, std::uint64_t last) const {
  if (last <= committed_) return Place::known;
  if (failing_) return Place::waiting;
  if (last < expected_) return Place::waiting;
  return first > expected_ ? Place::beyond : Place::next;
}

void IngestStream::submitted(std::uint64_t first, std::uint64_t last, std::uint64_t bytes) {
  waiting_.push_back({first, last, bytes});
  bytes_ += bytes;
  expected_ = last + 1;
}

std::uint64_t IngestStream::done(const BatchDone& done) {
  const auto found = std::ranges::find_if(
      waiting_, [&](const Waiting& w) { return w.first == done.first && w.last == done.last; });
  if (found == waiting_.end()) return 0;
  const std::uint64_t bytes = found->bytes;
  waiting_.erase(found);
  bytes_ -= bytes;
  committed_ = std::max(committed_, done.committed);
  failing_ = failing_ || !done.stored;
  if (waiting_.empty()) {
    if (failing_) expected_ = committed_ + 1;
    failing_ = false;
  }
  return bytes;
}

bool IngestStream::feed(Clock::time_point now) {
  if (!starved() || now < starved_until_ || failing_) return false;
  starved_until_ = {};
  nacked_ = 0;
  return true;
}

}  // namespace chieng
