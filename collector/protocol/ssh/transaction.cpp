#include "collector/protocol/ssh/transaction.h"

#include "core/hash/digest.h"

namespace chieng::collector::ssh {

void SshTransaction::set_banner(Direction sender, std::string_view version,
                                std::string_view software) {
  Side& side = sides_[index(sender)];
  side.version = version;
  side.software = software;
  if (!sides_[index(opposite(sender))].version.empty()) show_banners();
}

void SshTransaction::show_banners() {
  for (const Direction d : {Direction::to_server, Direction::to_client})
    if (!sides_[index(d)].version.empty()) reach(d, Progress::banner);
}

void SshTransaction::set_hassh(Direction sender, std::string text) {
  Side& side = sides_[index(sender)];
  if (!side.hassh.empty()) return;  // a later key exchange would be encrypted
  side.hassh = digest_hex(DigestKind::md5, as_bytes(text));
  side.hassh_text = std::move(text);
  reach(sender, Progress::keys);
}

std::optional<BufferSlice> SshTransaction::buffer(unsigned local, Direction d,
                                                  std::uint32_t instance) const {
  const Side& side = sides_[index(d)];
  const bool client = d == Direction::to_server;
  const std::string* text = nullptr;
  switch (static_cast<Buffer>(local)) {
    case Buffer::proto:
      text = &side.version;
      break;
    case Buffer::software:
      text = &side.software;
      break;
    case Buffer::hassh:
      text = client ? &side.hassh : nullptr;
      break;
    case Buffer::hassh_text:
      text = client ? &side.hassh_text : nullptr;
      break;
    case Buffer::hassh_server:
      text = client ? nullptr : &side.hassh;
      break;
    case Buffer::hassh_server_text:
      text = client ? nullptr : &side.hassh_text;
      break;
  }
  if (text == nullptr || text->empty() || instance > 0) return std::nullopt;
  return BufferSlice{.data = as_bytes(*text)};
}

void SshTransaction::write(JsonWriter& out) const {
  out.key("ssh").begin_object();
  for (const Direction d : {Direction::to_server, Direction::to_client}) {
    const Side& side = sides_[index(d)];
    if (side.version.empty() && side.hassh.empty()) continue;
    out.key(d == Direction::to_server ? "client" : "server").begin_object();
    if (!side.version.empty())
      out.field("proto_version", side.version).field("software_version", side.software);
    if (!side.hassh.empty()) {
      out.key("hassh").begin_object().field("hash", side.hassh);
      out.field("string", side.hassh_text).end_object();
    }
    out.end_object();
  }
  out.end_object();
}

}  // namespace chieng::collector::ssh
