// Acknowledged positions from the shipper back to the spool's writer, over a socket pair that the
// supervisor makes. A message is one small datagram; positions are cumulative, so a message lost to
// a full buffer costs nothing.
#pragma once

#include <optional>
#include <utility>

#include "core/error/result.h"
#include "core/event/envelope.h"
#include "core/file/file.h"

namespace chieng {

struct Ack {
  Uuid spool;
  std::uint64_t epoch = 1;
  EventClass lane = EventClass::alert;
  std::uint64_t sequence = 0;  // everything up to it, included, was committed by the server
};

class AckSender {  // the shipper's end; never blocks
 public:
  explicit AckSender(UniqueFd fd) : fd_(std::move(fd)) {}
  // False: the buffer is full or the writer is away. Send again later: positions are cumulative.
  bool send(const Ack& ack);
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  UniqueFd fd_;
};

class AckReceiver {  // the writer's end; never blocks
 public:
  explicit AckReceiver(UniqueFd fd) : fd_(std::move(fd)) {}
  // The next message; nothing when there is none now. Messages that are not ours are skipped.
  [[nodiscard]] std::optional<Ack> receive();
  [[nodiscard]] int fd() const { return fd_.get(); }  // to poll for reading

 private:
  UniqueFd fd_;
};

struct AckChannel {
  AckSender sender;      // to the shipper; its descriptor may be handed over by number
  AckReceiver receiver;  // to the writer
  // Descriptors are close-on-exec; whoever starts the children clears the flag of those that it
  // hands over.
  [[nodiscard]] static Result<AckChannel> make();
};

}  // namespace chieng
