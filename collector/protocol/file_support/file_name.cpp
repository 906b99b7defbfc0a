#include "collector/protocol/file_support/file_name.h"

#include <strings.h>

namespace chieng::collector {
namespace {

constexpr std::string_view kBlanks = " \t\r\n\v\f";

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

bool same_word(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

// Reads a quoted string from text (behind the opening quote) and leaves in text what follows the
// closing one.
std::string take_quoted(std::string_view& text) {
  std::string out;
  std::size_t i = 0;
  for (; i < text.size() && text[i] != '"'; ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\')) ++i;
    out += text[i];
  }
  text.remove_prefix(i < text.size() ? i + 1 : i);
  return out;
}

}  // namespace

std::optional<std::string> header_parameter(std::string_view value, std::string_view name) {
  std::size_t at = value.find(';');
  while (at != std::string_view::npos) {
    value.remove_prefix(at + 1);
    const std::size_t end = value.find_first_of("=;");
    if (end == std::string_view::npos) return std::nullopt;
    if (value[end] == ';') {
      at = end;
      continue;
    }
    const std::string_view key = trim(value.substr(0, end));
    value.remove_prefix(end + 1);
    const auto first = value.find_first_not_of(kBlanks);
    std::string text;
    if (first != std::string_view::npos && value[first] == '"') {
      value.remove_prefix(first + 1);
      text = take_quoted(value);
    } else {
      text = trim(value.substr(0, value.find(';')));
    }
    if (same_word(key, name)) return text;
    at = value.find(';');
  }
  return std::nullopt;
}

}  // namespace chieng::collector
