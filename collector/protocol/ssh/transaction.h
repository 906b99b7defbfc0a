// The one transaction of an SSH connection: banners and HASSH of both sides.
#pragma once

#include <array>
#include <string>

#include "collector/protocol/ssh/spec.h"
#include "core/inspect/transaction.h"

namespace chieng::collector::ssh {

class SshTransaction final : public Transaction {
 public:
  SshTransaction(AppProto proto, std::uint64_t id) : Transaction(proto, id) {}

  void set_banner(Direction sender, std::string_view version, std::string_view software);
  // Rules see a banner when both are known, so that an alert shows both; or earlier, where the
  // parser has no reason to wait for the other one.
  void show_banners();
  void set_hassh(Direction sender, std::string text);
  void reach(Direction d, Progress p) { set_progress(d, static_cast<std::uint8_t>(p)); }
  [[nodiscard]] std::string_view version(Direction sender) const {
    return sides_[index(sender)].version;
  }

  [[nodiscard]] std::optional<BufferSlice> buffer(unsigned local, Direction d,
                                                  std::uint32_t instance) const override;
  void write(JsonWriter& out) const override;

 private:
  struct Side {
    std::string version, software;  // "2.0", "OpenSSH_9.2p1"
    std::string hassh, hassh_text;
  };
  std::array<Side, 2> sides_;  // by sender: to_server is the client
};

}  // namespace chieng::collector::ssh
