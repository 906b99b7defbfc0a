#include "agent/pipeline/json_lines_sink.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace chieng::agent {
namespace {
constexpr std::size_t kBuffer = std::size_t{256} << 10;
}

Result<JsonLinesSink> JsonLinesSink::open(const std::string& path) {
  if (path.empty() || path == "-") return JsonLinesSink(UniqueFd(), STDOUT_FILENO);
  // Events hold what people did: not for other users of the machine.
  UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640));
  if (!file) return fail_errno("cannot write " + path, errno);
  const int fd = file.get();
  return JsonLinesSink(std::move(file), fd);
}

void JsonLinesSink::emit(const Envelope& envelope, std::string_view json) {
  (void)envelope;
  if (!status_) return;
  buffer_ += json;
  buffer_ += '\n';
  if (buffer_.size() >= kBuffer) (void)flush();
}

Status JsonLinesSink::flush() {
  if (!status_) return status_;
  status_ = write_all(fd_, buffer_);
  buffer_.clear();
  return status_;
}

}  // namespace chieng::agent
