#include "core/event/privacy.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "core/hash/digest.h"

namespace chieng {
namespace {

constexpr std::string_view kMask = "***";

char lower(char c) {
  return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool ends_with_word(std::string_view text, std::size_t end, std::string_view word) {
  if (end < word.size()) return false;
  const std::size_t at = end - word.size();
  for (std::size_t i = 0; i < word.size(); ++i)
    if (lower(text[at + i]) != word[i]) return false;
  return true;
}

// Names whose value is a secret when "=", ":" or "%3D" follows; matched at the end of the
// parameter's name.
constexpr std::array<std::string_view, 14> kSecretNames = {
    "password", "passwd", "passphrase", "pass",     "pwd",     "secret",  "token",
    "api_key",  "apikey", "api-key",    "mat_khau", "matkhau", "session", "sessionid"};
constexpr std::array<std::string_view, 4> kHeaderNames = {"authorization", "cookie", "set-cookie",
                                                          "x-api-key"};

template <std::size_t N>
bool names_secret(std::string_view text, std::size_t end,
                  const std::array<std::string_view, N>& names) {
  return std::ranges::any_of(
      names, [&](std::string_view name) { return ends_with_word(text, end, name); });
}

// End of a secret value that begins at i: the matching quote, or the first separator.
std::size_t value_end(std::string_view text, std::size_t i, char quote) {
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0 && c == '\\')
      ++i;
    else if (quote != 0 ? c == quote
                        : (c == '&' || c == ';' || c == ',' || c == '"' || c == '\'' || c == '}' ||
                           std::isspace(static_cast<unsigned char>(c)) != 0))
      return i;
  }
  return std::min(i, text.size());
}

std::size_t line_end(std::string_view text, std::size_t i) {
  const auto end = text.find_first_of("\r\n", i);
  return end == std::string_view::npos ? text.size() : end;
}

// If a secret value begins after the separator at i, its [begin, end).
bool secret_after(std::string_view text, std::size_t i, std::size_t& begin, std::size_t& end) {
  std::size_t name_end = i;
  while (name_end > 0 &&
         (text[name_end - 1] == ' ' || text[name_end - 1] == '"' || text[name_end - 1] == '\''))
    --name_end;
  begin = i + 1;
  while (begin < text.size() && text[begin] == ' ') ++begin;
  if (text[i] == ':' && names_secret(text, name_end, kHeaderNames)) {
    end = line_end(text, begin);
    return end > begin;
  }
  if (!names_secret(text, name_end, kSecretNames)) return false;
  const bool quoted = begin < text.size() && (text[begin] == '"' || text[begin] == '\'');
  const char quote = quoted ? text[begin] : char{0};
  if (quoted) ++begin;
  end = value_end(text, begin, quote);
  return end > begin;
}

// A run of exactly twelve digits that is not part of a longer word: a Vietnamese identity number.
bool identity_number(std::string_view text, std::size_t i) {
  if (i > 0 && is_digit(text[i - 1])) return false;
  if (i > 1 && text[i - 1] == '.' && is_digit(text[i - 2])) return false;  // of a decimal number
  if (i + 12 > text.size()) return false;
  for (std::size_t k = 0; k < 12; ++k)
    if (!is_digit(text[i + k])) return false;
  if (i + 12 == text.size()) return true;
  const bool decimal = text[i + 12] == '.' && i + 13 < text.size() && is_digit(text[i + 13]);
  return !is_digit(text[i + 12]) && !decimal;
}

// "//user:secret@host": the userinfo that begins at i, up to '@'.
std::size_t userinfo_end(std::string_view text, std::size_t i) {
  for (std::size_t k = i; k < text.size() && k < i + 256; ++k) {
    if (text[k] == '@') return k;
    if (text[k] == '/' || text[k] == '?' || std::isspace(static_cast<unsigned char>(text[k])) != 0)
      break;
  }
  return i;
}

bool starts_with_word(std::string_view text, std::string_view upper) {
  if (text.size() < upper.size()) return false;
  for (std::size_t i = 0; i < upper.size(); ++i)
    if (std::toupper(static_cast<unsigned char>(text[i])) != upper[i]) return false;
  return true;
}

// The secret of a mail or file transfer command that begins at i: "PASS x", "AUTH PLAIN x", "tag
// LOGIN user x".
TextRange command_secret(std::string_view text, std::size_t i) {
  const std::size_t end = line_end(text, i);
  const std::string_view line = text.substr(i, end - i);
  for (const std::string_view word : {"PASS ", "AUTH PLAIN ", "AUTH LOGIN ", "AUTH XOAUTH2 "})
    if (starts_with_word(line, word)) return {i + word.size(), end};
  const auto blank = line.find(' ');
  constexpr std::string_view login = " LOGIN ";
  if (blank == std::string_view::npos || blank > 32 || !starts_with_word(line.substr(blank), login))
    return {};
  const auto user = line.find(' ', blank + login.size());
  return user == std::string_view::npos ? TextRange{} : TextRange{i + user + 1, end};
}

}  // namespace

void find_secrets(std::string_view text, std::vector<TextRange>& ranges) {
  ranges.clear();
  for (std::size_t i = 0; i < text.size();) {
    TextRange found;
    if (is_digit(text[i]) && identity_number(text, i))
      found = {i, i + 12};
    else if ((text[i] == '=' || text[i] == ':') && i > 0 &&
             secret_after(text, i, found.begin, found.end)) {
    } else if (text[i] == '/' && i > 0 && text[i - 1] == '/' && userinfo_end(text, i + 1) > i + 1)
      found = {i + 1, userinfo_end(text, i + 1)};
    else if (i == 0 || text[i - 1] == '\n')
      found = command_secret(text, i);
    if (found.end <= found.begin) {
      ++i;
      continue;
    }
    ranges.push_back(found);
    i = found.end;
  }
}

std::string mask_text(std::string_view text) {
  std::vector<TextRange> ranges;
  find_secrets(text, ranges);
  std::string out;
  out.reserve(text.size());
  std::size_t at = 0;
  for (const TextRange& r : ranges) {
    out.append(text, at, r.begin - at);
    out += kMask;
    at = r.end;
  }
  out.append(text, at);
  return out;
}

std::string apply_privacy(const PrivacyPolicy& policy, FieldClass field, std::string_view text) {
  if (!policy.enabled || field == FieldClass::plain) return std::string(text);
  if (field == FieldClass::credential) return std::string(kMask);
  switch (field == FieldClass::personal ? policy.personal : policy.content) {
    case PrivacyAction::keep:
      return std::string(text);
    case PrivacyAction::mask:
      return field == FieldClass::personal ? std::string(kMask) : mask_text(text);
    case PrivacyAction::hash:
      return "h:" +
             digest_hex(DigestKind::sha256, as_bytes(policy.hash_key + '\0' + std::string(text)))
                 .substr(0, 24);
    case PrivacyAction::drop:
      return {};
  }
  return {};
}

}  // namespace chieng
