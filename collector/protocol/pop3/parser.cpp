#include "collector/protocol/pop3/parser.h"

#include <algorithm>
#include <utility>

#include "collector/protocol/mime/fields.h"
#include "collector/protocol/tls/tls.h"

namespace chieng::collector::pop3 {
namespace {

// "+OK text", "-ERR text", "+ challenge".
struct Status {
  bool success = false, challenge = false;
  std::string_view text;
};

std::optional<Status> parse_status(std::string_view line) {
  for (const std::string_view word : {"+OK", "-ERR", "+"}) {
    if (!mime::same_word(line.substr(0, word.size()), word)) continue;
    std::string_view text = line.substr(word.size());
    if (!text.empty() && text.front() != ' ' && text.front() != '\t') return std::nullopt;
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    return Status{word.front() == '+', word == "+", text};
  }
  return std::nullopt;
}

}  // namespace

// Behind a loss a line may be the end of one only.
bool Pop3Parser::is_whole(Direction d, std::string_view line) const {
  if (d == Direction::to_client) return in_list_ || parse_status(line).has_value();
  return find_command(line.substr(0, line.find(' '))) != nullptr;
}

Pop3Transaction& Pop3Parser::add() {
  return static_cast<Pop3Transaction&>(
      *host_.add(std::make_unique<Pop3Transaction>(proto_, host_.next_transaction_id())));
}

void Pop3Parser::finish(Pop3Transaction& tx) {
  tx.set_progress(Direction::to_server, kComplete);
  tx.set_progress(Direction::to_client, kComplete);
}

void Pop3Parser::data(Direction d, Bytes data) {
  std::string_view rest = as_text(data);
  const bool client = d == Direction::to_server;
  while (!rest.empty()) {
    const auto line = (client ? requests_ : responses_).next(rest);
    if (!line) return;
    host_.inspect_raw(d);
    if (line->torn && !is_whole(d, line->text)) continue;
    if (client)
      request(*line);
    else
      response(*line);
  }
}

void Pop3Parser::request(const LineSplitter::Line& line) {
  const bool credentials = std::exchange(credentials_, false);
  if (line.text.empty() && !credentials) return;
  Pop3Transaction& tx = add();
  tx.request.emplace();
  if (line.cut || line.text.size() + 2 > kMaxRequest)
    event(tx, Event::request_too_long, Direction::to_server);
  const CommandInfo* command = nullptr;
  if (credentials) {
    tx.request->command = "<SASL DATA>";
  } else {
    std::string_view rest = line.text;
    while (!(rest = mime::trim(rest)).empty()) {
      const std::string_view word = rest.substr(0, rest.find(' '));
      rest.remove_prefix(word.size());
      if (tx.request->command.empty())
        tx.request->command = word;
      else
        tx.request->arguments.emplace_back(word);
    }
    command = find_command(tx.request->command);
    const std::size_t count = tx.request->arguments.size();
    if (command == nullptr)
      event(tx, Event::unknown_command, Direction::to_server);
    else if (count < command->least || count > command->most)
      event(tx, Event::incorrect_argument_count, Direction::to_server);
  }
  tx.set_progress(Direction::to_server, kComplete);
  waiting_.push_back({&tx, command});
  if (waiting_.size() <= kMaxWaiting) return;
  event(tx, Event::too_many_transactions, Direction::to_server);
  drop_oldest();
}

// The front one may be in the middle of its response, so the one behind it goes.
void Pop3Parser::drop_oldest() {
  finish(*waiting_[1].tx);
  waiting_.erase(waiting_.begin() + 1);
}

bool Pop3Parser::list_follows(const Waiting& waiting) const {
  if (waiting.command == nullptr) return false;
  const auto answer = waiting.command->answer;
  if (answer == CommandInfo::Answer::list_without_argument)
    return waiting.tx->request->arguments.empty();
  return answer != CommandInfo::Answer::line;
}

void Pop3Parser::response(const LineSplitter::Line& line) {
  if (in_list_) return listed(line.text);
  const auto status = parse_status(line.text);
  if (!status) return;
  // Nobody asked for a greeting.
  if (waiting_.empty() || !std::exchange(greeted_, true)) {
    Pop3Transaction& tx = add();
    waiting_.push_front({&tx, nullptr});
    greeted_ = true;
  }
  const Waiting& front = waiting_.front();
  if (line.cut || line.text.size() + 2 > kMaxResponse)
    event(*front.tx, Event::response_too_long, Direction::to_client);
  front.tx->response.emplace(Response{status->success, std::string(status->text), {}});
  if (status->challenge) {
    credentials_ = true;
    front.tx->response->text.clear();
  }
  listed_ = 0;
  in_list_ = status->success && !status->challenge && list_follows(front);
  if (in_list_) return;
  const bool starts_tls =
      status->success && front.command != nullptr && front.command->name == "STLS";
  finish_response();
  if (starts_tls) host_.change_protocol_to(kTls, kTls.make);
}

void Pop3Parser::listed(std::string_view line) {
  if (line == ".") return finish_response();
  const Waiting& front = waiting_.front();
  if (front.command->answer == CommandInfo::Answer::mail) return;
  if (line.starts_with('.')) line.remove_prefix(1);
  listed_ += line.size() + sizeof(std::string);
  if (listed_ <= Pop3Transaction::kMaxListed) front.tx->response->lines.emplace_back(line);
}

void Pop3Parser::finish_response() {
  in_list_ = false;
  finish(*waiting_.front().tx);
  waiting_.pop_front();
}

void Pop3Parser::gap(Direction d, std::uint64_t) {
  if (d == Direction::to_server) {
    requests_.lost();
    return;
  }
  responses_.lost();
  greeted_ = true;
  if (in_list_) return;
  // Which response belongs to which command is not known any more.
  for (const Waiting& waiting : waiting_) finish(*waiting.tx);
  waiting_.clear();
}

void Pop3Parser::end(Direction d) {
  if (d != Direction::to_client) return;
  for (const Waiting& waiting : waiting_) finish(*waiting.tx);
  waiting_.clear();
  in_list_ = false;
}

}  // namespace chieng::collector::pop3
