// The server's end of the connections from agents (docs/wire-protocol.md).
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/error/result.h"
#include "transport/keys/keys.h"
#include "transport/keys/server_identity.h"
#include "transport/listener/ingest.h"
#include "transport/listener/key_directory.h"

namespace chieng {

struct ListenerSettings {
  std::vector<std::string> endpoints;  // "tcp://0.0.0.0:7400"; a port of * takes a free one
  KeyPair keys;
  ServerIdentity identity;
  std::uint32_t lane_credit = 1U << 20;       // bytes in flight a lane of a spool
  std::uint64_t memory_bytes = 128ULL << 20;  // of batches handed over and not stored, all agents
  std::size_t max_sessions = 4096;
  std::chrono::milliseconds dead_after{60'000};
  std::chrono::milliseconds handshake_within{4'000};
  std::chrono::milliseconds penalty{
      5'000};  // a key whose session ended by a protocol error waits so long
};

struct ListenerStats {
  std::uint64_t frames = 0, bytes = 0, batches = 0, events = 0, duplicates = 0, gaps = 0,
                gap_records = 0;
  std::uint64_t malformed = 0, out_of_window = 0, old_session = 0, without_session = 0, revoked = 0,
                superseded = 0;
  std::uint64_t damaged_records = 0, nacks = 0, busy = 0, store_failures = 0, beats = 0;
  std::uint64_t keys_accepted = 0, keys_refused = 0;  // handshakes
  std::uint64_t sessions = 0, bytes_waiting = 0;      // now
};

// One thread of its own owns the ROUTER and the ZAP handler. directory and handler must outlive the
// object. stop() waits for the thread; batches already handed over may be answered after it.
class Listener {
 public:
  Listener(ListenerSettings settings, KeyDirectory& directory, IngestHandler& handler);
  ~Listener();  // stops
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // Binds, proves to itself that a random key is refused, starts the thread. auth: the proof
  // failed.
  [[nodiscard]] Status start();
  void stop();
  [[nodiscard]] std::vector<std::string> endpoints() const;  // as bound, with the ports
  [[nodiscard]] ListenerStats stats() const;                 // any thread

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace chieng
