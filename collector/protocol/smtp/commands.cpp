#include "collector/protocol/smtp/commands.h"

#include <algorithm>
#include <charconv>

#include "collector/protocol/mime/fields.h"

namespace chieng::collector::smtp {
namespace {

struct Name {
  std::string_view text;
  Command command;
};
constexpr Name kNames[] = {
    {"EHLO", Command::ehlo},  {"HELO", Command::helo},  {"MAIL", Command::mail},
    {"RCPT", Command::rcpt},  {"DATA", Command::data},  {"BDAT", Command::bdat},
    {"RSET", Command::rset},  {"AUTH", Command::auth},  {"QUIT", Command::quit},
    {"NOOP", Command::other}, {"VRFY", Command::other}, {"EXPN", Command::other},
    {"HELP", Command::other}, {"ETRN", Command::other},
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string_view without_blanks(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  return text;
}

// What follows "FROM:" or "TO:", up to the next blank.
std::string_view path(std::string_view text, std::string_view word) {
  text = without_blanks(text);
  if (text.size() < word.size() || !mime::same_word(text.substr(0, word.size()), word)) return {};
  text = without_blanks(text.substr(word.size()));
  if (text.starts_with(':')) text = without_blanks(text.substr(1));
  return text.substr(0, text.find(' '));
}

const Name* find_name(std::string_view text) {
  const std::string_view word = text.substr(0, 4);
  const auto* found = std::ranges::find_if(
      kNames, [&](const Name& name) { return mime::same_word(name.text, word); });
  if (found == std::end(kNames)) return nullptr;
  if (text.size() > 4 && static_cast<unsigned char>(text[4]) > ' ') return nullptr;
  return found;
}

bool is_starttls(std::string_view text) {
  constexpr std::string_view word = "STARTTLS";
  return mime::same_word(text.substr(0, word.size()), word) &&
         (text.size() == word.size() || static_cast<unsigned char>(text[word.size()]) <= ' ');
}

}  // namespace

CommandLine parse_command(std::string_view line) {
  if (is_starttls(line)) return {Command::starttls, {}};
  const Name* name = find_name(line);
  if (name == nullptr) return {};
  const std::string_view rest = line.substr(std::min<std::size_t>(4, line.size()));
  CommandLine out{name->command, {}};
  if (out.command == Command::helo || out.command == Command::ehlo) {
    out.argument = without_blanks(rest);
    out.argument = out.argument.substr(0, out.argument.find(' '));
  } else if (out.command == Command::mail) {
    out.argument = path(rest, "FROM");
  } else if (out.command == Command::rcpt) {
    out.argument = path(rest, "TO");
  }
  return out;
}

bool is_opening(std::string_view text) {
  const Name* name = find_name(text);
  return name != nullptr && (name->command == Command::ehlo || name->command == Command::helo);
}

bool is_known_command(std::string_view text) {
  return find_name(text) != nullptr || is_starttls(text);
}

std::optional<Chunk> parse_bdat(std::string_view line) {
  std::string_view rest = without_blanks(line.substr(std::min<std::size_t>(4, line.size())));
  Chunk out;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), out.size);
  if (error != std::errc{}) return std::nullopt;
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  const std::string_view word = mime::trim(rest);
  out.last = mime::same_word(word, "LAST");
  if (!word.empty() && (!out.last || !rest.starts_with(' '))) return std::nullopt;
  return out;
}

// RFC 5321 4.2.1: the first digit is 2 to 5, the second 0 to 5.
std::optional<Reply> parse_reply(std::string_view line) {
  if (line.size() < 3 || line[0] < '2' || line[0] > '5' || line[1] < '0' || line[1] > '5' ||
      !is_digit(line[2]))
    return std::nullopt;
  Reply out;
  out.code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
  out.last = line.size() < 4 || line[3] != '-';
  out.text = line.substr(std::min<std::size_t>(4, line.size()));
  return out;
}

}  // namespace chieng::collector::smtp
