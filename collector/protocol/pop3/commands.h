// POP3's commands (RFC 1939, RFC 2449, RFC 2595, RFC 5034).
#pragma once

#include <cstdint>
#include <string_view>

namespace chieng::collector::pop3 {

struct CommandInfo {
  std::string_view name;
  std::uint8_t least, most;  // arguments
  enum class Answer : std::uint8_t { line, list, list_without_argument, mail } answer;
};

[[nodiscard]] const CommandInfo* find_command(std::string_view name);  // null: unknown

}  // namespace chieng::collector::pop3
