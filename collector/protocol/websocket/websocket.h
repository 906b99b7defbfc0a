// WebSocket (RFC 6455), behind an upgrade of HTTP/1: the entry for the list of protocols.
#pragma once

#include <memory>
#include <string_view>

#include "collector/protocol/parser.h"

namespace chieng::collector {

extern const Protocol kWebsocket;

namespace websocket {
// extensions: the server's Sec-WebSocket-Extensions.
[[nodiscard]] std::unique_ptr<Parser> make_after_upgrade(ParserHost& host, AppProto proto,
                                                         std::string_view extensions);
}  // namespace websocket

}  // namespace chieng::collector
