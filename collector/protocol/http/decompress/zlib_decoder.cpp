#include <zlib.h>

#include <array>

#include "collector/protocol/http/decompress/decoder.h"
#include "collector/protocol/http/decompress/gzip_header.h"

namespace chieng::collector::http {
namespace {

// gzip is raw deflate behind a header of which we only need the end; its trailer is not checked.
class ZlibDecoder final : public Decoder {
 public:
  explicit ZlibDecoder(Coding coding) : gzip_(coding == Coding::gzip) {
    ready_ = inflateInit2(&stream_, coding == Coding::zlib ? MAX_WBITS : -MAX_WBITS) == Z_OK;
  }
  ~ZlibDecoder() override {
    if (ready_) inflateEnd(&stream_);
  }
  ZlibDecoder(const ZlibDecoder&) = delete;
  ZlibDecoder& operator=(const ZlibDecoder&) = delete;

  DecodeState decode(Bytes in, DecodedSink& out) override {
    if (!ready_) return DecodeState::error;
    if (gzip_) {
      const GzipHeader::State state = header_.feed(in);
      if (state == GzipHeader::State::invalid) return DecodeState::error;
      if (state == GzipHeader::State::more) return DecodeState::more;
    }
    stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(in.data()));
    stream_.avail_in = static_cast<uInt>(in.size());
    while (out.wants_more()) {
      std::array<std::byte, kPiece> piece;
      stream_.next_out = reinterpret_cast<Bytef*>(piece.data());
      stream_.avail_out = static_cast<uInt>(piece.size());
      const int result = inflate(&stream_, Z_SYNC_FLUSH);
      const std::size_t n = piece.size() - stream_.avail_out;
      if (n > 0) out.decoded(Bytes(piece.data(), n));
      if (result == Z_STREAM_END) return DecodeState::end;
      if (result != Z_OK && result != Z_BUF_ERROR) return DecodeState::error;
      if (stream_.avail_out != 0) break;
    }
    return DecodeState::more;
  }

 private:
  z_stream stream_{};
  GzipHeader header_;
  bool gzip_;
  bool ready_ = false;
};

}  // namespace

std::unique_ptr<Decoder> make_zlib_decoder(Coding coding) {
  return std::make_unique<ZlibDecoder>(coding);
}

}  // namespace chieng::collector::http
