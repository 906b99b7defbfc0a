#include "collector/log/line_frame.h"

#include <algorithm>
#include <charconv>

namespace chieng::collector {
namespace {

constexpr std::size_t longest_tag = 128;

void skip_blanks(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
}

std::string_view take_token(std::string_view& text) {
  const std::string_view token = text.substr(0, text.find(' '));
  text.remove_prefix(std::min(token.size() + 1, text.size()));
  return token;
}

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t out = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && stop == text.data() + text.size() ? std::optional(out)
                                                                   : std::nullopt;
}

bool host_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
         c == '-' || c == '_' || c == ':';
}

// "sshd[123]:", "postfix/smtpd[1]:", "dovecot:", "proftpd[1]" (with a process id the colon may be
// missing).
bool parse_tag(std::string_view text, LineFrame& frame, std::size_t& length) {
  const std::size_t end = std::min(text.find(' '), text.size());
  std::string_view token = text.substr(0, end);
  if (token.empty() || token.size() > longest_tag || token.front() == '[' || token.front() == '"' ||
      token.front() == '<')
    return false;
  const bool colon = token.ends_with(':');
  if (colon) token.remove_suffix(1);
  if (token.empty() || token.find_first_of(":=\"'<>,;") != token.npos) return false;
  frame.pid.reset();
  const std::size_t open = token.rfind('[');
  if (token.ends_with(']') && open != token.npos && open > 0) {
    frame.pid = number(token.substr(open + 1, token.size() - open - 2));
    if (!frame.pid) return false;
    token = token.substr(0, open);
  }
  if (!colon && !frame.pid) return false;
  frame.process = token;
  length = end;
  return true;
}

void parse_header(std::string_view text, LineFrame& frame) {
  std::size_t length = 0;
  frame.message = text;
  if (parse_tag(text, frame, length)) {
    frame.message = text.substr(length);
    return;
  }
  const std::size_t blank = text.find(' ');
  if (blank == text.npos || blank > 255 ||
      !std::ranges::all_of(text.substr(0, blank), host_character))
    return;
  std::string_view rest = text.substr(blank);
  skip_blanks(rest);
  // Without a syslog stamp in front, two words and a colon are not enough to be a host and a
  // program.
  const bool syslog = frame.stamp && !frame.stamp->bracketed;
  if (!parse_tag(rest, frame, length) || (!syslog && !frame.pid)) {
    frame.process = {};
    frame.pid.reset();
    return;
  }
  frame.host = text.substr(0, blank);
  frame.message = rest.substr(length);
}

// [id name="value" …]…, with \" \] \\ inside values.
void skip_structured_data(std::string_view& text) {
  if (text.starts_with("- ") || text == "-") {
    text.remove_prefix(1);
    return;
  }
  while (text.starts_with('[')) {
    bool quoted = false;
    std::size_t i = 1;
    for (; i < text.size(); ++i) {
      if (quoted && text[i] == '\\')
        ++i;
      else if (text[i] == '"')
        quoted = !quoted;
      else if (text[i] == ']' && !quoted)
        break;
    }
    if (i >= text.size()) return;
    text.remove_prefix(i + 1);
  }
}

// After "<PRI>1 ": stamp, host, program, process id, message id, data, message. The message id is
// left out by some.
void parse_5424(std::string_view text, const StampContext& context, LineFrame& frame) {
  const auto value = [](std::string_view token) {
    return token == "-" ? std::string_view{} : token;
  };
  frame.stamp = leading_stamp(take_token(text), context);
  frame.host = value(take_token(text));
  frame.process = value(take_token(text));
  frame.pid = number(take_token(text));
  if (!text.starts_with('[')) (void)take_token(text);
  skip_structured_data(text);
  skip_blanks(text);
  if (text.starts_with('[') && text.find("=\"") != text.npos) skip_structured_data(text);
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  frame.message = text;
}

// Facility notes and stamps that programs put before their own text.
void strip_message(LineFrame& frame, const StampContext& context) {
  std::string_view& text = frame.message;
  skip_blanks(text);
  if (text.starts_with("[ID ") && text.find(']') != text.npos)
    text.remove_prefix(text.find(']') + 1);
  skip_blanks(text);
  if (const auto inner = leading_stamp(text, context)) {
    text.remove_prefix(inner->length);
    if (!frame.stamp) frame.stamp = inner;
    if (text.starts_with(':')) text.remove_prefix(1);
    skip_blanks(text);
  }
  constexpr std::string_view repeated = "message repeated ", times = " times: [";
  const std::size_t end = text.starts_with(repeated) ? text.find(times) : text.npos;
  if (end == text.npos) return;
  const auto count = number(text.substr(repeated.size(), end - repeated.size()));
  if (!count || *count == 0) return;
  frame.repeated = *count;
  text.remove_prefix(end + times.size());
  skip_blanks(text);
  if (text.ends_with(']')) text.remove_suffix(1);
}

}  // namespace

LineFrame parse_frame(std::string_view line, const StampContext& context) {
  LineFrame frame;
  std::string_view text = line;
  while (text.ends_with(' ') || text.ends_with('\r')) text.remove_suffix(1);
  if (text.starts_with('<')) {
    const std::size_t end = text.substr(0, 5).find('>');
    if (end != text.npos && number(text.substr(1, end - 1))) text.remove_prefix(end + 1);
    if (end != text.npos && text.starts_with("1 ")) {
      text.remove_prefix(2);
      parse_5424(text, context, frame);
      strip_message(frame, context);
      return frame;
    }
  }
  frame.stamp = leading_stamp(text, context);
  if (frame.stamp) {
    text.remove_prefix(frame.stamp->length);
    if (text.starts_with(':')) text.remove_prefix(1);
    skip_blanks(text);
  }
  parse_header(text, frame);
  strip_message(frame, context);
  return frame;
}

}  // namespace chieng::collector
