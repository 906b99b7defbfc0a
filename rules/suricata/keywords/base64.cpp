// base64_decode and base64_data.
#include <fmt/format.h>

#include <array>

#include "rules/suricata/keywords/keywords.h"
#include "rules/suricata/text.h"

namespace chieng::suricata::keywords {
namespace {

Status parse_decode(Builder& b, std::string_view v) {
  Base64 out;
  if (!v.empty())
    for (const std::string_view part : split(v, ',')) {
      const auto key = part.substr(0, part.find(' '));
      const auto n = to_number(part.substr(key.size()));
      if (part == "relative")
        out.relative = true;
      else if (key == "bytes" && n && *n > 0 && *n <= 65535)
        out.bytes = static_cast<std::uint32_t>(*n);
      else if (key == "offset" && n && *n <= 65535)
        out.offset = static_cast<std::uint32_t>(*n);
      else
        return fail(ErrorCode::parse, fmt::format("\"{}\" is not known here", part),
                    "write base64_decode:bytes 32, offset 4, relative;");
    }
  b.add({std::move(out), false, 0});
  return {};
}

Status parse_data(Builder& b, std::string_view) {
  return b.begin_base64_data();
}

constexpr std::array kKeywords = {
    Keyword{"base64_decode", Value::optional, parse_decode},
    Keyword{"base64_data", Value::none, parse_data},
};

}  // namespace

std::span<const Keyword> base64() {
  return kKeywords;
}

}  // namespace chieng::suricata::keywords
