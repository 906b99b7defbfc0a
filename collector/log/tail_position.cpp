#include <fmt/format.h>

#include <array>
#include <charconv>

#include "collector/log/log_source.h"

namespace chieng::collector {

// "1:device:inode:fingerprint:size:offset:line" in hex; the first number is the form's version.
std::string TailPosition::encode() const {
  return fmt::format("1:{:x}:{:x}:{:x}:{:x}:{:x}:{:x}", device, inode, fingerprint,
                     fingerprint_size, offset, line);
}

Result<TailPosition> TailPosition::decode(std::string_view text) {
  const auto bad = [&] {
    return fail(ErrorCode::corrupt,
                fmt::format("\"{}\" is not a place in a log file", text.substr(0, 80)));
  };
  std::array<std::uint64_t, 7> numbers{};
  std::string_view rest = text;
  for (std::uint64_t& number : numbers) {
    const std::string_view part = rest.substr(0, rest.find(':'));
    const auto [stop, error] = std::from_chars(part.data(), part.data() + part.size(), number, 16);
    if (error != std::errc{} || stop != part.data() + part.size()) return bad();
    const bool last = &number == &numbers.back();
    if (last != (part.size() == rest.size())) return bad();
    if (!last) rest.remove_prefix(part.size() + 1);
  }
  if (numbers[0] != 1 || numbers[4] > 1024) return bad();
  return TailPosition{numbers[1], numbers[2], numbers[3], static_cast<std::uint32_t>(numbers[4]),
                      numbers[5], numbers[6]};
}

}  // namespace chieng::collector
