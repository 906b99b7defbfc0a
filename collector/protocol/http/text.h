// Small text helpers of the HTTP parser. Captured text may hold NUL and any other byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/memory/pool.h"

namespace chieng::collector::http {

[[nodiscard]] constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
[[nodiscard]] constexpr bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
[[nodiscard]] constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
[[nodiscard]] constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
[[nodiscard]] constexpr int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char l = lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}
// RFC 9110 5.6.2
[[nodiscard]] constexpr bool is_token(char c) {
  return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') ||
         (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
}

[[nodiscard]] std::string_view trim(std::string_view text);            // white space at both ends
[[nodiscard]] bool same_text(std::string_view a, std::string_view b);  // without case
[[nodiscard]] bool starts_with_text(std::string_view text, std::string_view lower_case_prefix);
// Lower case and without NULs: how well-known names and values are compared.
[[nodiscard]] PooledString folded(std::string_view text);

}  // namespace chieng::collector::http
