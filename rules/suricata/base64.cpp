#include "rules/suricata/base64.h"

#include <cstdint>

namespace chieng::suricata {
namespace {

int digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// Where decoding stopped.
std::size_t decode(std::string_view text, bool skip_blanks, std::string& out) {
  std::uint32_t bits = 0;
  int have = 0;
  std::size_t i = 0;
  for (; i < text.size(); ++i) {
    const int d = digit(text[i]);
    if (d < 0 && skip_blanks && is_blank(text[i])) continue;
    if (d < 0) break;
    bits = bits << 6 | static_cast<std::uint32_t>(d);
    have += 6;
    if (have < 8) continue;
    have -= 8;
    out += static_cast<char>(bits >> have & 0xff);
  }
  return i;
}

}  // namespace

bool decode_base64(std::string_view text, std::string& out) {
  out.clear();
  std::size_t end = decode(text, false, out);
  while (end < text.size() && text[end] == '=') ++end;
  return end == text.size();
}

void decode_base64_prefix(std::string_view text, bool skip_blanks, std::string& out) {
  out.clear();
  (void)decode(text, skip_blanks, out);
}

}  // namespace chieng::suricata
