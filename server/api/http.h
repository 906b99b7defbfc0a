// A request and an answer as the handlers see them: plain values, no library's types. A request
// lives as long as its handler runs; an answer is moved into the connection that writes it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chieng::server {

class StreamQueue;

enum class Method : std::uint8_t { get, post, put, patch, del, other };
[[nodiscard]] std::string_view to_string(Method method);  // "GET"

using Headers = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  Method method = Method::get;
  bool head = false;   // HEAD: as GET, without the body
  std::string target;  // as sent: path and query
  Headers headers;     // names in lower case, in order
  std::string body;
  std::string address;  // the peer's, without port
  bool tls = false;

  // The first header of that name (lower case); empty where there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  Headers headers;
  std::string body;
  std::string_view
      fixed_body;  // embedded assets: bytes that outlive the process; stands for body when set
  std::shared_ptr<StreamQueue>
      stream;  // server-sent events: the connection stays open and writes what comes

  [[nodiscard]] std::string_view bytes() const {
    return fixed_body.empty() ? std::string_view(body) : fixed_body;
  }
  HttpResponse& set(std::string_view name, std::string value);
  [[nodiscard]] std::string_view header(std::string_view name) const;  // exact spelling
};

[[nodiscard]] std::string_view reason_phrase(int status);

// The headers that every answer has: content security policy, no sniffing, no framing, HSTS under
// TLS.
void add_security_headers(HttpResponse& response, bool tls);

// RFC 9110 If-None-Match (weak comparison): true where the client's copy is current, so that 304 is
// the answer.
[[nodiscard]] bool etag_matches(std::string_view if_none_match, std::string_view etag);

}  // namespace chieng::server
