#include "collector/protocol/pop3/commands.h"

#include <algorithm>
#include <iterator>

#include "collector/protocol/mime/fields.h"

namespace chieng::collector::pop3 {
namespace {

using enum CommandInfo::Answer;

constexpr CommandInfo kCommands[] = {
    {"USER", 1, 1, line},
    {"PASS", 1, 1, line},
    {"QUIT", 0, 0, line},
    {"STAT", 0, 0, line},
    {"LIST", 0, 1, list_without_argument},
    {"RETR", 1, 1, mail},
    {"DELE", 1, 1, line},
    {"NOOP", 0, 0, line},
    {"RSET", 0, 0, line},
    {"TOP", 2, 2, list},
    {"UIDL", 0, 1, list_without_argument},
    {"APOP", 2, 2, line},
    {"CAPA", 0, 0, list},
    {"STLS", 0, 0, line},
    {"AUTH", 1, 2, list_without_argument},
};

}  // namespace

const CommandInfo* find_command(std::string_view name) {
  const auto* found = std::ranges::find_if(
      kCommands, [&](const CommandInfo& c) { return mime::same_word(c.name, name); });
  return found == std::end(kCommands) ? nullptr : found;
}

}  // namespace chieng::collector::pop3
