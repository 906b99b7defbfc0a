// What comes before and inside of the streams: the request of an upgrade, and DNS messages (RFC
// 8484). Part of Http2Parser.
#include <algorithm>
#include <utility>

#include "collector/protocol/http2/http2.h"
#include "collector/protocol/http2/parser.h"

namespace chieng::collector::http2 {
namespace {

constexpr std::string_view kDnsType = "application/dns-message";

// RFC 4648 5, padding optional. Nothing where it holds anything else.
std::optional<std::string> from_base64url(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  unsigned count = 0;
  while (text.ends_with('=')) text.remove_suffix(1);
  for (const char c : text) {
    std::uint32_t v = 0;
    if (c >= 'A' && c <= 'Z')
      v = static_cast<std::uint32_t>(c - 'A');
    else if (c >= 'a' && c <= 'z')
      v = static_cast<std::uint32_t>(c - 'a') + 26;
    else if (c >= '0' && c <= '9')
      v = static_cast<std::uint32_t>(c - '0') + 52;
    else if (c == '-' || c == '+')
      v = 62;
    else if (c == '_' || c == '/')
      v = 63;
    else
      return std::nullopt;
    bits = (bits << 6 | v) & 0xffffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> count & 0xff);
  }
  return out;
}

// The parameter of a query: "/dns-query?dns=AAAB".
std::optional<std::string_view> parameter(std::string_view path, std::string_view name) {
  const auto mark = path.find('?');
  std::string_view query =
      mark == std::string_view::npos ? std::string_view{} : path.substr(mark + 1);
  while (!query.empty()) {
    const auto end = query.find('&');
    const std::string_view item = query.substr(0, end);
    if (item.size() > name.size() && item.starts_with(name) && item[name.size()] == '=')
      return item.substr(name.size() + 1);
    if (end == std::string_view::npos) break;
    query.remove_prefix(end + 1);
  }
  return std::nullopt;
}

}  // namespace

void Http2Parser::from_upgrade() {
  const std::unique_ptr<Upgrade> from = std::move(upgrade_);
  constexpr Direction ts = Direction::to_server;
  Http2Transaction& request = create(1);
  std::vector<Field> fields;
  const auto add = [&](std::string_view name, std::string_view value) {
    fields.push_back({.name = std::string(name), .value = std::string(value)});
  };
  add(":method", from->method);
  add(":path", from->path);
  if (!from->authority.empty()) add(":authority", from->authority);
  for (const auto& [name, value] : from->headers) add(name, value);
  record(ts, request, static_cast<std::uint8_t>(FrameType::headers));
  request.add_fields(ts, std::move(fields));
  request.advance(ts, Progress::headers);
  const auto payload = from_base64url(from->settings);
  if (!payload) event(&request, Event::invalid_http1_settings, ts);
  Http2Transaction& settings = create(0);
  record(ts, settings, static_cast<std::uint8_t>(FrameType::settings));
  if (payload) settings.side(ts).settings = read_settings(as_bytes(*payload));
  settings.check_worth();
  close(settings);
  side_ended(ts, request);
}

void Http2Parser::look_for_dns(Http2Transaction& tx, Direction d) {
  const bool is_message = tx.header(d, "content-type") == kDnsType;
  const auto become = [&] {
    if (!tx.carries_dns()) tx.carry_dns(number_of(doh2()));
  };
  if (is_message && (d == Direction::to_server || tx.carries_dns())) {
    become();
    tx.side(d).dns.emplace();
  }
  if (d != Direction::to_server || tx.header(d, "accept") != kDnsType) return;
  become();
  const auto text = parameter(tx.header(d, ":path").value_or(""), "dns");
  if (!text || is_message) return;
  if (const auto message = from_base64url(*text)) take_dns(tx, d, as_bytes(*message));
}

void Http2Parser::dns_done(Http2Transaction& tx, Direction d) {
  const std::string message = *std::exchange(tx.side(d).dns, std::nullopt);
  take_dns(tx, d, as_bytes(message));
}

void Http2Parser::take_dns(Http2Transaction& tx, Direction d, Bytes message) {
  auto parsed = dns::parse(message);
  if (!parsed) return;
  tx.set_dns(d, std::move(*parsed));
  host_.rename_protocol(doh2());
}

}  // namespace chieng::collector::http2
