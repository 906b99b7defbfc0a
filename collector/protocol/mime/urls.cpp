#include "collector/protocol/mime/urls.h"

#include <algorithm>

namespace chieng::collector::mime {
namespace {

constexpr std::string_view kScheme = "http://";

bool ends_address(char c) {
  return static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '\'' || c == '<' || c == '>' ||
         c == ']' || c == 0x7f;
}

}  // namespace

void UrlFinder::text(std::string_view text, UrlSink& sink) {
  std::size_t i = 0;
  while (i < text.size()) {
    if (matched_ == kScheme.size()) {
      const auto end =
          std::find_if(text.begin() + static_cast<std::ptrdiff_t>(i), text.end(), ends_address);
      const auto stop = static_cast<std::size_t>(end - text.begin());
      address_.append(text.substr(i, std::min(stop - i, kMaxUrl - address_.size())));
      i = stop;
      if (i < text.size()) finish(sink);
      continue;
    }
    const char c = text[i++];
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    if (lower == kScheme[matched_])
      ++matched_;
    else
      matched_ = lower == kScheme.front() ? 1 : 0;
  }
}

void UrlFinder::finish(UrlSink& sink) {
  if (matched_ == kScheme.size() && !address_.empty()) sink.url(address_);
  address_.clear();
  matched_ = 0;
}

}  // namespace chieng::collector::mime
