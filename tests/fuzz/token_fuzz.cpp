#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "transport/enroll/token.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto token = chieng::parse_token(chieng::as_text(chieng::as_bytes(data, size)));
  if (!token) return 0;
  const auto again = chieng::parse_token(chieng::make_token(*token));
  if (!again || again->secret != token->secret || again->endpoint != token->endpoint) std::abort();
  return 0;
}
