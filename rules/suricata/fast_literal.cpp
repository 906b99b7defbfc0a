// Which bytes of a rule are looked for in all traffic: the rarest window of at most eight, since
// longer ones cost Hyperscan an extra check, and what is common makes candidates of rules that do
// not match.
#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "rules/suricata/compiled_set.h"

namespace chieng::suricata {
namespace {

constexpr std::size_t kWindow = 8;

// Roughly the bits of surprise of a byte in mixed traffic.
double surprise(unsigned char c) {
  if (c == 0) return 2.5;
  if (c == ' ' || c == 'e' || c == 't') return 3.5;
  if (std::islower(c) != 0)
    return std::string_view("aoinsrhdlcu").find(static_cast<char>(c)) != std::string_view::npos
               ? 4
               : 5.5;
  if (c == '/' || c == '.' || c == '\r' || c == '\n' || c == '=' || c == '-' || c == ':')
    return 4.5;
  if (std::isdigit(c) != 0 || c == 0xff || c == 1) return 5;
  if (std::isupper(c) != 0) return 6;
  if (c == ';' || c == ',' || c == '"' || c == '&' || c == '<' || c == '>') return 5.5;
  return c < 0x20 ? 6 : 7;
}

// Phrases that most traffic of some protocol holds: a window that lies in one of them tells
// nothing.
constexpr std::array<std::string_view, 30> kCommon = {"http://www.",
                                                      "https://",
                                                      "http/1.1\r\n",
                                                      "http/1.0",
                                                      "mozilla/5.0 (windows nt 10.0; win64; x64)",
                                                      "content-type: ",
                                                      "content-length: ",
                                                      "application/",
                                                      "text/html",
                                                      "x-www-form-urlencoded",
                                                      "user-agent: ",
                                                      "accept: */*",
                                                      "accept-",
                                                      "connection: keep-alive",
                                                      "host: ",
                                                      "cookie: ",
                                                      "charset=utf-8",
                                                      "get /",
                                                      "post /",
                                                      ".php?",
                                                      "index.php",
                                                      ".html",
                                                      ".com",
                                                      ".net",
                                                      ".org",
                                                      "<html>",
                                                      "<script",
                                                      "function",
                                                      "multipart/form-data",
                                                      "content-disposition: form-data; name="};

double score_of(std::string_view window, bool nocase) {
  double score = 0;
  for (const char c : window) {
    score += surprise(static_cast<unsigned char>(c));
    if (nocase && std::isalpha(static_cast<unsigned char>(c)) != 0) score -= 0.5;
  }
  std::string low(window);
  std::ranges::transform(low, low.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (std::ranges::any_of(
          kCommon, [&](std::string_view p) { return p.find(low) != std::string_view::npos; }))
    score /= 3;
  // A run of one byte is padding.
  if (std::ranges::all_of(window, [&](char c) { return c == window.front(); })) score /= 2;
  return score;
}

// Where a window of the content ends, where the rule says in figures at which places the content
// may be.
matching::LiteralEnds ends_of(const Content& c, std::size_t at, std::size_t size) {
  const auto plain = [](const Number& n) {
    return n.variable < 0 && n.value >= 0 && n.value < 65536;
  };
  if (c.relative() || !plain(c.offset) || !plain(c.depth)) return {};
  const auto offset = static_cast<std::uint32_t>(c.has_offset ? c.offset.value : 0);
  const auto behind = static_cast<std::uint32_t>(at + size);
  matching::LiteralEnds out;
  out.least = offset + behind;
  const auto depth = static_cast<std::uint32_t>(c.depth.value);
  if (c.has_depth && depth >= c.bytes.size())
    out.most = offset + depth - static_cast<std::uint32_t>(c.bytes.size()) + behind;
  return out;
}

}  // namespace

std::optional<FastLiteral> fast_literal(const List& list, std::size_t least) {
  std::optional<FastLiteral> best;
  for (const Step& step : list.steps) {
    const auto* c = std::get_if<Content>(&step.what);
    if (c == nullptr || step.negated || c->bytes.size() < least) continue;
    const std::size_t size = std::min(kWindow, c->bytes.size());
    for (std::size_t at = 0; at + size <= c->bytes.size(); ++at) {
      const auto window = std::string_view(c->bytes).substr(at, size);
      double score = score_of(window, c->nocase);
      if (c->fast) score += 3;
      if (!best || score > best->score)
        best = FastLiteral{std::string(window), c->nocase, score, ends_of(*c, at, size)};
    }
  }
  return best;
}

}  // namespace chieng::suricata
