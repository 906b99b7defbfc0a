#include "collector/protocol/dtls/dtls.h"

#include "core/inspect/packet.h"
#include "tests/fuzz/parser_driver.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const chieng::Bytes input = chieng::as_bytes(data, size);
  (void)chieng::collector::kDtls.probe(chieng::Direction::to_server, input, true);
  chieng::fuzz::ParserDriver(chieng::collector::kDtls, chieng::ip_proto::udp).run(input);
  return 0;
}
