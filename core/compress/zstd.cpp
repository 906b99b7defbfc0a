#include "core/compress/zstd.h"

#include <zstd.h>

#include <memory>

namespace chieng {

Result<std::string> zstd_compress(std::string_view plain, int level) {
  struct Free {
    void operator()(ZSTD_CCtx* c) const { ZSTD_freeCCtx(c); }
  };
  thread_local const std::unique_ptr<ZSTD_CCtx, Free> context(ZSTD_createCCtx());
  if (!context) return fail(ErrorCode::limit, "no memory for compression");
  std::string out(ZSTD_compressBound(plain.size()), '\0');
  const std::size_t n = ZSTD_compressCCtx(context.get(), out.data(), out.size(), plain.data(), plain.size(), level);
  if (ZSTD_isError(n) != 0U) return fail(ErrorCode::internal, std::string("zstd: ") + ZSTD_getErrorName(n));
  out.resize(n);
  return out;
}

Result<std::string> zstd_decompress(std::string_view frame, std::size_t limit) {
  const unsigned long long size = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN)
    return fail(ErrorCode::corrupt, "not a zstd frame that tells its size");
  if (size > limit)
    return fail(ErrorCode::limit, "zstd frame of " + std::to_string(size) + " bytes, the limit is " + std::to_string(limit));
  std::string out(static_cast<std::size_t>(size), '\0');
  const std::size_t n = ZSTD_decompress(out.data(), out.size(), frame.data(), frame.size());
  if (ZSTD_isError(n) != 0U || n != out.size())
    return fail(ErrorCode::corrupt, "zstd frame does not hold what it says");
  return out;
}

}  // namespace chieng
