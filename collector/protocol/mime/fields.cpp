#include "collector/protocol/mime/fields.h"

#include <fmt/core.h>
#include <strings.h>

#include "collector/protocol/file_support/file_name.h"

namespace chieng::collector::mime {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// charset'language'text with %XX; the first two may be missing in later pieces.
std::string percent_decoded(std::string_view text, bool first) {
  if (first) {
    const std::size_t charset = text.find('\'');
    const std::size_t language =
        charset == std::string_view::npos ? charset : text.find('\'', charset + 1);
    if (language != std::string_view::npos) text.remove_prefix(language + 1);
  }
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = i + 2 < text.size() && text[i] == '%' ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low < 0) {
      out += text[i];
      continue;
    }
    out += static_cast<char>(high << 4 | low);
    i += 2;
  }
  return out;
}

std::optional<std::string> piece(std::string_view value, std::string_view name, int number) {
  if (auto plain = header_parameter(value, fmt::format("{}*{}", name, number))) return plain;
  auto encoded = header_parameter(value, fmt::format("{}*{}*", name, number));
  if (encoded) encoded = percent_decoded(*encoded, number == 0);
  return encoded;
}

}  // namespace

bool same_word(std::string_view a, std::string_view b) {
  return a.size() == b.size() && (a.empty() || strncasecmp(a.data(), b.data(), a.size()) == 0);
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::optional<std::string> parameter(std::string_view value, std::string_view name) {
  constexpr int most_pieces = 16;
  value = value.substr(0, kMaxParameters);
  if (auto plain = header_parameter(value, name)) return plain;
  if (value.find('*') == std::string_view::npos) return std::nullopt;
  if (auto encoded = header_parameter(value, fmt::format("{}*", name)))
    return percent_decoded(*encoded, true);
  std::optional<std::string> whole;
  for (int number = 0; number < most_pieces; ++number) {
    const auto next = piece(value, name, number);
    if (!next) break;
    whole = whole.value_or("") + *next;
  }
  return whole;
}

std::vector<std::string_view> addresses(std::string_view value) {
  std::vector<std::string_view> out;
  bool quoted = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= value.size() && out.size() < kMaxAddresses; ++i) {
    if (i < value.size() && value[i] == '"') quoted = !quoted;
    if (i < value.size() && (quoted || value[i] != ',')) continue;
    const std::string_view one = trim(value.substr(begin, i - begin));
    if (!one.empty()) out.push_back(one);
    begin = i + 1;
  }
  return out;
}

}  // namespace chieng::collector::mime
