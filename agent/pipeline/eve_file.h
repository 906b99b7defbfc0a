// EVE JSON lines of all workers into one file that is exchanged when it is large: for people's own
// tools, beside or without a server.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "core/event/sink.h"
#include "core/file/file.h"

namespace chieng::agent {

struct EveFileSettings {
  std::string path;  // "-": standard output, which is never exchanged
  std::uint64_t rotate_bytes = 0;
  unsigned keep = 0;  // older files: PATH.1 is the youngest; 0: the file begins anew
};

// Written to by any thread. At most rotate_bytes and one write a file, keep + 1 files.
class EveFile {
 public:
  [[nodiscard]] static Result<std::shared_ptr<EveFile>> open(EveFileSettings settings);
  // Whole lines. A failure is kept for problem(); the lines are lost and the next ones are tried.
  void write(std::string_view lines);
  [[nodiscard]] std::string problem() const;

 private:
  EveFile(EveFileSettings settings, UniqueFd file, std::uint64_t size)
      : settings_(std::move(settings)), file_(std::move(file)), size_(size) {}
  void rotate();

  const EveFileSettings settings_;
  mutable std::mutex mutex_;
  UniqueFd file_;  // guarded by mutex_, like what follows
  std::uint64_t size_;
  std::string problem_;
};

// One thread's events on their way to the file, gathered to few writes.
class EveFileSink final : public EventSink {
 public:
  explicit EveFileSink(std::shared_ptr<EveFile> file) : file_(std::move(file)) {}
  void emit(const Envelope& envelope, std::string_view json) override;
  void commit();

 private:
  std::shared_ptr<EveFile> file_;
  std::string buffer_;
};

}  // namespace chieng::agent
