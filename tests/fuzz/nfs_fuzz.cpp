#include "collector/protocol/nfs/nfs.h"

#include "core/inspect/packet.h"
#include "tests/fuzz/parser_driver.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::uint8_t transport = (data[0] & 1) != 0 ? chieng::ip_proto::udp : chieng::ip_proto::tcp;
  const chieng::Bytes input = chieng::as_bytes(data + 1, size - 1);
  (void)chieng::collector::kNfs.probe(chieng::Direction::to_server, input, true);
  chieng::fuzz::ParserDriver(chieng::collector::kNfs, transport).run(input);
  return 0;
}
