// Chunks of Windows event logs of any bytes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "collector/log/evtx.h"
#include "collector/log/windows_event.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chieng;
  using namespace chieng::collector;
  if (size > evtx_chunk_size) return 0;
  EvtxChunk chunk(as_bytes(data, size));
  EvtxChunk::Item item;
  Record flat, event;
  while (chunk.next(item, flat)) {
    if (item.offset + item.size > size) std::abort();
    event.clear();
    (void)windows_event(flat, event);
  }
  return 0;
}
