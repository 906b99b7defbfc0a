#include "collector/protocol/http/header_lines.h"

#include "collector/protocol/http/text.h"

namespace chieng::collector::http {
namespace {

struct LineEnd {
  std::size_t size = 0;
  bool deformed = false;
};

// CR LF CR <blanks> LF counts as one line end. text starts at the CR LF.
std::optional<LineEnd> after_crlf(std::string_view text, bool at_end) {
  constexpr LineEnd plain{2, false};
  if (text.size() == 2) return at_end ? std::optional(plain) : std::nullopt;
  if (text[2] != '\r') return plain;
  std::size_t i = 3;
  while (i < text.size() && is_blank(text[i])) ++i;
  if (i == text.size()) return at_end ? std::optional(plain) : std::nullopt;
  return i > 3 && text[i] == '\n' ? LineEnd{i + 1, true} : plain;
}

// LF CR CR LF counts as one line end. text starts at the LF.
std::optional<LineEnd> after_lf(std::string_view text, bool at_end) {
  if (text.size() > 1 && text[1] != '\r') return LineEnd{1, false};
  if (text.size() < 4 && !at_end && std::string_view("\n\r\r\n").starts_with(text)) return std::nullopt;
  if (text.starts_with("\n\r\r\n")) return LineEnd{4, true};
  if (text.starts_with("\n\r")) return LineEnd{2, false};
  return LineEnd{1, false};
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

std::optional<HeaderLine> next_header_line(std::string_view block, std::size_t at, Direction direction, bool at_end) {
  if (at >= block.size()) {
    if (!at_end) return std::nullopt;
    return HeaderLine{at, at, at, true, false};
  }
  return direction == Direction::to_server ? request_line(block, at, at_end) : response_line(block, at, at_end);
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
