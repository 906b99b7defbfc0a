// Log lines of any bytes through the shipped formats; one parser, so that what it remembers is
// tried too.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "collector/log/formats.h"
#include "core/bytes/bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chieng;
  using namespace chieng::collector;
  static const auto formats = FormatSet::builtin();
  if (!formats) std::abort();
  LineParser parser(*formats, {.format = {}, .reference = Timestamp::from_seconds(1'767'600'000)});
  std::string_view rest = as_text(as_bytes(data, size));
  Record record;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(line.size() < rest.size() ? line.size() + 1 : rest.size());
    const LogEvent& event = parser.parse(line);
    if (event.src_ip && !event.src_host.empty()) std::abort();  // one or the other
    if (event.outcome == Outcome::failure && event.pattern.empty()) std::abort();
    fill_record(event, line, record);
  }
  return 0;
}
