#include "collector/protocol/imap/imap.h"
#include "collector/protocol/pop3/pop3.h"
#include "core/inspect/packet.h"
#include "tests/fuzz/parser_driver.h"

// The other way to fetch mail takes the same input.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const chieng::Bytes input = chieng::as_bytes(data, size);
  for (const auto* protocol : {&chieng::collector::kPop3, &chieng::collector::kImap}) {
    for (const bool hint : {false, true})
      for (const auto d : {chieng::Direction::to_server, chieng::Direction::to_client})
        (void)protocol->probe(d, input, hint);
    chieng::fuzz::ParserDriver(*protocol, chieng::ip_proto::tcp).run(input);
  }
  return 0;
}
