// Unicode simple case folding over UTF-8, one character to one, without locale. Bytes that are no
// UTF-8 stay.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace chieng::sigma {

[[nodiscard]] std::string fold(std::string_view text);
void fold_into(std::string& out, std::string_view text);  // replaces out
[[nodiscard]] char32_t fold(char32_t c);

// The character at text[at] and its length in bytes; a byte that starts no valid character is one
// of length 1 with the value 0xDC00 + byte, so that "one character" is defined for every input.
struct Character {
  char32_t value = 0;
  std::size_t size = 1;
};
[[nodiscard]] Character character_at(std::string_view text, std::size_t at);
void append_utf8(std::string& out, char32_t c);

}  // namespace chieng::sigma
