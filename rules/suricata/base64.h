// Base64 as rules and data sets read it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace chieng::suricata {

// Whole text, padding optional; false where a byte is outside of the alphabet.
[[nodiscard]] bool decode_base64(std::string_view text, std::string& out);
// Until the first byte outside of the alphabet; skip_blanks: line ends and blanks are passed over
// (RFC 2045). The number of bytes decoded is out.size().
void decode_base64_prefix(std::string_view text, bool skip_blanks, std::string& out);

}  // namespace chieng::suricata
