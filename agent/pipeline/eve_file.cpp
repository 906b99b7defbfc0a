#include "agent/pipeline/eve_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace chieng::agent {
namespace {

constexpr std::size_t kBuffer = std::size_t{128} << 10;

// Events hold what people did: not for other users of the machine.
Result<UniqueFd> open_file(const std::string& path) {
  UniqueFd out(path == "-" ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
                           : open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640));
  if (!out) return fail_errno("cannot write events to " + path, errno);
  return out;
}

}  // namespace

Result<std::shared_ptr<EveFile>> EveFile::open(EveFileSettings settings) {
  CHIENG_TRY(UniqueFd file, open_file(settings.path));
  struct stat facts{};
  const bool known = fstat(file.get(), &facts) == 0 && S_ISREG(facts.st_mode);
  const std::uint64_t size = known ? static_cast<std::uint64_t>(facts.st_size) : 0;
  return std::shared_ptr<EveFile>(new EveFile(std::move(settings), std::move(file), size));
}

void EveFile::write(std::string_view lines) {
  const std::lock_guard lock(mutex_);
  if (size_ > 0 && size_ + lines.size() > settings_.rotate_bytes && settings_.path != "-") rotate();
  if (const Status status = write_all(file_.get(), lines); !status) {
    problem_ = "events cannot be written to " + settings_.path + ": " + status.error().message();
    return;
  }
  size_ += lines.size();
  problem_.clear();
}

void EveFile::rotate() {
  const auto name = [&](unsigned n) { return settings_.path + "." + std::to_string(n); };
  for (unsigned n = settings_.keep; n > 1; --n)
    (void)std::rename(name(n - 1).c_str(), name(n).c_str());
  const int gone = settings_.keep > 0 ? std::rename(settings_.path.c_str(), name(1).c_str())
                                      : unlink(settings_.path.c_str());
  auto next = open_file(settings_.path);
  // Rather a file that is too large than none.
  if (gone != 0 || !next) return;
  file_ = std::move(*next);
  size_ = 0;
}

std::string EveFile::problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

void EveFileSink::emit(const Envelope& envelope, std::string_view json) {
  (void)envelope;
  buffer_ += json;
  buffer_ += '\n';
  if (buffer_.size() >= kBuffer) commit();
}

void EveFileSink::commit() {
  if (buffer_.empty()) return;
  file_->write(buffer_);
  buffer_.clear();
}

}  // namespace chieng::agent
