// The frames of an Initial packet (RFC 9000 section 19, RFC 9001) or of Google's QUIC.
#pragma once

#include <optional>
#include <vector>

#include "core/bytes/bytes.h"

namespace chieng::collector::quic {

struct Piece {
  std::uint64_t offset = 0;  // in the stream of the handshake
  Bytes data;
};

// The CRYPTO frames; others are stepped over. Nothing where a frame does not fit; a kind that is
// not known ends the reading.
[[nodiscard]] std::optional<std::vector<Piece>> crypto_frames(Bytes frames);
// The STREAM frames of Google's QUIC, Q039 and later (big-endian numbers).
[[nodiscard]] std::optional<std::vector<Piece>> stream_frames(Bytes frames);

}  // namespace chieng::collector::quic
