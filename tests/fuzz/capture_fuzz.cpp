// A capture file of any bytes: opened, and every frame's bytes read.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "collector/capture/capture_file.h"
#include "core/file/file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chieng;
  using namespace chieng::collector;
  const Bytes bytes = as_bytes(data, size);
  (void)is_capture(bytes);
  const UniqueFd fd(::memfd_create("capture", 0));
  if (!fd || !write_all(fd.get(), as_text(bytes))) return 0;
  auto capture = CaptureFile::open("/proc/self/fd/" + std::to_string(fd.get()));
  if (!capture) return 0;
  volatile unsigned sum = 0;
  // A frame takes at least its header's bytes, so there are fewer frames than bytes.
  for (std::size_t frames = 0;; ++frames) {
    if (frames > size) std::abort();
    const auto frame = capture->next();
    if (!frame || !*frame) return 0;
    for (const std::byte b : (*frame)->bytes) sum = sum + std::to_integer<unsigned>(b);
    if (to_iso((*frame)->time).size() != 31) std::abort();
  }
}
