#include "collector/protocol/http/content_range.h"

#include <charconv>

#include "collector/protocol/http/text.h"

namespace chieng::collector::http {
namespace {

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return n;
}

}  // namespace

std::optional<ContentRange> parse_content_range(std::string_view value) {
  value = trim(value);
  if (!starts_with_text(value, "bytes")) return std::nullopt;
  value = trim(value.substr(5));
  const std::size_t slash = value.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string_view part = trim(value.substr(0, slash));
  const std::string_view size = trim(value.substr(slash + 1));
  ContentRange range;
  if (part != "*") {
    const std::size_t dash = part.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    range.start = number(part.substr(0, dash));
    range.end = number(part.substr(dash + 1));
    if (!range.start || !range.end || *range.end < *range.start) return std::nullopt;
  }
  range.size = number(size);
  if (!range.size && size != "*") return std::nullopt;
  return range;
}

}  // namespace chieng::collector::http
