#include "collector/protocol/http/decompress/decoder.h"

namespace chieng::collector::http {

std::unique_ptr<Decoder> make_decoder(Coding coding) {
  switch (coding) {
    case Coding::gzip:
    case Coding::deflate_raw:
      return make_deflate_decoder(coding);
    case Coding::zlib:
      return make_zlib_decoder(coding);
    case Coding::brotli:
      return make_brotli_decoder();
    case Coding::lzma:
      return make_lzma_decoder();
  }
  return nullptr;
}

}  // namespace chieng::collector::http
