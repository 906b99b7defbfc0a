// Events as JSON lines into a file or standard output, through one buffer.
#pragma once

#include <string>

#include "core/event/sink.h"
#include "core/file/file.h"

namespace chieng::agent {

// Owned by one thread. Holds at most a buffer of 256 KiB and one event. A failed write is kept and
// told by flush().
class JsonLinesSink final : public EventSink {
 public:
  // Empty path: standard output. The file is made anew.
  [[nodiscard]] static Result<JsonLinesSink> open(const std::string& path);

  void emit(const Envelope& envelope, std::string_view json) override;
  [[nodiscard]] Status flush();
  [[nodiscard]] bool failed() const { return !status_; }

 private:
  JsonLinesSink(UniqueFd file, int fd) : file_(std::move(file)), fd_(fd) {}
  UniqueFd file_;
  int fd_ = -1;
  std::string buffer_;
  Status status_;
};

}  // namespace chieng::agent
