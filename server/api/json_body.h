// A request's body: one flat JSON object of texts, whole numbers and booleans, which is all that
// the API takes. Reads hostile text; what is nested, doubled or over its limit is refused. The only
// .cpp here that parses JSON.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/error/result.h"

namespace chieng::server {

class JsonBody {
 public:
  static constexpr std::size_t kMembers = 32;

  [[nodiscard]] static Result<JsonBody> parse(std::string_view text);

  // invalid_argument names the first member that is none of these: a mistyped name must not be
  // ignored.
  [[nodiscard]] Status only(std::initializer_list<std::string_view> names) const;
  // Absent and null are the same: nothing. Another type, or a text over max bytes:
  // invalid_argument.
  [[nodiscard]] Result<std::optional<std::string>> text(std::string_view name,
                                                        std::size_t max) const;
  [[nodiscard]] Result<std::string> needed_text(std::string_view name, std::size_t max) const;
  [[nodiscard]] Result<std::optional<std::uint64_t>> number(std::string_view name) const;

  using Value = std::variant<std::monostate, std::string, std::uint64_t, bool>;

 private:
  friend class BodyReader;
  [[nodiscard]] const Value* find(std::string_view name) const;
  std::vector<std::pair<std::string, Value>> members_;
};

// Whether text is one valid JSON value: guards what is passed on as it was stored.
[[nodiscard]] bool is_json(std::string_view text);

}  // namespace chieng::server
