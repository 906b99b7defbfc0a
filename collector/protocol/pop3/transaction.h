// A command with its response; the greeting is a response alone.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "collector/protocol/pop3/spec.h"
#include "core/inspect/transaction.h"

namespace chieng::collector::pop3 {

struct Request {
  std::string command;  // as sent
  std::vector<std::string> arguments;
};

struct Response {
  bool success = false;
  std::string text;                // behind the status
  std::vector<std::string> lines;  // of a list; not of a mail
};

// Owned by its flow. Bounded: a line of each side and kMaxListed bytes of a list.
class Pop3Transaction final : public Transaction {
 public:
  static constexpr std::size_t kMaxListed = 256 * 1024;

  using Transaction::Transaction;

  [[nodiscard]] std::optional<BufferSlice> buffer(unsigned, Direction,
                                                  std::uint32_t) const override {
    return std::nullopt;
  }
  void write(JsonWriter& out) const override;

  std::optional<Request> request;
  std::optional<Response> response;
};

}  // namespace chieng::collector::pop3
