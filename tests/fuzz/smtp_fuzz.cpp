#include "collector/protocol/smtp/smtp.h"

#include "core/inspect/packet.h"
#include "tests/fuzz/parser_driver.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const chieng::Bytes input = chieng::as_bytes(data, size);
  for (const bool hint : {false, true})
    for (const auto d : {chieng::Direction::to_server, chieng::Direction::to_client})
      (void)chieng::collector::kSmtp.probe(d, input, hint);
  chieng::fuzz::ParserDriver(chieng::collector::kSmtp, chieng::ip_proto::tcp).run(input);
  return 0;
}
