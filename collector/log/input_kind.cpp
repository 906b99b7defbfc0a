#include <algorithm>
#include <array>
#include <string>

#include "collector/log/log_source.h"

namespace chieng::collector {
namespace {

bool is_capture(std::string_view head) {
  constexpr std::array<std::string_view, 6> magics{"\xd4\xc3\xb2\xa1", "\xa1\xb2\xc3\xd4",
                                                   "\x4d\x3c\xb2\xa1", "\xa1\xb2\x3c\x4d",
                                                   "\x0a\x0d\x0d\x0a", "\x34\xcd\xb2\xa1"};
  return std::ranges::any_of(magics, [&](std::string_view m) { return head.starts_with(m); });
}

// An object, or an array of objects.
bool is_json(std::string_view head) {
  if (head.starts_with("\xEF\xBB\xBF")) head.remove_prefix(3);
  const auto skip = [&] {
    head.remove_prefix(std::min(head.find_first_not_of(" \t\r\n"), head.size()));
  };
  skip();
  if (head.starts_with('[')) {
    head.remove_prefix(1);
    skip();
    if (head.starts_with(']')) return true;
  }
  if (!head.starts_with('{')) return false;
  head.remove_prefix(1);
  skip();
  return head.empty() || head.starts_with('"') || head.starts_with('}');
}

// A crash, or a truncation under the writer, leaves one run of zeros in a log; it is no sign of a
// binary file.
std::string without_hole(std::string_view head) {
  const std::size_t hole = std::min(head.find('\0'), head.size());
  const std::size_t end = std::min(head.find_first_not_of('\0', hole), head.size());
  const bool single = head.find('\0', end) == std::string_view::npos;
  if (!single || end - hole == head.size()) return std::string(head);
  return std::string(head.substr(0, hole)).append(head.substr(end));
}

}  // namespace

std::string_view to_string(InputKind kind) {
  switch (kind) {
    case InputKind::unknown:
      return "unknown";
    case InputKind::capture:
      return "capture";
    case InputKind::evtx:
      return "evtx";
    case InputKind::json:
      return "json";
    case InputKind::text:
      return "text";
  }
  return "unknown";
}

InputKind detect_kind(Bytes bytes) {
  std::string_view head = as_text(bytes);
  if (is_capture(head)) return InputKind::capture;
  if (head.starts_with(std::string_view("ElfFile\0", 8))) return InputKind::evtx;
  if (is_json(head)) return InputKind::json;
  const std::string kept = without_hole(head);
  head = kept;
  // A log may hold stray bytes of any kind; what is mostly control characters is no text.
  const auto control = std::ranges::count_if(head, [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return (u < 0x20 && u != '\t' && u != '\n' && u != '\r' && u != 0x1b && u != 0x1d) || u == 0x7f;
  });
  return static_cast<std::size_t>(control) * 10 > head.size() ? InputKind::unknown
                                                              : InputKind::text;
}

}  // namespace chieng::collector
