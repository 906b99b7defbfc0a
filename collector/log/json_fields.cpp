#include "collector/log/json_fields.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace chieng::collector {
namespace {

void append_utf8(std::string& out, std::uint32_t c) {
  const auto put = [&](std::uint32_t b) { out.push_back(static_cast<char>(b)); };
  if (c < 0x80) return put(c);
  if (c < 0x800)
    put(0xC0 | c >> 6);
  else if (c < 0x10000)
    put(0xE0 | c >> 12);
  else
    put(0xF0 | c >> 18);
  if (c >= 0x10000) put(0x80 | (c >> 12 & 0x3F));
  if (c >= 0x800) put(0x80 | (c >> 6 & 0x3F));
  put(0x80 | (c & 0x3F));
}

class FieldReader {
 public:
  FieldReader(std::string_view text, Record& record) : text_(text), record_(record) {}

  Status read() {
    skip();
    if (!take('{')) return complain("an object was expected");
    CHIENG_CHECK(object(0));
    skip();
    return at_ == text_.size() ? Status{} : complain("something follows the object");
  }

 private:
  std::unexpected<Error> complain(std::string_view what) const {
    return fail(ErrorCode::parse, fmt::format("{} at byte {}", what, at_));
  }
  void skip() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }
  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  // After its '{'. The members' names are appended to path_ while they are read.
  Status object(int depth) {
    if (depth >= max_json_depth) return complain("nested too deep");
    skip();
    if (take('}')) return {};
    do {
      skip();
      CHIENG_CHECK(string(name_));
      skip();
      if (!take(':')) return complain("\":\" was expected");
      const std::size_t size = path_.size();
      if (!path_.empty()) path_ += '.';
      path_ += name_;
      if (path_.size() > max_json_path) return complain("names are too long");
      CHIENG_CHECK(value(depth + 1));
      path_.resize(size);
      skip();
    } while (take(','));
    return take('}') ? Status{} : complain("\"}\" was expected");
  }

  Status array(int depth) {
    if (depth >= max_json_depth) return complain("nested too deep");
    skip();
    if (take(']')) return {};
    do {
      CHIENG_CHECK(value(depth + 1));
      skip();
    } while (take(','));
    return take(']') ? Status{} : complain("\"]\" was expected");
  }

  Status value(int depth) {
    skip();
    if (record_.size() >= max_json_fields) return complain("too many fields");
    if (take('{')) return object(depth);
    if (take('[')) return array(depth);
    if (at_ < text_.size() && text_[at_] == '"') {
      CHIENG_CHECK(string(value_));
      record_.add(path_, value_);
      return {};
    }
    const std::size_t end = std::min(text_.find_first_of(",]} \t\r\n", at_), text_.size());
    const std::string_view word = text_.substr(at_, end - at_);
    if (word == "true" || word == "false")
      record_.add_boolean(path_, word == "true");
    else if (word == "null")
      record_.add_null(path_);
    else if (!number(word))
      return complain("a value was expected");
    at_ = end;
    return {};
  }

  bool number(std::string_view word) {
    if (word.empty() || (word[0] != '-' && (word[0] < '0' || word[0] > '9'))) return false;
    const char* end = word.data() + word.size();
    std::int64_t integer = 0;
    if (const auto [stop, error] = std::from_chars(word.data(), end, integer);
        error == std::errc{} && stop == end) {
      record_.add_integer(path_, integer, word);
      return true;
    }
    double decimal = 0;
    const auto [stop, error] = std::from_chars(word.data(), end, decimal);
    if (stop != end || error == std::errc::invalid_argument) return false;
    record_.add_number(path_, decimal, word);
    return true;
  }

  Status string(std::string& out) {
    if (!take('"')) return complain("a string was expected");
    out.clear();
    while (true) {
      const std::size_t end = text_.find_first_of("\"\\", at_);
      if (end == text_.npos) return complain("a string does not end");
      out.append(text_, at_, end - at_);
      at_ = end + 1;
      if (text_[end] == '"') return {};
      CHIENG_CHECK(escape(out));
    }
  }

  Status escape(std::string& out) {
    const char c = at_ < text_.size() ? text_[at_++] : '\0';
    switch (c) {
      case '"':
      case '\\':
      case '/':
        out += c;
        return {};
      case 'b':
        out += '\b';
        return {};
      case 'f':
        out += '\f';
        return {};
      case 'n':
        out += '\n';
        return {};
      case 'r':
        out += '\r';
        return {};
      case 't':
        out += '\t';
        return {};
      case 'u':
        return unicode(out);
      default:
        return complain("an unknown escape");
    }
  }

  std::optional<std::uint32_t> unit() {
    std::uint32_t out = 0;
    if (text_.size() - at_ < 4) return std::nullopt;
    const char* end = text_.data() + at_ + 4;
    const auto [stop, error] = std::from_chars(text_.data() + at_, end, out, 16);
    if (error != std::errc{} || stop != end) return std::nullopt;
    at_ += 4;
    return out;
  }

  Status unicode(std::string& out) {
    const auto first = unit();
    if (!first) return complain("\\u needs four hex digits");
    std::uint32_t c = *first;
    if (c >= 0xD800 && c < 0xDC00 && text_.substr(at_).starts_with("\\u")) {
      const std::size_t before = at_;
      at_ += 2;
      const auto second = unit();
      if (second && *second >= 0xDC00 && *second < 0xE000)
        c = 0x10000 + ((c - 0xD800) << 10) + (*second - 0xDC00);
      else
        at_ = before;
    }
    append_utf8(out, c >= 0xD800 && c < 0xE000 ? 0xFFFD : c);
    return {};
  }

  std::string_view text_;
  Record& record_;
  std::size_t at_ = 0;
  std::string path_, name_, value_;
};

}  // namespace

Status add_json_fields(std::string_view object, Record& record) {
  return FieldReader(object, record).read();
}

// A line end inside a string, or an object that begins where none can stand, shows that the one
// before was cut off.
JsonExtent::Found JsonExtent::find(std::string_view text, std::size_t& length) {
  for (; at_ < text.size(); ++at_) {
    const char c = text[at_];
    if (in_string_) {
      if (c == '\n') {
        length = at_ + 1;
        return Found::broken;
      }
      if (escaped_)
        escaped_ = false;
      else if (c == '\\')
        escaped_ = true;
      else if (c == '"')
        in_string_ = false;
      continue;
    }
    if (c == '\n') line_start_ = at_ + 1;
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
    if (c == '"') in_string_ = true;
    if ((c == '{' || c == '[') && depth_ > 0 && before_ != ',' && before_ != ':' &&
        before_ != '[') {
      length = line_start_ > 0 ? line_start_ : at_;
      return Found::broken;
    }
    if (c == '{' || c == '[') ++depth_;
    if ((c == '}' || c == ']') && --depth_ == 0) {
      length = at_ + 1;
      return Found::whole;
    }
    before_ = c;
  }
  length = text.size();
  return text.size() > max_json_object ? Found::broken : Found::more;
}

}  // namespace chieng::collector
