#include "collector/protocol/dtls/transaction.h"

#include <fmt/format.h>

#include <algorithm>

namespace chieng::collector::dtls {
namespace {

std::string version_name(std::uint16_t version) {
  switch (version) {
    case 0xfeff:
      return "DTLS 1.0";
    case 0xfefd:
      return "DTLS 1.2";
    case 0xfefc:
      return "DTLS 1.3";
    default:
      return fmt::format("0x{:04x}", version);
  }
}

// Later versions have smaller numbers. The best one alone stays, which is what JA4 tells.
void keep_best(tls::Hello& hello) {
  std::erase_if(hello.supported_versions, [](std::uint16_t v) { return v >> 8 != 0xfe; });
  if (hello.supported_versions.empty()) hello.supported_versions = {hello.version};
  hello.supported_versions = {std::ranges::min(hello.supported_versions)};
}

constexpr BufferSpec kBuffers[] = {
    {.name = "tls.sni", .sides = Sides::to_server, .ready = {1, 1}, .aliases = {"tls_sni"}},
    {.name = "tls.alpn", .sides = Sides::to_server, .ready = {1, 1}, .multi = true},
    {.name = "ja4.hash", .sides = Sides::to_server, .ready = {1, 1}, .aliases = {"ja4_hash"}}};
constexpr std::string_view kEvents[] = {"malformed_hello"};

}  // namespace

const ProtocolSpec kSpec{.name = "dtls",
                         .rule_names = {"dtls"},
                         .transport = TransportMask::udp,
                         .complete = {1, 1},
                         .buffers = kBuffers,
                         .event_prefix = "dtls",
                         .events = kEvents};

void DtlsTransaction::set_client(tls::Hello hello) {
  keep_best(hello);
  ja4_ = tls::ja4(hello, 'd');
  client_ = std::move(hello);
  set_progress(Direction::to_server, 1);
}

void DtlsTransaction::set_server(tls::Hello hello) {
  keep_best(hello);
  server_ = std::move(hello);
  set_progress(Direction::to_server, 1);
  set_progress(Direction::to_client, 1);
}

std::optional<BufferSlice> DtlsTransaction::buffer(unsigned local, Direction d,
                                                   std::uint32_t instance) const {
  if (d != Direction::to_server || !client_) return std::nullopt;
  const std::string* text = nullptr;
  switch (static_cast<Buffer>(local)) {
    case Buffer::sni:
      text = client_->sni && instance == 0 ? &*client_->sni : nullptr;
      break;
    case Buffer::alpn:
      text = instance < client_->alpn.size() ? &client_->alpn[instance] : nullptr;
      break;
    case Buffer::ja4:
      text = instance == 0 ? &ja4_ : nullptr;
      break;
  }
  if (text == nullptr) return std::nullopt;
  return BufferSlice{.data = as_bytes(*text)};
}

void DtlsTransaction::write(JsonWriter& out) const {
  out.key("dtls").begin_object();
  const tls::Hello* said = server_ ? &*server_ : client_ ? &*client_ : nullptr;
  if (said != nullptr) out.field("version", version_name(said->supported_versions[0]));
  if (client_ && client_->sni) out.field("sni", *client_->sni);
  if (client_ && !client_->alpn.empty()) {
    out.key("client_alpns").begin_array();
    for (const std::string& name : client_->alpn) out.value(name);
    out.end_array();
  }
  if (server_ && !server_->ciphers.empty())
    out.field("cipher", fmt::format("0x{:04x}", server_->ciphers[0]));
  out.field("cookie", cookie);
  if (client_) out.field("ja4", ja4_);
  out.end_object();
}

}  // namespace chieng::collector::dtls
