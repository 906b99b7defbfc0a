// The client's side: commands, and the messages among them.
#pragma once

#include <deque>
#include <optional>
#include <string>

#include "collector/protocol/line_support/dot_block.h"
#include "collector/protocol/line_support/line_splitter.h"
#include "collector/protocol/smtp/commands.h"
#include "collector/protocol/smtp/mail.h"

namespace chieng::collector::smtp {

inline constexpr std::size_t kMaxLine = 4096;

// Belongs to one flow's parser. Holds at most a line, kMaxHeld bytes behind a DATA that is not
// answered, kMaxPending commands without a reply, and what a Mail holds.
class Client {
 public:
  static constexpr std::size_t kMaxHeld = 64 * 1024;
  static constexpr std::size_t kMaxPending = 1024;
  static constexpr std::size_t kMaxRecipients = 1024, kMaxRecipientBytes = 128 * 1024;

  Client(ParserHost& host, AppProto proto) : host_(host), proto_(proto) {}

  void data(std::string_view data, std::uint64_t place);  // place: of data in the stream
  void lost(std::uint64_t bytes);
  void end();

  // What the server's side tells. welcomed: its greeting came.
  void welcome() { welcomed_ = true; }
  [[nodiscard]] bool is_welcomed() const { return welcomed_; }
  // A whole reply came: the command that it answers; nothing where none waits.
  [[nodiscard]] std::optional<Command> answered(int code);
  [[nodiscard]] std::optional<Command> awaiting() const;
  void replies_lost();  // which reply belongs to which command is not known any more
  void event(Event e, Direction d);
  [[nodiscard]] const Transaction* transaction() const { return tx_; }

 private:
  enum class State : std::uint8_t { commands, data_asked, message, chunk };

  [[nodiscard]] std::size_t message(std::string_view data, std::uint64_t place);
  [[nodiscard]] std::size_t chunk(std::string_view data);
  void hold(std::string_view data, std::uint64_t place);
  void line(std::string_view text, bool cut, std::uint64_t end);
  void command(const CommandLine& parsed, std::string_view text);
  void greet(std::string_view name);
  void mail_from(std::string_view sender);
  void recipient(std::string_view address);
  void ask_data();
  void start_chunk(std::string_view text);
  void await(Command command);
  void begin_transaction();
  void end_transaction();
  void begin_mail();
  void end_mail(bool whole);
  void data_answered(bool accepted);
  void tls_answered(bool accepted);

  ParserHost& host_;
  AppProto proto_;
  SmtpTransaction* tx_ = nullptr;  // null once complete: it is no longer ours
  std::optional<Mail> mail_;
  State state_ = State::commands;
  LineSplitter lines_{kMaxLine};
  DotBlock block_;
  std::string held_;              // behind a DATA that is not answered
  std::uint64_t held_place_ = 0;  // of held_ in the stream
  std::uint64_t line_place_ = 0;  // of the line that is being read
  std::uint64_t frame_ = 0;       // of the message
  std::deque<Command> pending_;
  std::string helo_;
  Chunk chunk_;
  std::size_t recipient_bytes_ = 0;
  bool had_transaction_ = false, welcomed_ = false, greeted_ = false;
  bool resetting_ = false;    // RSET, or a greeting in the middle, waits for its reply
  bool credentials_ = false;  // the next line answers an AUTH challenge
  bool lost_in_message_ = false;
  bool in_message_ = false;  // its first byte came
};

}  // namespace chieng::collector::smtp
