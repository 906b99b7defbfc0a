#include "transport/spool/zstd.h"

#include <zstd.h>

#include <memory>

namespace chieng {
namespace {

constexpr int kLevel = 3;

template <auto Free>
struct FreeWith {
  template <class T>
  void operator()(T* p) const {
    Free(p);
  }
};

// Contexts are costly to make (hundreds of kilobytes) and not thread-safe: one a thread.
ZSTD_CCtx* compressor() {
  thread_local const std::unique_ptr<ZSTD_CCtx, FreeWith<ZSTD_freeCCtx>> context(ZSTD_createCCtx());
  return context.get();
}
ZSTD_DCtx* decompressor() {
  thread_local const std::unique_ptr<ZSTD_DCtx, FreeWith<ZSTD_freeDCtx>> context(ZSTD_createDCtx());
  return context.get();
}

}  // namespace

Result<std::string> zstd_compress(Bytes plain) {
  std::string out(ZSTD_compressBound(plain.size()), '\0');
  const std::size_t n =
      ZSTD_compressCCtx(compressor(), out.data(), out.size(), plain.data(), plain.size(), kLevel);
  if (ZSTD_isError(n) != 0)
    return fail(ErrorCode::internal, std::string("zstd: ") + ZSTD_getErrorName(n));
  out.resize(n);
  return out;
}

Result<std::string> zstd_decompress(Bytes compressed, std::size_t limit) {
  const unsigned long long size = ZSTD_getFrameContentSize(compressed.data(), compressed.size());
  if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR)
    return fail(ErrorCode::corrupt, "not a zstd frame that states its size");
  if (size > limit)
    return fail(ErrorCode::limit, "zstd frame of " + std::to_string(size) + " bytes, at most " +
                                      std::to_string(limit) + " are accepted");
  std::string out(static_cast<std::size_t>(size), '\0');
  const std::size_t n = ZSTD_decompressDCtx(decompressor(), out.data(), out.size(),
                                            compressed.data(), compressed.size());
  if (ZSTD_isError(n) != 0)
    return fail(ErrorCode::corrupt, std::string("zstd: ") + ZSTD_getErrorName(n));
  if (n != out.size()) return fail(ErrorCode::corrupt, "zstd frame is shorter than it says");
  return out;
}

}  // namespace chieng
