#include "collector/protocol/http/http.h"

#include "collector/protocol/http/request_side.h"
#include "collector/protocol/http/response_side.h"
#include "collector/protocol/http/status_line.h"
#include "collector/protocol/http/text.h"

namespace chieng::collector {
namespace {

class HttpParser final : public Parser {
 public:
  HttpParser(ParserHost& host, AppProto proto) : connection_(host, proto) {}

  void data(Direction d, Bytes data) override { side(d).data(as_text(data)); }
  void gap(Direction d, std::uint64_t bytes) override { side(d).gap(bytes); }
  void end(Direction d) override { side(d).end(); }

 private:
  http::Side& side(Direction d) {
    if (d == Direction::to_server) return requests_;
    return responses_;
  }

  http::Connection connection_;
  http::RequestSide requests_{connection_};
  http::ResponseSide responses_{connection_, requests_};
};

Probe probe_request(std::string_view text) {
  constexpr std::size_t longest_method = 17;
  while (!text.empty() && (text.front() == '\r' || text.front() == '\n')) text.remove_prefix(1);
  const std::size_t end = text.substr(0, longest_method + 1).find_first_of(" \t");
  if (end == std::string_view::npos)
    return http::may_become_method(text) ? Probe::maybe : Probe::no;
  return http::known_method(text.substr(0, end)) ? Probe::yes : Probe::no;
}

Probe probe_response(std::string_view text) {
  constexpr std::string_view start = "HTTP/";
  if (text.starts_with(start)) return Probe::yes;
  return start.starts_with(text) ? Probe::maybe : Probe::no;
}

Probe probe(Direction d, Bytes data, bool port_hint) {
  (void)port_hint;
  return d == Direction::to_server ? probe_request(as_text(data)) : probe_response(as_text(data));
}

std::unique_ptr<Parser> make(ParserHost& host, AppProto proto) {
  return std::make_unique<HttpParser>(host, proto);
}

constexpr std::uint16_t kPorts[] = {80, 8080, 8000, 3128};

}  // namespace

const Protocol kHttp{&http::kSpec, probe, kPorts, make};

}  // namespace chieng::collector
