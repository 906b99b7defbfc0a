// How the bytes of an event lie in a row: codec and key id are stored with each, so encryption is a
// setting later.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/error/result.h"

namespace chieng::server {

enum class RowCodec : std::uint8_t { plain = 0, zstd = 1 };
inline constexpr std::int64_t kNoKey = 0;
inline constexpr std::size_t kMaxEventBytes = std::size_t{4} << 20;

struct EncodedRow {
  RowCodec codec = RowCodec::plain;
  std::string bytes;
};
// Compresses where it pays.
[[nodiscard]] EncodedRow encode_row(std::string_view json);
[[nodiscard]] Result<std::string> decode_row(std::int64_t codec, std::int64_t key_id,
                                             std::string_view bytes);

}  // namespace chieng::server
