#include "core/event/json_writer.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace chieng {
namespace {

constexpr char kHex[] = "0123456789abcdef";

// Length of the valid UTF-8 sequence at text[i], 0 where it is not valid (RFC 3629: no overlong
// forms, no surrogates).
std::size_t utf8_length(std::string_view text, std::size_t i) {
  const auto at = [&](std::size_t k) { return static_cast<unsigned char>(text[k]); };
  const unsigned char c = at(i);
  std::size_t n = 0;
  unsigned char low = 0x80;
  unsigned char high = 0xbf;
  if (c >= 0xc2 && c <= 0xdf) n = 2;
  if (c >= 0xe0 && c <= 0xef) n = 3;
  if (c >= 0xf0 && c <= 0xf4) n = 4;
  if (c == 0xe0) low = 0xa0;
  if (c == 0xed) high = 0x9f;
  if (c == 0xf0) low = 0x90;
  if (c == 0xf4) high = 0x8f;
  if (n == 0 || i + n > text.size() || at(i + 1) < low || at(i + 1) > high) return 0;
  for (std::size_t k = 2; k < n; ++k)
    if (at(i + k) < 0x80 || at(i + k) > 0xbf) return 0;
  return n;
}

void append_escape(std::string& out, unsigned char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    default:
      break;
  }
  out += c < 0x80 ? "\\u00" : "\\\\x";  // a byte that is not UTF-8: the text \xHH
  out += kHex[c >> 4];
  out += kHex[c & 15];
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t clean = 0;  // start of the run not yet copied
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    std::size_t n = 1;
    const bool plain = c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
    if (!plain && (c < 0x80 || (n = utf8_length(text, i)) == 0)) {
      out.append(text, clean, i - clean);
      append_escape(out, c);
      n = 1;
      clean = i + 1;
    }
    i += n;
  }
  out.append(text, clean, text.size() - clean);
  out += '"';
}

void JsonWriter::separate() {
  if (comma_) out_ += ',';
  comma_ = true;
}

JsonWriter& JsonWriter::begin_object() {
  separate();
  out_ += '{';
  comma_ = false;
  return *this;
}
JsonWriter& JsonWriter::end_object() {
  out_ += '}';
  comma_ = true;
  return *this;
}
JsonWriter& JsonWriter::begin_array() {
  separate();
  out_ += '[';
  comma_ = false;
  return *this;
}
JsonWriter& JsonWriter::end_array() {
  out_ += ']';
  comma_ = true;
  return *this;
}
JsonWriter& JsonWriter::key(std::string_view name) {
  separate();
  out_ += '"';
  out_ += name;
  out_ += "\":";
  comma_ = false;
  return *this;
}
JsonWriter& JsonWriter::value(std::string_view text) {
  separate();
  append_json_string(out_, text);
  return *this;
}
JsonWriter& JsonWriter::value(bool b) {
  return raw(b ? "true" : "false");
}
JsonWriter& JsonWriter::value(std::int64_t n) {
  char text[24];
  const auto end = std::to_chars(text, text + sizeof text, n).ptr;
  return raw({text, static_cast<std::size_t>(end - text)});
}
JsonWriter& JsonWriter::value(std::uint64_t n) {
  char text[24];
  const auto end = std::to_chars(text, text + sizeof text, n).ptr;
  return raw({text, static_cast<std::size_t>(end - text)});
}
JsonWriter& JsonWriter::value(double n) {
  if (!std::isfinite(n)) return null();
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, n).ptr;
  return raw({text, static_cast<std::size_t>(end - text)});
}
JsonWriter& JsonWriter::value(Timestamp t) {
  separate();
  out_ += '"';
  append_iso(out_, t);
  out_ += '"';
  return *this;
}
JsonWriter& JsonWriter::value(const IpAddress& a) {
  separate();
  out_ += '"';
  append_eve(out_, a);
  out_ += '"';
  return *this;
}
JsonWriter& JsonWriter::null() {
  return raw("null");
}
JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}
JsonWriter& JsonWriter::base64(Bytes bytes) {
  separate();
  out_ += '"';
  append_base64(out_, bytes);
  out_ += '"';
  return *this;
}
JsonWriter& JsonWriter::printable(Bytes bytes) {
  separate();
  out_ += '"';
  for (const std::byte b : bytes) {
    const auto c = std::to_integer<unsigned char>(b);
    if (c == '\r' || c == '\n' || c == '\t' || c == '"' || c == '\\')
      append_escape(out_, c);
    else
      out_ += c >= 0x20 && c < 0x7f ? static_cast<char>(c) : '.';
  }
  out_ += '"';
  return *this;
}

}  // namespace chieng
