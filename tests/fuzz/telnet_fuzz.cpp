#include "collector/protocol/telnet/telnet.h"

#include "core/inspect/packet.h"
#include "tests/fuzz/parser_driver.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const chieng::Bytes input = chieng::as_bytes(data, size);
  (void)chieng::collector::kTelnet.probe(chieng::Direction::to_server, input, true);
  chieng::fuzz::ParserDriver(chieng::collector::kTelnet, chieng::ip_proto::tcp).run(input);
  return 0;
}
