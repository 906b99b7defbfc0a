// What the messages say that open an RDP session ([MS-RDPBCGR] 2.2.1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes/bytes.h"

namespace chieng::collector::rdp {

// X.224 connection request: RFC 905 section 13.3, [MS-RDPBCGR] 2.2.1.1
struct ConnectionRequest {
  std::optional<std::string> cookie;  // mstshash: the user's name, cut
  std::optional<std::uint8_t> flags;
  std::uint32_t protocols = 0;
};
struct ConnectionConfirm {
  std::optional<std::uint8_t> flags;
  std::optional<std::uint32_t> protocol, failure;
};
// Fields that come later may be missing.
struct ClientCore {
  std::uint32_t version = 0, keyboard_layout = 0, build = 0, keyboard_type = 0,
                keyboard_subtype = 0, function_keys = 0;
  std::uint16_t width = 0, height = 0, color_depth = 0;  // in bits; 0: not known
  std::string name;
  std::optional<std::uint16_t> product_id, capabilities;
  std::optional<std::uint32_t> serial;
  std::string id;
  std::uint8_t connection_hint = 0;
  std::uint32_t physical_width = 0, physical_height = 0, orientation = 0, scale = 0,
                device_scale = 0;
};
struct ConnectRequest {
  std::optional<ClientCore> core;
  std::vector<std::string> channels;  // kMostChannels at most
  static constexpr std::size_t kMostChannels = 31;
};

enum class MessageKind : std::uint8_t { none, request, confirm, connect_initial, connect_response };
// Of a whole TPKT packet.
[[nodiscard]] MessageKind kind_of(Bytes packet);
[[nodiscard]] std::optional<ConnectionRequest> read_request(Bytes packet);
[[nodiscard]] std::optional<ConnectionConfirm> read_confirm(Bytes packet);
[[nodiscard]] ConnectRequest read_connect(Bytes packet);
// Serial numbers of the certificates in a Certificate message of TLS, in hexadecimal.
[[nodiscard]] std::vector<std::string> certificate_serials(Bytes body);

}  // namespace chieng::collector::rdp
