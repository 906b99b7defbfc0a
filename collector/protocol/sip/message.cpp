#include "collector/protocol/sip/message.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace chieng::collector::sip {
namespace {

constexpr std::size_t kMostHeaders = 512;

// RFC 3261 section 20 and the RFCs that added methods.
constexpr std::array<std::string_view, 14> kMethods = {
    "REGISTER", "INVITE",    "ACK",    "BYE",     "CANCEL",  "UPDATE", "REFER",
    "PRACK",    "SUBSCRIBE", "NOTIFY", "PUBLISH", "MESSAGE", "INFO",   "OPTIONS"};
constexpr std::string_view kVersion = "SIP/";

bool same_text(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string_view take_line(std::string_view& in) {
  const auto end = in.find('\n');
  std::string_view line = in.substr(0, end);
  in.remove_prefix(end == std::string_view::npos ? in.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// RFC 3261 section 7.3.3.
std::string_view long_name(std::string_view name) {
  static constexpr std::pair<char, std::string_view> names[] = {
      {'f', "From"},           {'t', "To"},       {'v', "Via"},     {'c', "Content-Type"},
      {'l', "Content-Length"}, {'i', "Call-ID"},  {'m', "Contact"}, {'e', "Content-Encoding"},
      {'s', "Subject"},        {'k', "Supported"}};
  if (name.size() != 1) return name;
  for (const auto& [letter, full] : names)
    if (std::tolower(static_cast<unsigned char>(name[0])) == letter) return full;
  return name;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view("-.!%*_+`'~").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

bool read_first_line(std::string_view line, Message& out) {
  out.first_line = line;
  const auto first = line.find(' ');
  if (first == std::string_view::npos) return false;
  const std::string_view word = line.substr(0, first);
  if (word.starts_with(kVersion)) {
    out.response = true;
    out.version = word;
    const std::string_view rest = line.substr(first + 1);
    const auto space = rest.find(' ');
    out.code = rest.substr(0, space);
    if (space != std::string_view::npos) out.reason = rest.substr(space + 1);
    return out.code.size() == 3;
  }
  const auto last = line.rfind(' ');
  out.method = word;
  out.version = line.substr(last + 1);
  if (last <= first || !out.version.starts_with(kVersion) || !is_token(word)) return false;
  out.uri = line.substr(first + 1, last - first - 1);
  return true;
}

}  // namespace

const std::string* Message::header(std::string_view name, std::size_t nth) const {
  for (const Header& h : headers)
    if (same_text(h.name, name) && nth-- == 0) return &h.value;
  return nullptr;
}

std::optional<Message> parse_head(std::string_view head) {
  Message out;
  if (!read_first_line(take_line(head), out)) return std::nullopt;
  while (!head.empty()) {
    const std::string_view line = take_line(head);
    if (line.empty()) break;
    if ((line.front() == ' ' || line.front() == '\t') && !out.headers.empty()) {
      out.headers.back().value += ' ';
      out.headers.back().value += trim(line);
      continue;
    }
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || out.headers.size() == kMostHeaders) continue;
    out.headers.push_back({std::string(long_name(trim(line.substr(0, colon)))),
                           std::string(trim(line.substr(colon + 1)))});
  }
  return out;
}

std::size_t head_size(std::string_view in) {
  const auto crlf = in.find("\r\n\r\n"), lf = in.find("\n\n");
  if (crlf == std::string_view::npos && lf == std::string_view::npos) return std::string_view::npos;
  return crlf < lf ? crlf + 4 : lf + 2;
}

std::size_t content_length(const Message& message) {
  const std::string* value = message.header("Content-Length");
  std::size_t out = 0;
  if (value != nullptr) std::from_chars(value->data(), value->data() + value->size(), out);
  return out;
}

bool is_first_line(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  Message m;
  if (!read_first_line(line, m)) return false;
  return m.response ? std::ranges::all_of(m.code, [](unsigned char c) { return std::isdigit(c); })
                    : std::ranges::find(kMethods, m.method) != kMethods.end();
}

bool may_begin_message(std::string_view in) {
  const auto fits = [&](std::string_view word) {
    const std::size_t n = std::min(word.size(), in.size());
    return in.substr(0, n) == word.substr(0, n) &&
           (in.size() <= n || word.back() == '/' || in[n] == ' ');
  };
  return fits(kVersion) || std::ranges::any_of(kMethods, fits);
}

}  // namespace chieng::collector::sip
