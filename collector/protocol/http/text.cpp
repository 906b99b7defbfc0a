#include "collector/protocol/http/text.h"

namespace chieng::collector::http {

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

bool same_text(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}

bool starts_with_text(std::string_view text, std::string_view lower_case_prefix) {
  return text.size() >= lower_case_prefix.size() &&
         same_text(text.substr(0, lower_case_prefix.size()), lower_case_prefix);
}

PooledString folded(std::string_view text) {
  PooledString out;
  out.reserve(text.size());
  for (const char c : text)
    if (c != '\0') out += lower(c);
  return out;
}

}  // namespace chieng::collector::http
