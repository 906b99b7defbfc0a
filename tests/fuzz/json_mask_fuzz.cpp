// The last gate of an event: any bytes must not break it, and what JsonWriter wrote of any texts
// stays JSON of the same form, without the credentials.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "agent/events/json_mask.h"
#include "core/bytes/reader.h"
#include "core/event/json_writer.h"

namespace {

using namespace chieng;

constexpr const char* kNames[] = {"http",      "url",     "password", "user",    "name",  "value",
                                  "timestamp", "message", "alert",    "explain", "token", "other"};
constexpr std::string_view kSecret = "q7Zx-secret";

// Two bytes a step: what to write, and the member's name or the text's length.
void write_event(Reader& in, JsonWriter& json) {
  std::string open;
  const auto name = [&](std::uint8_t n) {
    if (open.back() == '}') json.key(kNames[n % std::size(kNames)]);
  };
  json.begin_object();
  open = "}";
  while (!in.at_end() && !open.empty()) {
    const std::uint8_t what = in.u8(), n = in.u8();
    if (what % 8 < 2 && open.size() < 30) {
      name(n);
      what % 8 == 0 ? json.begin_object() : json.begin_array();
      open += what % 8 == 0 ? '}' : ']';
    } else if (what % 8 == 2) {
      open.back() == '}' ? json.end_object() : json.end_array();
      open.pop_back();
    } else if (what % 8 == 3) {
      name(n);
      json.value(std::uint64_t{n});
    } else if (what % 8 == 4 && open.back() == '}') {
      json.field("password", kSecret);
    } else {
      name(what / 8);
      json.value(in.take(std::min<std::size_t>(n, in.remaining())));
    }
  }
  for (; !open.empty(); open.pop_back()) open.back() == '}' ? json.end_object() : json.end_array();
}

bool same_form(const nlohmann::json& a, const nlohmann::json& b) {
  if (a.type() != b.type() || a.size() != b.size()) return false;
  for (auto x = a.begin(), y = b.begin(); a.is_structured() && x != a.end(); ++x, ++y)
    if ((a.is_object() && x.key() != y.key()) || !same_form(*x, *y)) return false;
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Reader in(as_bytes(data, size));
  const std::uint8_t how = in.u8();
  const PrivacyPolicy policy{.enabled = true,
                             .personal = static_cast<PrivacyAction>(how & 3),
                             .content = static_cast<PrivacyAction>(how >> 2 & 3),
                             .hash_key = "key"};
  agent::JsonMask mask(policy);
  (void)mask.apply(as_text(in.rest()));
  std::string event;
  JsonWriter writer(event);
  write_event(in, writer);
  const std::string_view masked = mask.apply(event);
  const auto before = nlohmann::json::parse(event, nullptr, false);
  const auto after = nlohmann::json::parse(masked, nullptr, false);
  if (before.is_discarded() || after.is_discarded() || !same_form(before, after)) std::abort();
  if (masked.find(kSecret) != std::string_view::npos &&
      as_text(as_bytes(data, size)).find(kSecret) == std::string_view::npos)
    std::abort();
  return 0;
}
