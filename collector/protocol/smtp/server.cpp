#include "collector/protocol/smtp/server.h"

#include <utility>

namespace chieng::collector::smtp {

void Server::data(std::string_view data, std::uint64_t place) {
  constexpr auto d = Direction::to_client;
  const std::uint64_t end = place + data.size();
  while (!data.empty()) {
    if (lines_.is_empty()) line_place_ = end - data.size();
    const auto next = lines_.next(data);
    if (!next) return;
    host_.frame(d, std::to_underlying(Frame::response_line), line_place_,
                end - data.size() - line_place_, client_.transaction());
    if (!next->torn || parse_reply(next->text)) line(next->text, next->cut);
  }
}

void Server::line(std::string_view text, bool cut) {
  if (cut) client_.event(Event::truncated_line, Direction::to_client);
  const auto reply = parse_reply(text);
  if (!reply) {
    if (!std::exchange(bad_, true)) client_.event(Event::invalid_reply, Direction::to_client);
    return;
  }
  if (!reply->last) return;
  host_.inspect_raw(Direction::to_client);
  if (!client_.awaiting() && !client_.is_welcomed()) {
    client_.welcome();
    if (reply->code != 220) client_.event(Event::invalid_reply, Direction::to_client);
    return;
  }
  (void)client_.answered(reply->code);
}

void Server::lost() {
  lines_.lost();
  client_.welcome();
  client_.replies_lost();
}

}  // namespace chieng::collector::smtp
