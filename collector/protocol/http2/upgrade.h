// A request of HTTP/1 that asked for HTTP/2 (RFC 7540 3.2): it becomes stream 1.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace chieng::collector::http2 {

struct Upgrade {
  std::string method, path, authority;
  std::vector<std::pair<std::string, std::string>> headers;  // the others, in order
  std::string settings;                                      // HTTP2-Settings, as sent
};

}  // namespace chieng::collector::http2
