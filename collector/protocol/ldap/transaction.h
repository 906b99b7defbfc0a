// A request with its responses, or a response that nobody asked for.
#pragma once

#include <deque>

#include "collector/protocol/ldap/message.h"
#include "core/inspect/transaction.h"

namespace chieng::collector::ldap {

enum class Event : std::uint16_t {
  too_many_transactions,
  invalid_data,
  request_not_found,
  too_many_responses
};

extern const ProtocolSpec kSpec;

// Owned by its flow. Keeps at most kMostResponses responses of kMostBytes on the wire together.
class LdapTransaction final : public Transaction {
 public:
  static constexpr std::size_t kMostResponses = 1024, kMostBytes = 128 * 1024;
  using Transaction::Transaction;

  void set_request(Message m);
  // False where there is no room: it is counted only.
  bool add_response(Message m);
  [[nodiscard]] const Message* request() const { return request_ ? &*request_ : nullptr; }
  void finish() {
    set_progress(Direction::to_server, 1);
    set_progress(Direction::to_client, 1);
  }

  [[nodiscard]] std::optional<BufferSlice> buffer(unsigned local, Direction d,
                                                  std::uint32_t instance) const override;
  [[nodiscard]] std::optional<std::uint64_t> integer(unsigned local, Direction d,
                                                     std::uint32_t instance) const override;
  void write(JsonWriter& out) const override;

 private:
  std::optional<Message> request_;
  std::deque<Message> responses_;
  std::size_t bytes_ = 0;
  std::uint64_t response_count_ = 0;
  std::vector<const std::string*> request_types_;          // into request_
  std::vector<const std::string*> names_, texts_, types_;  // into responses_
};

}  // namespace chieng::collector::ldap
