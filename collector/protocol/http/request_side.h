// The client's direction.
#pragma once

#include "collector/protocol/http/request_line.h"
#include "collector/protocol/http/side.h"
#include "collector/protocol/http/uri.h"

namespace chieng::collector::http {

class RequestSide final : public Side {
 public:
  static constexpr std::size_t kMaxWaiting =
      64 * 1024;  // bytes held while a CONNECT waits for its answer

  explicit RequestSide(Connection& connection) : Side(connection, Direction::to_server) {}

  void connect_refused();  // the CONNECT's answer was no: what came since is requests

 private:
  Step read_line(std::string_view in, bool at_end) override;
  [[nodiscard]] std::optional<bool> may_start(std::string_view in) const override;
  void headers_done(std::string_view block) override;
  Step read_surplus(std::string_view in, bool at_end) override;
  Step wait(std::string_view in) override;
  void message_done() override;

  void start_request(std::string_view line);
  void report_line(const RequestLine& line);
  Step after_bare_line(std::string_view in, bool at_end);
  void set_host(const Uri& uri);
  void start_body();

  bool bare_line_ = false;  // a request line without protocol: headers may or may not follow
};

}  // namespace chieng::collector::http
