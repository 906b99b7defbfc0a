#include "collector/protocol/websocket/websocket.h"
#include "core/inspect/packet.h"
#include "tests/fuzz/parser_driver.h"

namespace {

// With compression agreed on, and with a window a message for the client.
std::unique_ptr<chieng::collector::Parser> make(chieng::collector::ParserHost& host,
                                                chieng::AppProto proto) {
  return chieng::collector::websocket::make_after_upgrade(
      host, proto, "permessage-deflate; client_no_context_takeover");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chieng::collector::Protocol protocol = chieng::collector::kWebsocket;
  protocol.make = make;
  chieng::fuzz::ParserDriver(protocol, chieng::ip_proto::tcp).run(chieng::as_bytes(data, size));
  return 0;
}
