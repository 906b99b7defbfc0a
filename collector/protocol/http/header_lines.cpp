#include "collector/protocol/http/header_lines.h"

#include "collector/protocol/http/text.h"

namespace chieng::collector::http {
namespace {

struct LineEnd {
  std::size_t size = 0;
  bool deformed = false;
};

// CR LF, then more CRs or CR and blanks up to an LF, counts as one line end. text starts at the CR
// LF.
std::optional<LineEnd> after_crlf(std::string_view text, bool at_end) {
  constexpr LineEnd plain{2, false};
  if (text.size() == 2) return at_end ? std::optional(plain) : std::nullopt;
  if (text[2] != '\r') return plain;
  std::size_t i = 3;
  bool only_cr = true;
  for (; i < text.size() && (text[i] == '\r' || is_blank(text[i])); ++i) only_cr &= text[i] == '\r';
  if (i == text.size() && !at_end) return std::nullopt;
  if (i == 3) return plain;
  if (i < text.size() && text[i] == '\n') return LineEnd{i + 1, true};
  return only_cr ? LineEnd{i, true} : plain;
}

// LF CR CR LF before another line end counts as one line end. text starts at the LF.
std::optional<LineEnd> after_lf(std::string_view text, bool at_end) {
  constexpr std::string_view odd = "\n\r\r\n";
  if (text.size() <= odd.size() && !at_end && odd.starts_with(text)) return std::nullopt;
  if (text.starts_with(odd) && text.size() > odd.size() && (text[4] == '\r' || text[4] == '\n'))
    return LineEnd{4, true};
  if (text.starts_with("\n\r")) return LineEnd{2, false};
  return LineEnd{1, false};
}

enum class Blank : std::uint8_t { no, yes, unknown };

// Between bare LFs a line of blanks ends the headers, together with a line end behind it; after CR
// LF it is a fold.
Blank blank_line(std::string_view block, std::size_t at, bool at_end, HeaderLine& line) {
  if (at == 0 || block[at - 1] != '\n' || (at > 1 && block[at - 2] == '\r')) return Blank::no;
  std::size_t i = at;
  while (i < block.size() && is_blank(block[i])) ++i;
  if (i == at || i == block.size() || block[i] != '\n') return Blank::no;
  ++i;
  const std::string_view rest = block.substr(i);
  if ((rest.empty() || rest == "\r") && !at_end) return Blank::unknown;
  if (rest.starts_with("\r\n"))
    i += 2;
  else if (rest.starts_with('\n'))
    ++i;
  line = {at, at, i, true, true};
  return Blank::yes;
}

std::optional<LineEnd> response_line_end(std::string_view text, bool at_end) {
  if (text.front() == '\n') return after_lf(text, at_end);
  if (text.size() == 1) return at_end ? std::optional(LineEnd{1, false}) : std::nullopt;
  if (text[1] == '\n') return after_crlf(text, at_end);
  return LineEnd{1, false};
}

std::optional<HeaderLine> request_line(std::string_view block, std::size_t at, bool at_end) {
  const std::size_t lf = block.find('\n', at);
  if (lf == std::string_view::npos && !at_end) return std::nullopt;
  HeaderLine line{at, lf == std::string_view::npos ? block.size() : lf, 0, false, false};
  line.next = lf == std::string_view::npos ? block.size() : lf + 1;
  while (line.end > at && block[line.end - 1] == '\r') --line.end;
  line.last = line.end == at;
  return line;
}

std::optional<HeaderLine> response_line(std::string_view block, std::size_t at, bool at_end) {
  if (block[at] == '\n') return HeaderLine{at, at, at + 1, true, false};
  if (block[at] == '\r') {
    if (at + 1 == block.size() && !at_end) return std::nullopt;
    const bool crlf = at + 1 < block.size() && block[at + 1] == '\n';
    return HeaderLine{at, at, at + (crlf ? 2u : 1u), true, false};
  }
  HeaderLine blank;
  switch (blank_line(block, at, at_end, blank)) {
    case Blank::yes:
      return blank;
    case Blank::unknown:
      return std::nullopt;
    case Blank::no:
      break;
  }
  const std::size_t lf = block.find('\n', at);
  const std::string_view upto = block.substr(0, lf);
  std::size_t end = upto.find('\r', at);
  if (end == std::string_view::npos) end = lf;
  if (end == std::string_view::npos) {
    if (!at_end) return std::nullopt;
    return HeaderLine{at, block.size(), block.size(), false, false};
  }
  const auto eol = response_line_end(block.substr(end), at_end);
  if (!eol) return std::nullopt;
  return HeaderLine{at, end, end + eol->size, false, eol->deformed};
}

}  // namespace

std::optional<HeaderLine> next_header_line(std::string_view block, std::size_t at,
                                           Direction direction, bool at_end) {
  if (at >= block.size()) {
    if (!at_end) return std::nullopt;
    return HeaderLine{at, at, at, true, false};
  }
  return direction == Direction::to_server ? request_line(block, at, at_end)
                                           : response_line(block, at, at_end);
}

bool continues_header(std::string_view line, Direction direction) {
  if (line.empty() || (!is_blank(line.front()) && line.front() != '\0')) return false;
  if (direction == Direction::to_server) return true;
  std::size_t i = 0;
  while (i < line.size() && (is_blank(line[i]) || line[i] == '\0')) ++i;
  const std::size_t name = i;
  while (i < line.size() && is_token(line[i])) ++i;
  if (i == name) return true;
  while (i < line.size() && is_blank(line[i])) ++i;
  return i == line.size() || line[i] != ':';
}

}  // namespace chieng::collector::http
