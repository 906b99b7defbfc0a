// JSON logs of any bytes: cut into objects and made into records, whole and byte by byte with the
// same result.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "collector/log/json_fields.h"
#include "collector/log/windows_event.h"
#include "core/bytes/bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chieng;
  using namespace chieng::collector;
  const std::string_view text = as_text(as_bytes(data, size));
  if (text.empty() || text.size() > 64 * 1024 || text.front() != '{') return 0;
  JsonExtent whole, pieces;
  std::size_t length = 0, other = 0;
  const auto found = whole.find(text, length);
  auto stepwise = JsonExtent::Found::more;
  for (std::size_t n = 1; n <= text.size() && stepwise == JsonExtent::Found::more; ++n)
    stepwise = pieces.find(text.substr(0, n), other);
  if (found != stepwise || length != other || length > text.size()) std::abort();
  Record flat, event;
  if (add_json_fields(text.substr(0, length), flat)) (void)windows_event(flat, event);
  return 0;
}
