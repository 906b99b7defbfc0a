#include "server/api/http.h"

#include <algorithm>

namespace chieng::server {

std::string_view to_string(Method method) {
  switch (method) {
    case Method::get:
      return "GET";
    case Method::post:
      return "POST";
    case Method::put:
      return "PUT";
    case Method::patch:
      return "PATCH";
    case Method::del:
      return "DELETE";
    case Method::other:
      return "OTHER";
  }
  return "OTHER";
}

namespace {

std::string_view find(const Headers& headers, std::string_view name) {
  const auto it = std::ranges::find(headers, name, &Headers::value_type::first);
  return it == headers.end() ? std::string_view{} : std::string_view(it->second);
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string_view strong_part(std::string_view etag) {
  etag = trim(etag);
  return etag.starts_with("W/") ? etag.substr(2) : etag;
}

}  // namespace

std::string_view HttpRequest::header(std::string_view name) const {
  return find(headers, name);
}

std::string_view HttpResponse::header(std::string_view name) const {
  return find(headers, name);
}

HttpResponse& HttpResponse::set(std::string_view name, std::string value) {
  const auto it = std::ranges::find(headers, name, &Headers::value_type::first);
  if (it == headers.end())
    headers.emplace_back(std::string(name), std::move(value));
  else
    it->second = std::move(value);
  return *this;
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "Error";
  }
}

void add_security_headers(HttpResponse& response, bool tls) {
  response
      .set("Content-Security-Policy",
           "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
           "form-action 'self'; "
           "frame-ancestors 'none'")
      .set("X-Content-Type-Options", "nosniff")
      .set("X-Frame-Options", "DENY")
      .set("Referrer-Policy", "no-referrer")
      .set("Cross-Origin-Opener-Policy", "same-origin")
      .set("Cross-Origin-Resource-Policy", "same-origin")
      .set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()");
  if (tls) response.set("Strict-Transport-Security", "max-age=31536000");
  if (response.header("Cache-Control").empty()) response.set("Cache-Control", "no-store");
}

bool etag_matches(std::string_view if_none_match, std::string_view etag) {
  if (if_none_match.empty() || etag.empty()) return false;
  if (trim(if_none_match) == "*") return true;
  const auto wanted = strong_part(etag);
  while (!if_none_match.empty()) {
    const auto comma = if_none_match.find(',');
    if (strong_part(if_none_match.substr(0, comma)) == wanted) return true;
    if (comma == std::string_view::npos) break;
    if_none_match.remove_prefix(comma + 1);
  }
  return false;
}

}  // namespace chieng::server
