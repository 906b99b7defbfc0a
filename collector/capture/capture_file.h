// Reads capture files (pcap and pcapng, also from a pipe) through libpcap.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "collector/capture/frame.h"
#include "core/error/result.h"

namespace chieng::collector {

// Whether a file that starts so is a capture: pcap of either byte order and resolution, or pcapng.
// Four bytes suffice.
[[nodiscard]] bool is_capture(Bytes first_bytes);

// One open capture. One thread; memory bounded by libpcap's largest packet (256 KiB).
class CaptureFile {
 public:
  [[nodiscard]] static Result<CaptureFile> open(
      const std::filesystem::path& path);  // "-": standard input
  CaptureFile(CaptureFile&&) noexcept;
  CaptureFile& operator=(CaptureFile&&) noexcept;
  ~CaptureFile();

  // The next frame; nothing at the end. A file that was cut off or damaged gives every frame that
  // can be read first and then an Error (corrupt).
  [[nodiscard]] Result<std::optional<Frame>> next();
  [[nodiscard]] int link_type() const;

 private:
  struct State;
  explicit CaptureFile(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace chieng::collector
