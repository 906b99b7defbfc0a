// What the API reads of a request: first line the target, second the cookie header, the rest the
// body.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "server/api/http.h"
#include "server/api/json_body.h"
#include "server/api/target.h"

using namespace chieng::server;

namespace {

std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  const auto line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const auto target = parse_target(take_line(rest));
  if (target) {
    if (target->path.empty() || target->path.front() != '/' || target->query.size() > kQueryMaximum)
      std::abort();
    for (const auto& segment : target->segments)
      if (segment.empty() || segment == ".." || segment.find('\0') != std::string::npos)
        std::abort();
    if (const auto* cursor = target->find("cursor")) (void)check_cursor(*cursor);
  }
  const auto header = take_line(rest);
  (void)find_cookie(header, "chieng_session");
  (void)etag_matches(header, "\"0123456789abcdef\"");
  if (const auto body = JsonBody::parse(rest)) {
    (void)body->only({"action", "version"});
    const auto text = body->text("note", 4000);
    if (text && *text && (*text)->size() > 4000) std::abort();
    (void)body->number("version");
  }
  return 0;
}
