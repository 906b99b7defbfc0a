#include "collector/protocol/http/upgrade.h"

#include "collector/protocol/http/text.h"
#include "collector/protocol/http2/http2.h"
#include "collector/protocol/websocket/websocket.h"

namespace chieng::collector::http {
namespace {

constexpr std::string_view kSettings = "http2-settings";

// The request as stream 1 of HTTP/2 (RFC 7540 3.2).
http2::Upgrade as_stream(const HttpTransaction& tx) {
  const Headers& headers = tx.message(Direction::to_server).headers;
  http2::Upgrade out;
  out.method = tx.method;
  out.path = tx.uri_raw;
  for (std::size_t i = 0; i < headers.count(); ++i) {
    const auto header = headers.at(i);
    if (header.known == Known::host)
      out.authority = header.value;
    else if (same_text(header.name, kSettings))
      out.settings = header.value;
    else
      out.headers.emplace_back(header.name, header.value);
  }
  return out;
}

std::string_view value_of(const Headers& headers, std::string_view name) {
  for (std::size_t i = 0; i < headers.count(); ++i)
    if (same_text(headers.at(i).name, name)) return headers.at(i).value;
  return {};
}

void leave_for_http2(Connection& connection, const HttpTransaction& tx) {
  const bool asked = tx.message(Direction::to_server).seen;
  connection.host.change_protocol_to(kHttp2, [from = asked ? as_stream(tx) : http2::Upgrade{},
                                              asked](ParserHost& host, AppProto proto) {
    return http2::make_after_upgrade(host, proto,
                                     asked ? std::make_unique<http2::Upgrade>(from) : nullptr);
  });
}

}  // namespace

void leave_for_next_protocol(Connection& connection, const HttpTransaction& tx) {
  const Headers& headers = tx.message(Direction::to_client).headers;
  const PooledString wanted =
      tx.status == 101 ? folded(headers.find(Known::upgrade).value_or("")) : "";
  if (wanted.find("h2c") != std::string::npos) return leave_for_http2(connection, tx);
  if (wanted.find("websocket") == std::string::npos) return connection.host.change_protocol();
  const std::string extensions(value_of(headers, "sec-websocket-extensions"));
  connection.host.become(kWebsocket, [extensions](ParserHost& host, AppProto proto) {
    return websocket::make_after_upgrade(host, proto, extensions);
  });
}

}  // namespace chieng::collector::http
