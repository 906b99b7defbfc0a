// What the two sides of a connection share.
#pragma once

#include "collector/protocol/http/transaction.h"
#include "collector/protocol/parser.h"

namespace chieng::collector::http {

// Belongs to one flow's parser. Keeps at most as many requests without their response as a flow may
// have transactions.
class Connection {
 public:
  Connection(ParserHost& parser_host, AppProto proto) : host(parser_host), proto_(proto) {}

  HttpTransaction& new_request();   // joins the queue of those that wait for a response
  HttpTransaction& new_response();  // nobody asked for it
  // The transaction that the next response belongs to.
  [[nodiscard]] HttpTransaction& next_response();
  void response_done(const HttpTransaction& tx);
  void event(HttpTransaction* tx, Event e, Direction d) {
    host.event(tx, static_cast<std::uint16_t>(e), d);
  }

  ParserHost& host;
  bool connect_open = false;  // a CONNECT has been sent and waits for its answer
  bool tunnel = false;        // what follows is another protocol

 private:
  HttpTransaction& add();
  void drop_oldest();

  AppProto proto_;
  PooledVector<HttpTransaction*> waiting_;
};

}  // namespace chieng::collector::http
