#include "server/api/json_body.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace chieng::server {

// Takes nlohmann's events; returning false stops it.
class BodyReader {
 public:
  using json = nlohmann::json;
  explicit BodyReader(JsonBody& out) : out_(out) {}

  bool null() { return put(std::monostate{}); }
  bool boolean(bool b) { return put(b); }
  bool number_integer(json::number_integer_t) { return refuse("a negative number is not taken"); }
  bool number_unsigned(json::number_unsigned_t n) { return put(std::uint64_t{n}); }
  bool number_float(json::number_float_t, const std::string&) {
    return refuse("only whole numbers are taken");
  }
  bool string(std::string& text) { return put(std::move(text)); }
  bool binary(json::binary_t&) { return refuse("binary is not taken"); }
  bool start_object(std::size_t) {
    return ++depth_ == 1 ? true : refuse("a nested object is not taken");
  }
  bool end_object() { return true; }
  bool start_array(std::size_t) { return refuse("a list is not taken"); }
  bool end_array() { return true; }
  bool key(std::string& name) {
    if (out_.members_.size() >= JsonBody::kMembers) return refuse("too many members");
    if (out_.find(name)) return refuse("a member is given twice");
    name_ = std::move(name);
    return true;
  }
  bool parse_error(std::size_t at, const std::string&, const json::exception&) {
    return refuse("it stops being JSON at byte " + std::to_string(at));
  }
  [[nodiscard]] const std::string& why() const { return why_; }

 private:
  bool put(JsonBody::Value value) {
    if (depth_ == 0) return refuse("an object is wanted");
    out_.members_.emplace_back(std::move(name_), std::move(value));
    return true;
  }
  bool refuse(std::string why) {
    if (why_.empty()) why_ = std::move(why);
    return false;
  }
  JsonBody& out_;
  std::string name_, why_;
  int depth_ = 0;
};

namespace {

std::unexpected<Error> wrong(std::string_view name, std::string_view what) {
  return fail(ErrorCode::invalid_argument, "'" + std::string(name) + "' " + std::string(what));
}

}  // namespace

Result<JsonBody> JsonBody::parse(std::string_view text) {
  JsonBody body;
  BodyReader reader(body);
  try {
    if (nlohmann::json::sax_parse(text, &reader)) return body;
  } catch (const std::exception&) {
    return fail(ErrorCode::parse, "the body is not JSON");
  }
  return fail(ErrorCode::parse, "the body is not a flat JSON object: " + reader.why());
}

const JsonBody::Value* JsonBody::find(std::string_view name) const {
  const auto it = std::ranges::find(members_, name, &std::pair<std::string, Value>::first);
  return it == members_.end() ? nullptr : &it->second;
}

Status JsonBody::only(std::initializer_list<std::string_view> names) const {
  for (const auto& [name, value] : members_)
    if (std::ranges::find(names, name) == names.end())
      return wrong(name.substr(0, 64), "is not a member of this request");
  return {};
}

Result<std::optional<std::string>> JsonBody::text(std::string_view name, std::size_t max) const {
  const auto* value = find(name);
  if (!value || std::holds_alternative<std::monostate>(*value)) return std::nullopt;
  const auto* text = std::get_if<std::string>(value);
  if (!text) return wrong(name, "must be a text");
  if (text->size() > max) return wrong(name, "is over " + std::to_string(max) + " bytes");
  return *text;
}

Result<std::string> JsonBody::needed_text(std::string_view name, std::size_t max) const {
  CHIENG_TRY(auto found, text(name, max));
  if (!found) return wrong(name, "is missing");
  return std::move(*found);
}

Result<std::optional<std::uint64_t>> JsonBody::number(std::string_view name) const {
  const auto* value = find(name);
  if (!value || std::holds_alternative<std::monostate>(*value)) return std::nullopt;
  const auto* number = std::get_if<std::uint64_t>(value);
  if (!number) return wrong(name, "must be a whole number");
  return *number;
}

bool is_json(std::string_view text) {
  return nlohmann::json::accept(text);
}

}  // namespace chieng::server
