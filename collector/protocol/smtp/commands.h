// The lines of both sides (RFC 5321, RFC 3030, RFC 3207, RFC 4954).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace chieng::collector::smtp {

enum class Command : std::uint8_t {
  other,
  helo,
  ehlo,
  mail,
  rcpt,
  data,
  bdat,
  rset,
  starttls,
  auth,
  quit
};

struct CommandLine {
  Command command = Command::other;
  std::string_view argument;  // of HELO, EHLO, MAIL FROM and RCPT TO: up to the next blank
};
[[nodiscard]] CommandLine parse_command(std::string_view line);

// A word that begins a session of SMTP and of no other protocol: EHLO, HELO. QUIT may come as well.
[[nodiscard]] bool is_opening(std::string_view text);
// Whether the text is the beginning of a command at all.
[[nodiscard]] bool is_known_command(std::string_view text);

struct Chunk {
  std::uint64_t size = 0;
  bool last = false;
};
// "BDAT 1000 LAST"
[[nodiscard]] std::optional<Chunk> parse_bdat(std::string_view line);

struct Reply {
  int code = 0;
  bool last = true;  // false: further lines of the same reply follow
  std::string_view text;
};
[[nodiscard]] std::optional<Reply> parse_reply(std::string_view line);

}  // namespace chieng::collector::smtp
