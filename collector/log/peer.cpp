#include "collector/log/peer.h"

#include <algorithm>
#include <array>

namespace chieng::collector {
namespace {

constexpr std::size_t longest = 255;

bool alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool peer_character(char c) {
  return alnum(c) || c == '.' || c == ':' || c == '-' || c == '_' || c == '%';
}

// Some programs pad the numbers of an IPv4 address with zeros; they mean decimal.
std::string without_padding(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool starts =
        i == 0 || text[i - 1] == '.' || (text[i - 1] == '0' && (out.empty() || out.back() == '.'));
    const bool digit_follows = i + 1 < text.size() && text[i + 1] >= '0' && text[i + 1] <= '9';
    if (!(text[i] == '0' && starts && digit_follows)) out += text[i];
  }
  return out;
}

}  // namespace

std::optional<IpAddress> logged_address(std::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']')
    text = text.substr(1, text.size() - 2);
  if (text.empty() || text.size() > 64) return std::nullopt;
  if (const std::size_t zone = text.find('%'); zone != text.npos) text = text.substr(0, zone);
  std::optional<IpAddress> out;
  if (text.find_first_not_of("0123456789.") == text.npos)
    out = parse_address(without_padding(text));
  else if (text.find(':') != text.npos)
    out = parse_address(text);
  if (!out || out->version != 6) return out;
  constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  return std::equal(mapped.begin(), mapped.end(), out->bytes.begin())
             ? IpAddress::from_bytes(out->raw().subspan(12))
             : *out;
}

bool is_host_name(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  if (text.empty() || text.size() > 253 || !alnum(text.front()) || text.front() == '.')
    return false;
  bool letter = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '.' && i + 1 < text.size() && text[i + 1] == '.') return false;
    if (!alnum(c) && c != '.' && c != '-' && c != '_') return false;
    letter = letter || c == '-' || c == '_' || (alnum(c) && (c < '0' || c > '9'));
  }
  return letter && text.back() != '.' && text.back() != '-';
}

void peer_lengths(std::string_view text, bool names, std::vector<std::uint32_t>& out) {
  out.clear();
  if (text.starts_with('[')) {
    const std::size_t end = text.substr(0, 64).find(']');
    if (end != text.npos && logged_address(text.substr(0, end + 1)))
      out.push_back(static_cast<std::uint32_t>(end + 1));
    return;
  }
  std::size_t run = 0;
  while (run < text.size() && run < longest && peer_character(text[run])) ++run;
  for (std::size_t size = run; size > 0; --size) {
    // Never a part of a longer word.
    if (size < text.size() && alnum(text[size]) && alnum(text[size - 1])) continue;
    const std::string_view part = text.substr(0, size);
    if (logged_address(part) || (names && is_host_name(part)))
      out.push_back(static_cast<std::uint32_t>(size));
  }
}

}  // namespace chieng::collector
