// HTTP/1 in both directions. Input: pieces, each with two bytes in front: the direction (bit 0), a
// gap instead of data (bit 1), and the piece's length. Everything that rules and events could ask
// for is asked for.
#include <algorithm>
#include <cstdint>
#include <string>

#include "tests/unit/collector/protocol/http/http_host.h"

using chieng::Bytes;
using chieng::Direction;

namespace {

void ask_everything(const chieng::Transaction& tx) {
  std::size_t total = 0;
  for (unsigned b = 0; b < chieng::collector::http::kSpec.buffers.size(); ++b)
    for (const Direction d : {Direction::to_server, Direction::to_client})
      for (std::uint32_t i = 0; i < 4; ++i)
        if (const auto slice = tx.buffer(b, d, i))
          for (const std::byte byte : slice->data) total += std::to_integer<unsigned>(byte);
  std::string json = total == 1 ? " " : "";
  chieng::JsonWriter writer(json);
  tx.write(writer);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chieng::collector::test::HttpHost host;
  host.options().max_transactions = 16;
  host.options().http.request_inspect_minimum = host.options().http.response_inspect_minimum = 64;
  Bytes rest = chieng::as_bytes(data, size);
  while (rest.size() >= 2) {
    const auto flags = std::to_integer<unsigned>(rest[0]);
    const auto length = std::to_integer<std::size_t>(rest[1]);
    rest = rest.subspan(2);
    const Direction d = (flags & 1) != 0 ? Direction::to_client : Direction::to_server;
    if ((flags & 2) != 0) {
      host.gap(d, length);
      continue;
    }
    const Bytes piece = rest.first(std::min(length, rest.size()));
    rest = rest.subspan(piece.size());
    host.feed(d, chieng::as_text(piece));
    if (host.count() > 0) ask_everything(host.tx(host.count() - 1));
  }
  host.end();
  for (std::size_t i = 0; i < host.count(); ++i) ask_everything(host.tx(i));
  return 0;
}
