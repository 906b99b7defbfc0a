// The server's side: replies.
#pragma once

#include "collector/protocol/smtp/client.h"

namespace chieng::collector::smtp {

// Belongs to one flow's parser. Holds at most a line.
class Server {
 public:
  Server(ParserHost& host, Client& client) : host_(host), client_(client) {}

  void data(std::string_view data, std::uint64_t place);  // place: of data in the stream
  void lost();

 private:
  void line(std::string_view text, bool cut);

  ParserHost& host_;
  Client& client_;
  LineSplitter lines_{kMaxLine};
  std::uint64_t line_place_ = 0;  // of the line that is being read
  bool bad_ = false;              // a line that is no reply was reported
};

}  // namespace chieng::collector::smtp
