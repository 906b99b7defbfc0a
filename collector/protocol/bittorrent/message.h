// A message of BitTorrent's distributed hash table (BEP 5, BEP 32), which is bencoded (BEP 3).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes/bytes.h"
#include "core/net/address.h"

namespace chieng::collector::bittorrent {

struct Peer {
  IpAddress address;
  std::uint16_t port = 0;
};
struct Node {
  std::string id;
  Peer peer;
};

// Bounded by the datagram. Names as in the message: a query's arguments, a response's values.
struct Message {
  std::string transaction, version, query;
  struct Arguments {
    std::string id, target, info_hash, token;
    std::optional<std::int64_t> port, implied_port;
  };
  std::optional<Arguments> request, response;
  std::vector<Node> nodes, nodes6;
  std::vector<Peer> values;
  bool is_error = false;
  std::optional<std::int64_t> error_number;
  std::string error_text;
};

// Nothing where it is not whole, not bencoded, or says nothing. Without a transaction it is
// malformed, too, but the rest is there.
[[nodiscard]] std::optional<Message> parse(Bytes datagram);

}  // namespace chieng::collector::bittorrent
