// Windows event log files: chunks of records in binary XML, read as the flat fields that a JSON
// dump of them has
// ("Event.System.Channel", "Event.EventData.Image"). Every offset comes from the file and is
// checked against its chunk.
#pragma once

#include <cstdint>
#include <string>

#include "core/bytes/bytes.h"
#include "core/error/result.h"
#include "core/record/record.h"

namespace chieng::collector {

inline constexpr std::size_t evtx_header_size = 4096, evtx_chunk_size = 65'536;

[[nodiscard]] bool is_evtx_chunk(Bytes chunk);

// The records of one chunk, in order. The chunk has to outlive it.
class EvtxChunk {
 public:
  explicit EvtxChunk(Bytes chunk) : chunk_(chunk) {}
  struct Item {
    std::uint64_t id = 0;
    std::size_t offset = 0, size = 0;  // in the chunk
    std::string malformed;             // why the fields are not all there
  };
  // Fields of the next record into flat (cleared first); false: none left.
  [[nodiscard]] bool next(Item& item, Record& flat);

 private:
  Bytes chunk_;
  std::size_t at_ = 512;
};

}  // namespace chieng::collector
