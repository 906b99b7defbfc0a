#include "collector/protocol/http/best_fit.h"

#include <algorithm>
#include <iterator>

namespace chieng::collector::http {
namespace {

// U+0100 to U+017F without their marks
constexpr std::string_view kLatinExtendedA =
    "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIi??JjKk?LlLlLlLlLlNnNnNn???"
    "OoOoOoOoRrRrRrSsSsSsSsTtTtTtUuUuUuUuUu"
    "UuWwYyYZzZzZz?";
static_assert(kLatinExtendedA.size() == 128);

struct Pair {
  std::uint16_t code;
  char byte;
};
constexpr Pair kPairs[] = {
    {0x02b9, '\''}, {0x02ba, '"'}, {0x02bc, '\''}, {0x02c4, '^'},  {0x02c6, '^'},  {0x02c8, '\''},
    {0x02cb, '`'},  {0x02cd, '_'}, {0x02dc, '~'},  {0x0300, '`'},  {0x0302, '^'},  {0x0303, '~'},
    {0x030e, '"'},  {0x037e, ';'}, {0x0589, ':'},  {0x066a, '%'},  {0x2000, ' '},  {0x2001, ' '},
    {0x2002, ' '},  {0x2003, ' '}, {0x2004, ' '},  {0x2005, ' '},  {0x2006, ' '},  {0x2010, '-'},
    {0x2011, '-'},  {0x2013, '-'}, {0x2014, '-'},  {0x2018, '\''}, {0x2019, '\''}, {0x201a, ','},
    {0x201c, '"'},  {0x201d, '"'}, {0x2032, '\''}, {0x2035, '`'},  {0x2039, '<'},  {0x203a, '>'},
    {0x2044, '/'},  {0x2212, '-'}, {0x2215, '/'},  {0x2216, '\\'}, {0x2217, '*'},  {0x2223, '|'},
    {0x2236, ':'},  {0x223c, '~'}, {0x2303, '^'},  {0x2329, '<'},  {0x232a, '>'},  {0x3000, ' '},
    {0x3008, '<'},  {0x3009, '>'}, {0x301a, '['},  {0x301b, ']'},
};

// The sequence at text[i]: its code point and length; length 0: not UTF-8.
std::size_t decode(std::string_view text, std::size_t i, std::uint32_t& code) {
  const auto c = static_cast<unsigned char>(text[i]);
  const std::size_t n = c >= 0xf0 && c <= 0xf7 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 0;
  if (n == 0 || c > 0xf7 || i + n > text.size()) return 0;
  code = c & (0xffu >> (n + 1));
  for (std::size_t k = 1; k < n; ++k) {
    const auto next = static_cast<unsigned char>(text[i + k]);
    if ((next & 0xc0) != 0x80) return 0;
    code = code << 6 | (next & 0x3fu);
  }
  return n;
}

}  // namespace

char best_fit(std::uint32_t code) {
  if (code < 0x100) return static_cast<char>(code);
  if (code < 0x180) return kLatinExtendedA[code - 0x100];
  if (code >= 0xff01 && code <= 0xff5e) return static_cast<char>(code - 0xff01 + '!');
  const auto at = std::ranges::lower_bound(kPairs, code, {}, &Pair::code);
  return at != std::end(kPairs) && at->code == code ? at->byte : '?';
}

PooledString best_fit_utf8(PooledString text) {
  if (std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0xc0; }))
    return text;
  PooledString out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    std::uint32_t code = 0;
    const std::size_t n = static_cast<unsigned char>(text[i]) >= 0xc0 ? decode(text, i, code) : 0;
    out += n == 0 ? text[i] : best_fit(code);
    i += n == 0 ? 1 : n;
  }
  return out;
}

}  // namespace chieng::collector::http
