// HTTP/2 over clear text, and DNS over it: the entries for the list of protocols.
#pragma once

#include <memory>

#include "collector/protocol/http2/upgrade.h"
#include "collector/protocol/parser.h"

namespace chieng::collector {

extern const Protocol kHttp2;

namespace http2 {
// DNS over HTTP/2. Never detected: a flow of HTTP/2 becomes it.
[[nodiscard]] const Protocol& doh2();
// The parser that goes on after an upgrade.
[[nodiscard]] std::unique_ptr<Parser> make_after_upgrade(ParserHost& host, AppProto proto,
                                                         std::unique_ptr<Upgrade> upgrade);
}  // namespace http2

}  // namespace chieng::collector
