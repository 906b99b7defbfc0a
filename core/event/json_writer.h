// Writes JSON straight into a string that the caller keeps and reuses: no tree, and no allocation
// once the string has grown to its working size. Text that is not valid UTF-8 is written with its
// bad bytes as the four characters \xHH, as EVE does, so the output is always valid JSON in valid
// UTF-8. Not thread-safe.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/bytes/bytes.h"
#include "core/net/address.h"
#include "core/time/timestamp.h"

namespace chieng {

class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);  // name is ours: plain ASCII, not escaped

  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
  JsonWriter& value(Bytes text) { return value(as_text(text)); }
  JsonWriter& value(bool b);
  JsonWriter& value(std::int64_t n);
  JsonWriter& value(std::uint64_t n);
  JsonWriter& value(double n);
  template <std::integral T>
    requires(!std::same_as<T, bool> && !std::same_as<T, std::int64_t> &&
             !std::same_as<T, std::uint64_t>)
  JsonWriter& value(T n) {
    if constexpr (std::signed_integral<T>)
      return value(static_cast<std::int64_t>(n));
    else
      return value(static_cast<std::uint64_t>(n));
  }
  JsonWriter& value(Timestamp t);         // EVE's form
  JsonWriter& value(const IpAddress& a);  // EVE's form
  JsonWriter& null();
  JsonWriter& raw(std::string_view json);  // already valid JSON
  JsonWriter& base64(Bytes bytes);
  // EVE's *_printable: bytes outside 0x20-0x7e become '.', CR, LF and TAB are kept
  JsonWriter& printable(Bytes bytes);

  template <class T>
  JsonWriter& field(std::string_view name, const T& v) {
    key(name);
    return value(v);
  }

  [[nodiscard]] std::string& out() { return out_; }

 private:
  void separate();
  std::string& out_;
  bool comma_ = false;
};

// Appends text as a quoted JSON string, by the rule above.
void append_json_string(std::string& out, std::string_view text);

}  // namespace chieng
