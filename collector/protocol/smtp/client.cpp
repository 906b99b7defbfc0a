#include "collector/protocol/smtp/client.h"

#include <algorithm>
#include <utility>

#include "collector/protocol/tls/tls.h"

namespace chieng::collector::smtp {

void Client::event(Event e, Direction d) {
  host_.event(tx_, static_cast<std::uint16_t>(e), d);
  if (tx_ != nullptr) tx_->touch(opposite(d));
}

void Client::data(std::string_view data, std::uint64_t place) {
  const std::uint64_t end = place + data.size();
  while (!data.empty()) {
    const std::uint64_t here = end - data.size();
    if (state_ == State::message) {
      data.remove_prefix(message(data, here));
    } else if (state_ == State::chunk) {
      data.remove_prefix(chunk(data));
    } else if (state_ == State::data_asked) {
      return hold(data, here);
    } else {
      if (lines_.is_empty()) line_place_ = here;
      const auto next = lines_.next(data);
      if (!next) return;
      // What is left of a command whose beginning is lost says nothing.
      if (!next->torn || is_known_command(next->text))
        line(next->text, next->cut, end - data.size());
    }
  }
}

// DATA is the last command of a group (RFC 2920 3.1); what follows is a message or commands, as the
// server answers.
void Client::hold(std::string_view data, std::uint64_t place) {
  if (held_.empty()) {
    event(Event::invalid_pipelined_sequence, Direction::to_server);
    held_place_ = place;
  }
  held_ += data;
  if (held_.size() > kMaxHeld) data_answered(true);
}

std::size_t Client::message(std::string_view data, std::uint64_t place) {
  if (!std::exchange(in_message_, true))
    frame_ = host_.frame(Direction::to_server, std::to_underlying(Frame::data), place, std::nullopt,
                         tx_);
  const std::size_t used = block_.data(data, [this](std::string_view text) { mail_->data(text); });
  if (block_.ended()) {
    host_.end_frame(Direction::to_server, frame_, place + used);
    end_mail(true);
    await(Command::other);
  }
  return used;
}

std::size_t Client::chunk(std::string_view data) {
  const std::size_t used = std::min<std::uint64_t>(chunk_.size, data.size());
  mail_->data(data.substr(0, used));
  chunk_.size -= used;
  if (chunk_.size > 0) return used;
  state_ = State::commands;
  if (chunk_.last) end_mail(true);
  return used;
}

void Client::line(std::string_view text, bool cut, std::uint64_t end) {
  constexpr auto type = std::to_underlying(Frame::command_line);
  host_.inspect_raw(Direction::to_server);
  host_.frame(Direction::to_server, type, line_place_, end - line_place_);
  if (std::exchange(credentials_, false)) {
    await(Command::auth);
    return;
  }
  const CommandLine parsed = parse_command(text);
  const bool ends = parsed.command == Command::rset || parsed.command == Command::quit;
  if (tx_ == nullptr && !(had_transaction_ && ends)) begin_transaction();
  host_.frame(Direction::to_server, type, line_place_, text.size(), tx_);
  if (!welcomed_) event(Event::no_server_welcome_message, Direction::to_client);
  if (cut) event(Event::truncated_line, Direction::to_server);
  if (!pending_.empty() &&
      (pending_.back() == Command::starttls || pending_.back() == Command::data))
    event(Event::invalid_pipelined_sequence, Direction::to_server);
  command(parsed, text);
}

void Client::command(const CommandLine& parsed, std::string_view text) {
  switch (parsed.command) {
    case Command::helo:
    case Command::ehlo:
      greet(parsed.argument);
      break;
    case Command::mail:
      mail_from(parsed.argument);
      break;
    case Command::rcpt:
      recipient(parsed.argument);
      break;
    case Command::data:
      ask_data();
      break;
    case Command::bdat:
      start_chunk(text);
      break;
    case Command::rset:
      resetting_ = tx_ != nullptr;
      break;
    default:
      break;
  }
  await(parsed.command);
}

void Client::greet(std::string_view name) {
  if (std::exchange(greeted_, true)) {
    event(Event::duplicate_fields, Direction::to_server);
    resetting_ = tx_->mail_from || !tx_->recipients.empty() || tx_->mail;
    return;
  }
  helo_ = name;
  tx_->helo = helo_;
  tx_->reach(Progress::greeting);
}

void Client::mail_from(std::string_view sender) {
  if (std::exchange(resetting_, false)) {  // pipelined behind it: this one begins the next mail
    end_transaction();
    begin_transaction();
  }
  if (tx_->mail_from) {
    event(Event::duplicate_fields, Direction::to_server);
    return;
  }
  tx_->mail_from = sender;
  tx_->reach(Progress::sender);
}

void Client::recipient(std::string_view address) {
  if (tx_->recipients.size() >= kMaxRecipients ||
      recipient_bytes_ + address.size() > kMaxRecipientBytes)
    return;
  recipient_bytes_ += address.size();
  tx_->recipients.emplace_back(address);
  tx_->touch(Direction::to_server);
}

void Client::ask_data() {
  tx_->reach(Progress::envelope);
  begin_mail();
  state_ = State::data_asked;
}

void Client::start_chunk(std::string_view text) {
  const auto parsed = parse_bdat(text);
  if (!parsed) {
    event(Event::invalid_bdat, Direction::to_server);
    return;
  }
  tx_->reach(Progress::envelope);
  if (!mail_) begin_mail();
  chunk_ = *parsed;
  if (chunk_.size > 0)
    state_ = State::chunk;
  else if (chunk_.last)
    end_mail(true);
}

void Client::await(Command command) {
  if (pending_.size() < kMaxPending) pending_.push_back(command);
}

void Client::begin_transaction() {
  tx_ = static_cast<SmtpTransaction*>(
      host_.add(std::make_unique<SmtpTransaction>(proto_, host_.next_transaction_id())));
  had_transaction_ = true;
  recipient_bytes_ = 0;
  if (!greeted_) return;
  tx_->helo = helo_;
  tx_->reach(Progress::greeting);
}

void Client::end_transaction() {
  if (mail_) {
    mail_->finish(false);
    mail_.reset();
  }
  if (tx_ != nullptr) tx_->complete();
  tx_ = nullptr;
  resetting_ = false;
  state_ = State::commands;  // a mail that was asked for is gone as well
  in_message_ = false;
  held_.clear();
}

void Client::begin_mail() {
  if (!mail_) mail_.emplace(host_, *tx_);
  block_.restart();
  lost_in_message_ = false;
}

void Client::end_mail(bool whole) {
  if (mail_) mail_->finish(whole);
  mail_.reset();
  host_.inspect_raw(Direction::to_server);
  end_transaction();
}

std::optional<Command> Client::awaiting() const {
  return pending_.empty() ? std::nullopt : std::optional(pending_.front());
}

std::optional<Command> Client::answered(int code) {
  if (pending_.empty()) {
    // The end of the message was among what is lost.
    if (state_ == State::message && lost_in_message_) end_mail(false);
    return std::nullopt;
  }
  const Command command = pending_.front();
  pending_.pop_front();
  const bool good = code / 100 == 2;
  if (command == Command::data) data_answered(code == 354);
  if (command == Command::auth) credentials_ = code == 334;
  if (command == Command::starttls) tls_answered(code == 220);
  if (command == Command::rset || command == Command::helo || command == Command::ehlo) {
    const bool reset = std::exchange(resetting_, false);
    if (reset && good && state_ == State::commands) end_transaction();
  }
  return command;
}

void Client::data_answered(bool accepted) {
  if (state_ != State::data_asked) return;
  const std::string held = std::exchange(held_, {});
  if (accepted) {
    state_ = State::message;
  } else {
    state_ = State::commands;
    mail_.reset();
    event(Event::data_command_rejected, Direction::to_client);
  }
  data(held, held_place_);
}

void Client::tls_answered(bool accepted) {
  if (!accepted) {
    event(Event::tls_rejected, Direction::to_client);
    return;
  }
  end_transaction();
  host_.change_protocol_to(kTls, kTls.make);
}

void Client::lost(std::uint64_t bytes) {
  if (state_ == State::data_asked) data_answered(true);
  if (state_ == State::message) {
    block_.lost();
    mail_->lost(bytes);
    lost_in_message_ = true;
  } else if (state_ == State::chunk && bytes < chunk_.size) {
    mail_->lost(bytes);
    chunk_.size -= bytes;
  } else {
    if (state_ == State::chunk) {
      mail_->lost(chunk_.size);
      if (chunk_.last) end_mail(false);
      state_ = State::commands;
    }
    lines_.lost();
    pending_.clear();
  }
}

// Nothing is known to be refused: a message that waits for its answer is one.
void Client::replies_lost() {
  pending_.clear();
  if (state_ == State::data_asked) data_answered(true);
}

void Client::end() {
  if (state_ == State::data_asked && !held_.empty()) data_answered(true);
  end_transaction();
}

}  // namespace chieng::collector::smtp
