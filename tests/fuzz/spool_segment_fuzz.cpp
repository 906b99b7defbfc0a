// A segment file with any bytes: the reader's scanner and every header must stay within it.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "core/file/file.h"
#include "transport/spool/record.h"
#include "transport/spool/scanner.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chieng;
  const Bytes bytes = as_bytes(data, size);
  (void)decode_segment_header(bytes);
  (void)decode_tail(bytes);
  (void)decode_state_slot(bytes);
  if (size > (1U << 20)) return 0;
  const UniqueFd fd(::memfd_create("segment", 0));
  if (!fd || !write_all(fd.get(), as_text(bytes))) return 0;
  RecordScanner scanner(fd.get(), size < kSegmentHeaderBytes ? 0 : kSegmentHeaderBytes, size);
  std::uint64_t last = 0;
  std::string body;
  while (const auto found = scanner.next()) {
    if (found->offset < last) std::abort();
    last = found->end();
    if (!scanner.body(*found, body)) continue;
    const RecordHeader& h = found->header;
    (void)decode_record({h.sequence, h.codec, h.key_id, h.decoded_bytes, h.body_crc, body});
  }
  return 0;
}
