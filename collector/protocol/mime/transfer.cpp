#include "collector/protocol/mime/transfer.h"

#include <strings.h>

#include <algorithm>
#include <array>
#include <utility>

namespace chieng::collector::mime {
namespace {

constexpr std::uint8_t kNoDigit = 0xff;

constexpr std::array<std::uint8_t, 256> kDigits = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(kNoDigit);
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  return table;
}();

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Coding parse_coding(std::string_view value) {
  value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
  const std::string_view word = value.substr(0, value.find_first_of(" \t;("));
  const auto is = [&](std::string_view name) {
    return word.size() == name.size() && strncasecmp(word.data(), name.data(), name.size()) == 0;
  };
  if (is("base64")) return Coding::base64;
  if (is("quoted-printable")) return Coding::quoted_printable;
  if (is("x-uuencode") || is("uuencode") || is("x-uue") || is("uue")) return Coding::uuencode;
  return Coding::none;
}

void Decoder::line(std::string_view text, std::string_view end, std::string& out) {
  switch (coding_) {
    case Coding::none:
      out += end_;
      out += text;
      end_ = end;
      break;
    case Coding::base64:
      base64(text, out);
      break;
    case Coding::quoted_printable:
      quoted_printable(text, end, out);
      break;
    case Coding::uuencode:
      uuencode(text, out);
      break;
  }
}

// Whole groups of four digits, as nearly all of a text is; what follows them is left to base64().
std::size_t Decoder::base64_groups(std::string_view text, std::string& out) const {
  const std::size_t before = out.size();
  out.resize(before + text.size() / 4 * 3);
  char* to = out.data() + before;
  std::size_t at = 0;
  for (; at + 4 <= text.size(); at += 4) {
    const auto digit = [&](std::size_t i) {
      return std::uint32_t{kDigits[static_cast<unsigned char>(text[at + i])]};
    };
    const std::uint32_t a = digit(0), b = digit(1), c = digit(2), d = digit(3);
    if (((a | b | c | d) & 0x80) != 0) break;
    const std::uint32_t bits = a << 18 | b << 12 | c << 6 | d;
    *to++ = static_cast<char>(bits >> 16);
    *to++ = static_cast<char>(bits >> 8);
    *to++ = static_cast<char>(bits);
  }
  out.resize(static_cast<std::size_t>(to - out.data()));
  return at;
}

// Other characters are stepped over, as receivers do.
void Decoder::base64(std::string_view text, std::string& out) {
  if (digits_ == 0) text.remove_prefix(base64_groups(text, out));
  for (const char c : text) {
    const std::uint8_t digit = kDigits[static_cast<unsigned char>(c)];
    if (digit == kNoDigit) {
      if (c == '=') finish(out);
      continue;
    }
    bits_ = bits_ << 6 | digit;
    if (++digits_ < 4) continue;
    out += static_cast<char>(bits_ >> 16);
    out += static_cast<char>(bits_ >> 8);
    out += static_cast<char>(bits_);
    bits_ = digits_ = 0;
  }
}

// Blanks at the end of a line are not part of it (RFC 2045 6.7 rule 3), and "=" joins it to the
// next.
void Decoder::end_of_line(std::string_view end, std::string& out) {
  const bool escape = waiting_.starts_with('=');
  const bool joined = waiting_ == "=";
  bad_ = bad_ || (escape && !joined);
  if (escape && !joined) out += waiting_;
  waiting_.clear();
  end_ = joined ? std::string_view() : end;
}

void Decoder::quoted_printable(std::string_view text, std::string_view end, std::string& out) {
  constexpr std::size_t most_blanks = 256;
  out += std::exchange(end_, {});
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\t';
    if (waiting_.starts_with('=')) {
      if (waiting_.size() == 1 && blank) continue;
      waiting_ += c;
      if (waiting_.size() == 3) end_of_escape(out);
    } else if (blank && waiting_.size() < most_blanks) {
      waiting_ += c;
    } else {
      out += waiting_;
      waiting_.clear();
      if (c == '=')
        waiting_ = "=";
      else
        out += c;
    }
  }
  if (!end.empty()) end_of_line(end, out);
}

void Decoder::end_of_escape(std::string& out) {
  const int high = hex_digit(waiting_[1]), low = hex_digit(waiting_[2]);
  if (high >= 0 && low >= 0) {
    out += static_cast<char>(high << 4 | low);
  } else {
    bad_ = true;
    out += waiting_;  // what is no escape stays as it is
  }
  waiting_.clear();
}

// A line: its length as a character, then groups of four characters of six bits each.
void Decoder::uuencode(std::string_view text, std::string& out) {
  if (ended_ || text.empty()) return;
  if (!begun_) {
    begun_ = !uuencoded_name(text).empty();
    return;
  }
  if (text == "end") {
    ended_ = true;
    return;
  }
  const auto value = [&](std::size_t i) {
    return i < text.size() ? static_cast<std::uint32_t>(text[i] - ' ') & 0x3f : 0u;
  };
  std::size_t left = value(0);
  for (std::size_t i = 1; left > 0 && i < text.size(); i += 4) {
    const std::uint32_t group =
        value(i) << 18 | value(i + 1) << 12 | value(i + 2) << 6 | value(i + 3);
    for (int shift = 16; shift >= 0 && left > 0; shift -= 8, --left)
      out += static_cast<char>(group >> shift);
  }
  bad_ = bad_ || left > 0;
}

// Also where base64 is padded, which may be in the middle: several encoded texts in a row.
void Decoder::finish(std::string& out) {
  waiting_.clear();
  end_ = {};
  if (digits_ >= 2) out += static_cast<char>(bits_ >> (digits_ == 2 ? 4 : 10));
  if (digits_ == 3) out += static_cast<char>(bits_ >> 2);
  if (digits_ == 1) bad_ = true;
  bits_ = digits_ = 0;
}

std::string_view uuencoded_name(std::string_view line) {
  constexpr std::string_view begin = "begin ";
  if (!line.starts_with(begin)) return {};
  line.remove_prefix(begin.size());
  const std::size_t space = line.find(' ');
  if (space < 3 || space > 4 || line.find_first_not_of("01234567") != space) return {};
  line.remove_prefix(std::min(line.find_first_not_of(' ', space), line.size()));
  return line;
}

}  // namespace chieng::collector::mime
