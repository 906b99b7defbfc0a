#include "rules/suricata/search.h"

#include <algorithm>
#include <cstring>

namespace chieng::suricata {
namespace {

char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
char to_upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
}

const char* find_byte(const char* from, const char* end, char c) {
  if (from >= end) return nullptr;
  return static_cast<const char*>(std::memchr(from, c, static_cast<std::size_t>(end - from)));
}

// Both cases of the rarest byte, each looked for once over the data: what is left is a comparison
// at each hit.
std::size_t find_nocase(std::string_view data, std::size_t from, std::size_t end,
                        const Content& content) {
  const std::size_t size = content.bytes.size();
  const char low = content.bytes[content.rare], high = to_upper(low);
  const char* const first = data.data() + from + content.rare;
  const char* const last =
      data.data() + end - size + content.rare + 1;  // beyond the last possible place
  const char* a = find_byte(first, last, low);
  const char* b = high != low ? find_byte(first, last, high) : nullptr;
  while (a != nullptr || b != nullptr) {
    const bool take_a = b == nullptr || (a != nullptr && a < b);
    const char* hit = take_a ? a : b;
    const auto at = static_cast<std::size_t>(hit - data.data()) - content.rare;
    if (equals_at(data, at, content)) return at;
    (take_a ? a : b) = find_byte(hit + 1, last, take_a ? low : high);
  }
  return kNowhere;
}

}  // namespace

bool equals_at(std::string_view data, std::size_t at, const Content& content) {
  if (at > data.size() || content.bytes.size() > data.size() - at) return false;
  if (!content.nocase)
    return std::memcmp(data.data() + at, content.bytes.data(), content.bytes.size()) == 0;
  return std::equal(content.bytes.begin(), content.bytes.end(),
                    data.begin() + static_cast<std::ptrdiff_t>(at),
                    [](char x, char y) { return x == to_lower(y); });
}

std::size_t find_content(std::string_view data, std::size_t from, std::size_t end,
                         const Content& content) {
  end = std::min(end, data.size());
  const std::size_t size = content.bytes.size();
  if (from > end || size > end - from) return kNowhere;
  if (content.nocase) return find_nocase(data, from, end, content);
  const void* hit = memmem(data.data() + from, end - from, content.bytes.data(), size);
  return hit == nullptr ? kNowhere
                        : static_cast<std::size_t>(static_cast<const char*>(hit) - data.data());
}

}  // namespace chieng::suricata
