#include "server/api/target.h"

#include <algorithm>
#include <cstdint>

namespace chieng::server {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// RFC 3629: length of the sequence at the front, 0 where it is not well-formed.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const auto tail = [&](std::size_t i) { return i < text.size() && (byte(i) & 0xC0) == 0x80; };
  const auto b = byte(0);
  if (b < 0x80) return 1;
  if (b >= 0xC2 && b <= 0xDF) return tail(1) ? 2 : 0;
  if (b >= 0xE0 && b <= 0xEF) {
    if (!tail(1) || !tail(2)) return 0;
    if (b == 0xE0 && byte(1) < 0xA0) return 0;
    if (b == 0xED && byte(1) > 0x9F) return 0;
    return 3;
  }
  if (b >= 0xF0 && b <= 0xF4) {
    if (!tail(1) || !tail(2) || !tail(3)) return 0;
    if (b == 0xF0 && byte(1) < 0x90) return 0;
    if (b == 0xF4 && byte(1) > 0x8F) return 0;
    return 4;
  }
  return 0;
}

bool clean_text(std::string_view text) {
  while (!text.empty()) {
    const auto c = static_cast<std::uint8_t>(text.front());
    const auto n = utf8_length(text);
    if (n == 0 || c < 0x20 || c == 0x7F) return false;
    text.remove_prefix(n);
  }
  return true;
}

Result<std::string> decode(std::string_view raw, bool plus_is_blank) {
  std::string out;
  out.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '+' && plus_is_blank) {
      out += ' ';
    } else if (raw[i] != '%') {
      out += raw[i];
    } else {
      const int high = i + 2 < raw.size() ? hex_value(raw[i + 1]) : -1;
      const int low = i + 2 < raw.size() ? hex_value(raw[i + 2]) : -1;
      if (high < 0 || low < 0)
        return fail(ErrorCode::parse, "a '%' without two hex digits in the address");
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  if (!clean_text(out))
    return fail(ErrorCode::parse, "the address holds control characters or is not UTF-8");
  return out;
}

Status parse_path(std::string_view raw, Target& out) {
  if (raw.empty() || raw.front() != '/')
    return fail(ErrorCode::parse, "the address must start with '/'");
  raw.remove_prefix(1);
  while (true) {
    const auto slash = raw.find('/');
    CHIENG_TRY(std::string segment, decode(raw.substr(0, slash), false));
    if (segment == "." || segment == "..")
      return fail(ErrorCode::parse, "'.' and '..' are not taken in addresses");
    out.path += '/' + segment;
    if (!segment.empty()) out.segments.push_back(std::move(segment));
    if (slash == std::string_view::npos) return {};
    raw.remove_prefix(slash + 1);
  }
}

Status parse_query(std::string_view raw, Target& out) {
  while (!raw.empty()) {
    const auto end = raw.find('&');
    const auto member = raw.substr(0, end);
    raw.remove_prefix(end == std::string_view::npos ? raw.size() : end + 1);
    if (member.empty()) continue;
    const auto equals = member.find('=');
    CHIENG_TRY(std::string name, decode(member.substr(0, equals), true));
    const auto after = equals == std::string_view::npos ? member.size() : equals + 1;
    CHIENG_TRY(std::string value, decode(member.substr(after), true));
    if (out.find(name)) return fail(ErrorCode::parse, "'" + name + "' is given twice");
    if (out.query.size() >= kQueryMaximum)
      return fail(ErrorCode::limit,
                  "more than " + std::to_string(kQueryMaximum) + " query members");
    out.query.emplace_back(std::move(name), std::move(value));
  }
  return {};
}

}  // namespace

const std::string* Target::find(std::string_view name) const {
  const auto it = std::ranges::find(query, name, &std::pair<std::string, std::string>::first);
  return it == query.end() ? nullptr : &it->second;
}

Result<Target> parse_target(std::string_view raw) {
  if (raw.size() > kTargetMaximum)
    return fail(ErrorCode::limit,
                "the address is over " + std::to_string(kTargetMaximum) + " bytes");
  raw = raw.substr(0, raw.find('#'));
  Target out;
  const auto question = raw.find('?');
  CHIENG_CHECK(parse_path(raw.substr(0, question), out));
  if (question != std::string_view::npos) CHIENG_CHECK(parse_query(raw.substr(question + 1), out));
  return out;
}

Status check_cursor(std::string_view cursor) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_' || c == '~' || c == ':' || c == '=' || c == ',';
  };
  if (cursor.size() <= kCursorMaximum && std::ranges::all_of(cursor, plain)) return {};
  return fail(ErrorCode::parse, "'cursor' is not one that this server gave; start without it");
}

std::string_view find_cookie(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    const auto end = header.find(';');
    auto pair = header.substr(0, end);
    header.remove_prefix(end == std::string_view::npos ? header.size() : end + 1);
    pair.remove_prefix(std::min(pair.find_first_not_of(" \t"), pair.size()));
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=')
      return pair.substr(name.size() + 1);
  }
  return {};
}

}  // namespace chieng::server
