#include "collector/protocol/http/connection.h"

#include <algorithm>

namespace chieng::collector::http {

HttpTransaction& Connection::add() {
  const SensorSettings& settings = host.settings();
  auto tx = std::make_unique<HttpTransaction>(proto_, host.next_transaction_id());
  tx->message(Direction::to_server).body = InspectionWindow(
      {settings.http.request_body_limit, settings.http.request_inspect_minimum, 4 * 1024});
  tx->message(Direction::to_client).body = InspectionWindow(
      {settings.http.response_body_limit, settings.http.response_inspect_minimum, 16 * 1024});
  return static_cast<HttpTransaction&>(*host.add(std::move(tx)));
}

HttpTransaction& Connection::new_request() {
  if (waiting_.size() + 2 > std::max<std::size_t>(host.settings().max_transactions, 4))
    drop_oldest();
  HttpTransaction& tx = add();
  waiting_.push_back(&tx);
  return tx;
}

HttpTransaction& Connection::new_response() {
  HttpTransaction& tx = add();
  tx.uri_raw = tx.uri = tx.path = kRequestNotSeen;
  tx.advance(Direction::to_server, Progress::complete);
  event(&tx, Event::e_unable_to_match_response_to_request, Direction::to_client);
  waiting_.insert(waiting_.begin(), &tx);
  return tx;
}

HttpTransaction& Connection::next_response() {
  return waiting_.empty() ? new_response() : *waiting_.front();
}

void Connection::response_done(const HttpTransaction& tx) {
  std::erase(waiting_, &tx);
}

// The front one may be in the middle of its response, so the one behind it goes.
void Connection::drop_oldest() {
  const auto oldest = waiting_.begin() + 1;
  (*oldest)->advance(Direction::to_server, Progress::complete);
  (*oldest)->advance(Direction::to_client, Progress::complete);
  waiting_.erase(oldest);
}

}  // namespace chieng::collector::http
