// Content decoders: one interface over ISA-L, zlib, Brotli and LZMA.
#pragma once

#include <cstdint>
#include <memory>

#include "core/bytes/bytes.h"

namespace chieng::collector::http {

enum class Coding : std::uint8_t { gzip, deflate_raw, zlib, brotli, lzma };

// Takes decoded bytes; valid for the call only.
class DecodedSink {
 public:
  virtual ~DecodedSink() = default;
  virtual void decoded(Bytes data) = 0;
  // Whether more is wanted: false stops the decoder at once.
  [[nodiscard]] virtual bool wants_more() const = 0;
};

enum class DecodeState : std::uint8_t { more, end, error, memory_limit };

// One compressed stream. Memory is bounded by the format's window; output comes in pieces of at
// most kPiece bytes.
class Decoder {
 public:
  static constexpr std::size_t kPiece = 16 * 1024;
  virtual ~Decoder() = default;
  // Data after the stream's end is ignored. After end or error it is not called again.
  virtual DecodeState decode(Bytes in, DecodedSink& out) = 0;
};

[[nodiscard]] std::unique_ptr<Decoder> make_decoder(Coding coding);
[[nodiscard]] std::unique_ptr<Decoder> make_deflate_decoder(Coding coding);  // gzip, deflate_raw
[[nodiscard]] std::unique_ptr<Decoder> make_zlib_decoder(
    Coding coding);  // gzip, deflate_raw or zlib
[[nodiscard]] std::unique_ptr<Decoder> make_brotli_decoder();
[[nodiscard]] std::unique_ptr<Decoder> make_lzma_decoder();

}  // namespace chieng::collector::http
