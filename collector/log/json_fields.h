// JSON objects as flat fields: "a.b.c" for nested members, one field an array element. Our own
// small reader, since a log's bytes need not be UTF-8 and a broken object must not cost the rest of
// the file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/error/result.h"
#include "core/record/record.h"

namespace chieng::collector {

inline constexpr std::size_t max_json_object = std::size_t{16} << 20;
inline constexpr std::size_t max_json_fields = 20'000;
inline constexpr int max_json_depth = 64;
inline constexpr std::size_t max_json_path = 2048;  // bytes of all nested names together

// Appends the object's members to the record's fields. The text has to be one object and nothing
// else.
[[nodiscard]] Status add_json_fields(std::string_view object, Record& record);

// Finds where one object of a sequence ends, over input that arrives in pieces.
class JsonExtent {
 public:
  enum class Found : std::uint8_t { more, whole, broken };
  // text begins with '{'; the same text, longer, is given again after `more`. length: of the
  // object; of a broken one, up to where the next may begin.
  [[nodiscard]] Found find(std::string_view text, std::size_t& length);
  void reset() { *this = JsonExtent(); }

 private:
  std::size_t at_ = 0, line_start_ = 0;
  int depth_ = 0;
  bool in_string_ = false, escaped_ = false;
  char before_ = 0;  // last character that is no blank, outside strings
};

}  // namespace chieng::collector
