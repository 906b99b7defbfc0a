#include <brotli/decode.h>

#include <array>

#include "collector/protocol/http/decompress/decoder.h"

namespace chieng::collector::http {
namespace {

struct Destroy {
  void operator()(BrotliDecoderState* s) const { BrotliDecoderDestroyInstance(s); }
};

// Without the large-window option, so its window is at most 16 MiB.
class BrotliDecoder final : public Decoder {
 public:
  DecodeState decode(Bytes in, DecodedSink& out) override {
    if (!state_) return DecodeState::error;
    std::size_t available = in.size();
    const auto* next = reinterpret_cast<const std::uint8_t*>(in.data());
    while (out.wants_more()) {
      std::array<std::byte, kPiece> piece;
      std::size_t room = piece.size();
      auto* to = reinterpret_cast<std::uint8_t*>(piece.data());
      const auto result =
          BrotliDecoderDecompressStream(state_.get(), &available, &next, &room, &to, nullptr);
      if (room < piece.size()) out.decoded(Bytes(piece.data(), piece.size() - room));
      if (result == BROTLI_DECODER_RESULT_SUCCESS) return DecodeState::end;
      if (result == BROTLI_DECODER_RESULT_ERROR) return DecodeState::error;
      if (result == BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT) break;
    }
    return DecodeState::more;
  }

 private:
  std::unique_ptr<BrotliDecoderState, Destroy> state_{
      BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)};
};

}  // namespace

std::unique_ptr<Decoder> make_brotli_decoder() {
  return std::make_unique<BrotliDecoder>();
}

}  // namespace chieng::collector::http
