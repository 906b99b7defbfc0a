#include "rules/sigma/predicate.h"

#include <algorithm>
#include <charconv>

#include "core/time/timestamp.h"
#include "rules/sigma/fold.h"

namespace chieng::sigma {
namespace {

bool valid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const Character c = character_at(text, i);
    if (c.value >= 0xDC00 && c.value < 0xE000) return false;
    i += c.size;
  }
  return true;
}

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t size) {
  int value = 0;
  if (text.size() < at + size) return std::nullopt;
  const char* end = text.data() + at + size;
  const auto [stop, error] = std::from_chars(text.data() + at, end, value);
  return error == std::errc{} && stop == end && value >= 0 ? std::optional(value) : std::nullopt;
}

// ISO 8601: the week that holds the year's first Thursday is the first.
int iso_week(int year, int month, int day) {
  const std::int64_t days =
      days_from_civil(year, static_cast<unsigned>(month), static_cast<unsigned>(day));
  const std::int64_t weekday = ((days + 3) % 7 + 7) % 7;  // Monday 0
  const std::int64_t thursday = days - weekday + 3;
  std::int64_t first = days_from_civil(year, 1, 1);
  if (thursday < first)
    first = days_from_civil(year - 1, 1, 1);
  else if (const std::int64_t next = days_from_civil(year + 1, 1, 1); thursday >= next)
    first = next;
  return static_cast<int>((thursday - first) / 7 + 1);
}

}  // namespace

Result<RulePattern> RulePattern::compile(std::string_view pattern, matching::RegexFlags flags) {
  CHIENG_TRY(auto bytes, matching::Regex::compile(pattern, flags));
  flags.utf = true;
  CHIENG_TRY(auto characters, matching::Regex::compile(pattern, flags));
  return RulePattern(std::move(bytes), std::move(characters));
}

matching::RegexOutcome RulePattern::find(std::string_view value,
                                         matching::RegexScratch& scratch) const {
  const bool ascii =
      std::ranges::all_of(value, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  const matching::Regex& regex = !ascii && valid_utf8(value) ? characters_ : bytes_;
  return regex.find(as_bytes(value), 0, scratch);
}

std::optional<double> decimal(std::string_view text) {
  const bool plus = text.starts_with('+');
  if (plus) text.remove_prefix(1);
  if (text.empty() || text.size() > 40 || (plus && text.starts_with('-'))) return std::nullopt;
  if (text.find_first_not_of("0123456789.", text.starts_with('-') ? 1 : 0) != text.npos)
    return std::nullopt;
  double value = 0;
  const auto [stop, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  return error == std::errc{} && stop == text.data() + text.size() ? std::optional(value)
                                                                   : std::nullopt;
}

bool compare(double left, Comparison comparison, double right) {
  switch (comparison) {
    case Comparison::equal:
      return left == right;
    case Comparison::less:
      return left < right;
    case Comparison::less_equal:
      return left <= right;
    case Comparison::greater:
      return left > right;
    case Comparison::greater_equal:
      return left >= right;
  }
  return false;
}

std::optional<int> time_part(std::string_view text, TimePart part) {
  const auto year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
  if (!year || !month || !day || text[4] != '-' || text[7] != '-') return std::nullopt;
  if (*month < 1 || *month > 12 || *day < 1 || *day > 31) return std::nullopt;
  switch (part) {
    case TimePart::year:
      return year;
    case TimePart::month:
      return month;
    case TimePart::day:
      return day;
    case TimePart::week:
      return iso_week(*year, *month, *day);
    case TimePart::hour:
      return digits(text, 11, 2);
    case TimePart::minute:
      return text.size() > 13 && text[13] == ':' ? digits(text, 14, 2) : std::nullopt;
  }
  return std::nullopt;
}

std::string_view bare_guid(std::string_view text) {
  if (text.size() == 38 && text.front() == '{' && text.back() == '}') text = text.substr(1, 36);
  if (text.size() != 36) return {};
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (dash ? c != '-' : !hex) return {};
  }
  return text;
}

std::optional<IpAddress> event_address(std::string_view text) {
  auto address = parse_address(text);
  if (!address || address->version != 6) return address;
  const bool mapped = std::all_of(address->bytes.begin(), address->bytes.begin() + 10,
                                  [](auto b) { return b == 0; }) &&
                      address->bytes[10] == 0xFF && address->bytes[11] == 0xFF;
  return mapped ? IpAddress::from_bytes(address->raw().subspan(12)) : *address;
}

}  // namespace chieng::sigma
