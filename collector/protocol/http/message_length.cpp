#include "collector/protocol/http/message_length.h"

#include <algorithm>

#include "collector/protocol/http/text.h"

namespace chieng::collector::http {

ContentLength parse_content_length(std::string_view value) {
  ContentLength out;
  const auto first = std::ranges::find_if(value, is_digit);
  out.junk_before = first != value.begin();
  std::uint64_t n = 0;
  auto at = first;
  constexpr std::uint64_t limit = std::uint64_t{1} << 60;
  for (; at != value.end() && is_digit(*at); ++at)
    n = std::min(n * 10 + static_cast<std::uint64_t>(*at - '0'), limit);
  if (at == first) return out;
  out.value = n;
  out.junk_after = at != value.end();
  return out;
}

bool means_chunked(std::string_view value) {
  return folded(value).find("chunked") != std::string::npos;
}

}  // namespace chieng::collector::http
