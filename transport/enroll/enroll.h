// Enrolment: a machine with a token becomes an agent with a key (docs/wire-protocol.md).
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/error/result.h"
#include "core/event/envelope.h"
#include "transport/enroll/token.h"
#include "transport/keys/keys.h"

namespace chieng {

enum class EnrollRefusal : std::uint16_t {
  malformed = 1,
  unknown_token,
  expired,
  used,
  wrong_proof,
  name_taken,
  too_many,
  closed,
  internal
};
[[nodiscard]] std::string_view to_string(EnrollRefusal refusal);

struct EnrollRequest {  // as the server's handler sees it: proof and key of the connection already
                        // checked
  std::string token_hash;  // token_hash(secret)
  PublicKey key;
  std::string name;        // 1-128 bytes, no control characters
  std::string host_facts;  // JSON, at most 8 KiB, not parsed yet
  std::string address;     // where it came from
};

struct EnrollReply {
  Uuid agent, agency, server;
  std::string transport_endpoint;  // "tcp://host:port"
};

// Implemented by the server. Called on the enrolment thread.
class EnrollHandler {
 public:
  virtual ~EnrollHandler() = default;
  // Atomically burns the token and creates the agent. The same token, key and name again: the same
  // reply, since an answer may get lost.
  [[nodiscard]] virtual std::expected<EnrollReply, EnrollRefusal> redeem(
      const EnrollRequest& request) = 0;
};

struct EnrollListenerSettings {
  std::vector<std::string> endpoints;  // "tcp://0.0.0.0:7401"
  KeyPair keys;                        // the server's, whose public half the tokens carry
  unsigned attempts_per_minute_address = 10;
  unsigned attempts_per_minute = 120;
};

// One thread of its own owns the socket. handler must outlive the object.
class EnrollListener {
 public:
  EnrollListener(EnrollListenerSettings settings, EnrollHandler& handler);
  ~EnrollListener();  // stops
  EnrollListener(const EnrollListener&) = delete;
  EnrollListener& operator=(const EnrollListener&) = delete;

  [[nodiscard]] Status start();
  void stop();
  [[nodiscard]] std::vector<std::string> endpoints() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

struct EnrollCall {
  EnrollToken token;
  std::string endpoint;  // empty: the token's
  KeyPair keys;          // the agent's new pair
  std::string name;
  std::string host_facts;  // JSON
  std::chrono::milliseconds timeout{15'000};
};
// The agent's side. timeout: no answer, perhaps a wrong address or a server with another key; auth:
// refused, the text says why and what to do.
[[nodiscard]] Result<EnrollReply> enroll(const EnrollCall& call);

}  // namespace chieng
