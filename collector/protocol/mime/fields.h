// Header fields of messages and their values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chieng::collector::mime {

[[nodiscard]] bool same_word(std::string_view a, std::string_view b);  // without case
[[nodiscard]] std::string_view trim(std::string_view text);

// A parameter of Content-Type or Content-Disposition in any of its forms: name=x, and RFC 2231's
// name*=charset'language'x%20y and name*0=… name*1=….
// What stands behind kMaxParameters bytes of the value is not looked at.
inline constexpr std::size_t kMaxParameters = 4096;
[[nodiscard]] std::optional<std::string> parameter(std::string_view value, std::string_view name);

// An address list split at its commas; those in quoted strings stay. At most kMaxAddresses.
inline constexpr std::size_t kMaxAddresses = 1024;
[[nodiscard]] std::vector<std::string_view> addresses(std::string_view value);

}  // namespace chieng::collector::mime
