// Reads POP3: commands and responses, matched in order.
#pragma once

#include <deque>
#include <optional>

#include "collector/protocol/line_support/line_splitter.h"
#include "collector/protocol/parser.h"
#include "collector/protocol/pop3/commands.h"
#include "collector/protocol/pop3/transaction.h"

namespace chieng::collector::pop3 {

// Holds at most a line of each side and kMaxWaiting commands without a response.
class Pop3Parser final : public Parser {
 public:
  static constexpr std::size_t kMaxLine = 4096;
  static constexpr std::size_t kMaxWaiting = 256;
  // With their line ends (RFC 2449 4, RFC 1939 3).
  static constexpr std::size_t kMaxRequest = 256, kMaxResponse = 512;

  Pop3Parser(ParserHost& host, AppProto proto) : host_(host), proto_(proto) {}

  void data(Direction d, Bytes data) override;
  void gap(Direction d, std::uint64_t bytes) override;
  void end(Direction d) override;

 private:
  struct Waiting {
    Pop3Transaction* tx;
    const CommandInfo* command;  // null: unknown, or credentials
  };

  [[nodiscard]] bool is_whole(Direction d, std::string_view line) const;
  void request(const LineSplitter::Line& line);
  void response(const LineSplitter::Line& line);
  void listed(std::string_view line);
  void finish_response();
  [[nodiscard]] bool list_follows(const Waiting& waiting) const;
  Pop3Transaction& add();
  void drop_oldest();
  void finish(Pop3Transaction& tx);
  void event(Pop3Transaction& tx, Event e, Direction d) {
    host_.event(&tx, static_cast<std::uint16_t>(e), d);
  }

  ParserHost& host_;
  AppProto proto_;
  LineSplitter requests_{kMaxLine}, responses_{kMaxLine};
  std::deque<Waiting> waiting_;
  std::size_t listed_ = 0;
  bool in_list_ = false;      // of the front one's response
  bool credentials_ = false;  // the next line of the client answers a challenge
  bool greeted_ = false;
};

}  // namespace chieng::collector::pop3
