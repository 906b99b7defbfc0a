// A message's Content-Encoding: which decoders its value asks for, and the chain that applies them
// as lenient receivers do.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "collector/protocol/http/decompress/decoder.h"

namespace chieng::collector::http {

struct ContentCoding {
  std::vector<Coding> layers;  // in the order of the header: the last was applied last
  bool abnormal = false;       // unknown or odd tokens
  bool too_many = false;       // more tokens than the limit; the rest was ignored
};
[[nodiscard]] ContentCoding parse_content_coding(std::string_view value, std::uint32_t layer_limit);

// Decoders of one body in a row. A layer that fails before it has put out anything tries the next
// format over the same input (gzip, deflate, zlib in turn, three times), then passes its input
// through; one that fails later keeps what it has put out and drops the rest. Bound: kMaxHeld bytes
// a layer besides the decoders' windows.
class DecodeChain {
 public:
  static constexpr std::size_t kMaxHeld = 64 * 1024;
  static constexpr std::uint64_t kBombSize = std::uint64_t{1} << 20, kBombRatio = 2048;

  DecodeChain(const std::vector<Coding>& layers,
              DecodedSink& out);  // layers: not empty; out outlives the chain
  ~DecodeChain();
  DecodeChain(const DecodeChain&) = delete;
  DecodeChain& operator=(const DecodeChain&) = delete;

  void decode(Bytes data);
  void finish();  // nothing will follow: what is held back goes on

  [[nodiscard]] bool bomb() const { return budget_.bomb; }
  [[nodiscard]] bool failed() const;  // in the middle of what was decoded
  [[nodiscard]] bool memory_limit() const;

 private:
  class Layer;
  struct Budget {
    std::uint64_t input = 0;
    bool bomb = false;  // too much came out of too little: all layers stop
  };

  Budget budget_;
  std::vector<std::unique_ptr<Layer>> layers_;  // the first takes the input
};

}  // namespace chieng::collector::http
