#include "collector/protocol/http/uri.h"

#include "collector/protocol/http/best_fit.h"
#include "collector/protocol/http/text.h"

namespace chieng::collector::http {
namespace {

// text[i] is '%'. The byte that %HH or %uHHHH stands for, and how many characters that takes; 0:
// neither.
std::size_t percent(std::string_view text, std::size_t i, bool wide, char& out) {
  const auto digit = [&](std::size_t k) { return k < text.size() ? hex_value(text[k]) : -1; };
  if (digit(i + 1) >= 0 && digit(i + 2) >= 0) {
    out = static_cast<char>(digit(i + 1) << 4 | digit(i + 2));
    return 3;
  }
  if (!wide || i + 1 >= text.size() || lower(text[i + 1]) != 'u') return 0;
  std::uint32_t code = 0;
  for (std::size_t k = i + 2; k < i + 6; ++k) {
    if (digit(k) < 0) return 0;
    code = code << 4 | static_cast<std::uint32_t>(digit(k));
  }
  out = best_fit(code);
  return 6;
}

PooledString decoded_path(std::string_view path) {
  PooledString out;
  out.reserve(path.size());
  for (std::size_t i = 0; i < path.size();) {
    char c = path[i];
    std::size_t n = c == '%' ? percent(path, i, true, c) : 1;
    if (n == 0) n = 1;
    if (c == '\\') c = '/';
    i += n;
    if (c == '/' && !out.empty() && out.back() == '/') continue;
    out += c;
  }
  return out;
}

PooledString decoded_query(std::string_view query) {
  PooledString out;
  out.reserve(query.size());
  for (std::size_t i = 0; i < query.size();) {
    char c = query[i];
    const std::size_t n = c == '%' ? percent(query, i, false, c) : 1;
    out += c;
    i += n == 0 ? 1 : n;
  }
  return out;
}

// RFC 3986 5.2.4
PooledString without_dot_segments(std::string_view in) {
  PooledString out;
  out.reserve(in.size());
  const auto drop_last = [&] {
    out.erase(out.rfind('/') == std::string::npos ? 0 : out.rfind('/'));
  };
  while (!in.empty()) {
    if (in.starts_with("../"))
      in.remove_prefix(3);
    else if (in.starts_with("./") || in.starts_with("/./"))
      in.remove_prefix(2);
    else if (in == "/.")
      in = "/";
    else if (in.starts_with("/../"))
      in.remove_prefix(3), drop_last();
    else if (in == "/..")
      in = "/", drop_last();
    else if (in == "." || in == "..")
      in = {};
    else {
      const std::size_t end = in.find('/', 1);
      out += in.substr(0, end);
      in = end == std::string_view::npos ? std::string_view{} : in.substr(end);
    }
  }
  return out;
}

bool valid_host_name(std::string_view name) {
  if (name.empty() || name.size() > 255) return false;
  if (name.front() == '[')
    return name.back() == ']' && name.find_first_not_of("0123456789abcdef:.[]") == name.npos;
  std::size_t label = 0;
  for (const char c : name) {
    if (c == '.') {
      if (label == 0) return false;
      label = 0;
    } else if (++label > 63 || is_space(c) || c == '\0') {
      return false;
    }
  }
  return true;
}

}  // namespace

Uri split_uri(std::string_view target, bool connect) {
  Uri uri;
  if (connect && !target.starts_with('/')) {
    uri.authority = target;
    return uri;
  }
  const std::size_t scheme = target.find("://");
  if (scheme != std::string_view::npos && scheme > 0 && target.find_first_of("/?#") == scheme + 1) {
    target.remove_prefix(scheme + 3);
    const std::size_t end = target.find_first_of("/?#\\");
    uri.authority = target.substr(0, end);
    target = end == std::string_view::npos ? std::string_view{} : target.substr(end);
  }
  if (const std::size_t hash = target.find('#'); hash != std::string_view::npos) {
    uri.fragment = target.substr(hash + 1);
    target = target.substr(0, hash);
  }
  if (const std::size_t mark = target.find('?'); mark != std::string_view::npos) {
    uri.query = target.substr(mark + 1);
    target = target.substr(0, mark);
  }
  uri.path = target;
  return uri;
}

PooledString normalised_path(std::string_view path) {
  return without_dot_segments(best_fit_utf8(decoded_path(path)));
}

PooledString normalised_uri(const Uri& uri) {
  PooledString out = normalised_path(uri.path);
  if (uri.query) (out += '?') += decoded_query(*uri.query);
  if (uri.fragment) (out += '#') += *uri.fragment;
  return out;
}

HostName normalised_host(std::string_view host) {
  HostName out;
  host = trim(host);
  if (const std::size_t at = host.rfind('@'); at != std::string_view::npos)
    host.remove_prefix(at + 1);
  const std::size_t bracket = host.starts_with('[') ? host.find(']') : std::string_view::npos;
  const std::size_t colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon != std::string_view::npos) {
    const std::string_view digits = trim(host.substr(colon + 1));
    int port = 0;
    for (const char c : digits) port = is_digit(c) && port <= 65535 ? port * 10 + (c - '0') : 65536;
    if (port >= 1 && port <= 65535)
      out.port = port;
    else
      out.valid = false;
    host = host.substr(0, colon);
  }
  host = trim(host);
  while (host.ends_with('.')) host.remove_suffix(1);
  out.name.reserve(host.size());
  for (const char c : host) out.name += lower(c);
  out.valid = out.valid && valid_host_name(out.name);
  return out;
}

}  // namespace chieng::collector::http
