#include <lzma.h>

#include <array>

#include "collector/protocol/http/decompress/decoder.h"

namespace chieng::collector::http {
namespace {

constexpr std::uint64_t kMemoryLimit = std::uint64_t{2}
                                       << 20;  // a dictionary is named by the sender

// The .lzma format ("LZMA alone").
class LzmaDecoder final : public Decoder {
 public:
  LzmaDecoder() { ready_ = lzma_alone_decoder(&stream_, kMemoryLimit) == LZMA_OK; }
  ~LzmaDecoder() override { lzma_end(&stream_); }
  LzmaDecoder(const LzmaDecoder&) = delete;
  LzmaDecoder& operator=(const LzmaDecoder&) = delete;

  DecodeState decode(Bytes in, DecodedSink& out) override {
    if (!ready_) return DecodeState::error;
    stream_.next_in = reinterpret_cast<const std::uint8_t*>(in.data());
    stream_.avail_in = in.size();
    while (out.wants_more()) {
      std::array<std::byte, kPiece> piece;
      stream_.next_out = reinterpret_cast<std::uint8_t*>(piece.data());
      stream_.avail_out = piece.size();
      const lzma_ret result = lzma_code(&stream_, LZMA_RUN);
      const std::size_t n = piece.size() - stream_.avail_out;
      if (n > 0) out.decoded(Bytes(piece.data(), n));
      if (result == LZMA_STREAM_END) return DecodeState::end;
      if (result == LZMA_MEMLIMIT_ERROR) return DecodeState::memory_limit;
      if (result != LZMA_OK && result != LZMA_BUF_ERROR) return DecodeState::error;
      if (stream_.avail_out != 0) break;
    }
    return DecodeState::more;
  }

 private:
  lzma_stream stream_ = LZMA_STREAM_INIT;
  bool ready_ = false;
};

}  // namespace

std::unique_ptr<Decoder> make_lzma_decoder() {
  return std::make_unique<LzmaDecoder>();
}

}  // namespace chieng::collector::http
