#include "collector/protocol/ssh/kexinit.h"

#include <array>

#include "core/bytes/reader.h"

namespace chieng::collector::ssh {

std::optional<std::string> hassh_text(Bytes body, Direction sender) {
  Reader in(body);
  in.skip(16);  // cookie
  // key exchange, host key, then for each of ciphers, MACs, compression: client to server, server
  // to client
  std::array<Bytes, 8> lists;
  for (Bytes& list : lists) list = in.take(in.u32());
  if (!in.ok()) return std::nullopt;
  const std::size_t side = index(sender);
  std::string out(as_text(lists[0]));
  for (const std::size_t first : {2u, 4u, 6u}) {
    out += ';';
    out += as_text(lists[first + side]);
  }
  return out;
}

}  // namespace chieng::collector::ssh
