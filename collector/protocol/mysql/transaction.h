// A login to MySQL, or a command, with the answer.
#pragma once

#include <optional>
#include <string>

#include "core/inspect/transaction.h"

namespace chieng::collector::mysql {

enum class Buffer : std::uint8_t { command };
enum class Event : std::uint16_t { malformed_request, malformed_response };

extern const ProtocolSpec kSpec;

class MysqlTransaction final : public Transaction {
 public:
  using Transaction::Transaction;

  void complete() {
    set_progress(Direction::to_server, 1);
    set_progress(Direction::to_client, 1);
  }
  [[nodiscard]] std::optional<BufferSlice> buffer(unsigned local, Direction d,
                                                  std::uint32_t instance) const override;
  void write(JsonWriter& out) const override;

  std::string version, database, error_text;
  std::optional<std::string> user, text;  // text: of a command that has one
  std::optional<std::uint8_t> command;    // nothing: the login
  std::optional<bool> success;
  std::optional<std::uint16_t> error;
  std::optional<std::uint64_t> affected, columns;
  std::uint64_t rows = 0;
  bool tls = false;
};

}  // namespace chieng::collector::mysql
