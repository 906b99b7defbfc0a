// The server's direction.
#pragma once

#include "collector/protocol/http/request_side.h"
#include "collector/protocol/http/side.h"

namespace chieng::collector::http {

class ResponseSide final : public Side {
 public:
  ResponseSide(Connection& connection, RequestSide& requests)
      : Side(connection, Direction::to_client), requests_(requests) {}

 private:
  Step read_line(std::string_view in, bool at_end) override;
  [[nodiscard]] std::optional<bool> may_start(std::string_view in) const override;
  void headers_done(std::string_view block) override;
  Step read_surplus(std::string_view in, bool at_end) override;
  void message_done() override;

  void take_transaction();
  void start_response(std::string_view line);
  void start_raw_body();
  [[nodiscard]] bool is_interim() const;
  void start_body();
  [[nodiscard]] bool has_no_body() const;
  void start_framed();
  void tunnel();

  RequestSide& requests_;
  bool continued_ = false;  // a 100 has been seen for this request
};

}  // namespace chieng::collector::http
