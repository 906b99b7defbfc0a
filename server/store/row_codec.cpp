#include "server/store/row_codec.h"

#include "core/bytes/bytes.h"
#include "transport/spool/zstd.h"

namespace chieng::server {

EncodedRow encode_row(std::string_view json) {
  if (json.size() >= 256)
    if (auto packed = zstd_compress(as_bytes(json));
        packed && packed->size() + packed->size() / 8 < json.size())
      return {RowCodec::zstd, std::move(*packed)};
  return {RowCodec::plain, std::string(json)};
}

Result<std::string> decode_row(std::int64_t codec, std::int64_t key_id, std::string_view bytes) {
  if (key_id != kNoKey)
    return fail(ErrorCode::unsupported, "the event is encrypted with key " +
                                            std::to_string(key_id) +
                                            ", which this server does not have");
  if (codec == static_cast<std::int64_t>(RowCodec::plain)) return std::string(bytes);
  if (codec == static_cast<std::int64_t>(RowCodec::zstd))
    return zstd_decompress(as_bytes(bytes), kMaxEventBytes);
  return fail(ErrorCode::unsupported, "unknown codec " + std::to_string(codec) + " of an event");
}

}  // namespace chieng::server
