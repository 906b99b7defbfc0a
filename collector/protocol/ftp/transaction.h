// A command with its replies; the greeting is one without a command.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/inspect/transaction.h"

namespace chieng::collector::ftp {

enum class Event : std::uint16_t {
  request_command_too_long,
  response_command_too_long,
  too_many_transactions,
  file_before_port,
  file_without_name
};

enum class Mode : std::uint8_t { active = 1, passive = 2 };

extern const ProtocolSpec kSpec;

// The command as it is known, in capitals; empty where it is none that is.
[[nodiscard]] std::string_view known_command(std::string_view word);

// Owned by its flow. Keeps at most kMostReplies reply lines of kMostReplyBytes together.
class FtpTransaction final : public Transaction {
 public:
  static constexpr std::size_t kMostReplies = 256, kMostReplyBytes = 64 * 1024;
  using Transaction::Transaction;

  void add_reply(std::string_view code, std::string_view text);
  [[nodiscard]] bool answered() const { return answered_; }
  void finish_request() { set_progress(Direction::to_server, 2); }
  void finish_reply() {
    finish_request();
    set_progress(Direction::to_client, 1);
  }

  [[nodiscard]] std::optional<BufferSlice> buffer(unsigned local, Direction d,
                                                  std::uint32_t instance) const override;
  [[nodiscard]] std::optional<std::uint64_t> integer(unsigned local, Direction d,
                                                     std::uint32_t instance) const override;
  void write(JsonWriter& out) const override;

  std::string_view command;  // of the table
  std::string argument;
  bool command_truncated = false, reply_truncated = false;
  std::optional<Mode> mode;
  std::uint16_t dynamic_port = 0;
  bool foreign_address = false;  // PORT or EPRT names another host than the client
  std::string open_code;         // of a reply of several lines that has not ended yet

 private:
  bool answered_ = false;
  std::vector<std::string> codes_, replies_;
  std::size_t bytes_ = 0;
};

}  // namespace chieng::collector::ftp
