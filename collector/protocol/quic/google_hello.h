// The CHLO of Google's QUIC crypto: tags with values.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/bytes/bytes.h"

namespace chieng::collector::quic {

struct GoogleHello {
  std::string sni, user_agent;
  std::vector<std::string> tags;  // in order; at most kMaxTags
};
inline constexpr std::size_t kMaxTags = 128;

// Nothing where it is not (yet) a whole CHLO.
[[nodiscard]] std::optional<GoogleHello> parse_google_hello(Bytes message);
// CYU (https://engineering.salesforce.com/gquic-protocol-analysis-and-fingerprinting-in-zeek):
// "46,PAD-SNI-VER"; empty for versions that it was not made for.
[[nodiscard]] std::string cyu_text(std::uint32_t version, const GoogleHello& hello);

}  // namespace chieng::collector::quic
