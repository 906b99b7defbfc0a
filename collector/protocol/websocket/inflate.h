// permessage-deflate (RFC 7692): the messages of one direction.
#pragma once

#include <memory>
#include <string>

#include "core/bytes/bytes.h"

namespace chieng::collector::websocket {

// Holds zlib's window (about 44 KiB) from the first message on. A broken message ends it for good
// where messages share a window.
class MessageInflater {
 public:
  explicit MessageInflater(bool keep_window);
  ~MessageInflater();
  MessageInflater(const MessageInflater&) = delete;
  MessageInflater& operator=(const MessageInflater&) = delete;

  // A whole message. At most limit bytes come out. False where it is no deflate stream.
  [[nodiscard]] bool inflate(Bytes message, std::size_t limit, std::string& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
  bool keep_window_, broken_ = false;
};

}  // namespace chieng::collector::websocket
