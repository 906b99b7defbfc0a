// The one transaction of an RFB connection: how it began.
#pragma once

#include <optional>
#include <string>

#include "collector/protocol/rfb/spec.h"
#include "core/inspect/transaction.h"

namespace chieng::collector::rfb {

struct Version {
  std::string major, minor;  // three digits each, as sent
};

struct Screen {
  std::uint16_t width = 0, height = 0;
  std::uint8_t bits = 0, depth = 0;
  bool big_endian = false, true_color = false;
  std::uint16_t red_max = 0, green_max = 0, blue_max = 0;
  std::uint8_t red_shift = 0, green_shift = 0, blue_shift = 0;
};

class RfbTransaction final : public Transaction {
 public:
  RfbTransaction(AppProto proto, std::uint64_t id) : Transaction(proto, id) {}

  void reach(Progress p) {
    set_progress(Direction::to_server, static_cast<std::uint8_t>(p));
    set_progress(Direction::to_client, static_cast<std::uint8_t>(p));
  }

  [[nodiscard]] std::optional<BufferSlice> buffer(unsigned local, Direction d,
                                                  std::uint32_t instance) const override;
  [[nodiscard]] std::optional<std::uint64_t> integer(unsigned local, Direction d,
                                                     std::uint32_t instance) const override;
  void write(JsonWriter& out) const override;

  std::optional<Version> server, client;
  std::optional<std::uint32_t> security_type, security_result;
  std::string challenge, response;  // of VNC authentication, as sent
  std::string failure_reason;
  std::optional<bool> shared;
  std::optional<Screen> screen;
  std::string name;

 private:
  void write_authentication(JsonWriter& out) const;
  void write_screen(JsonWriter& out) const;
};

}  // namespace chieng::collector::rfb
