// The agent's end of the connection to the server (docs/wire-protocol.md).
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/error/result.h"
#include "core/event/envelope.h"
#include "transport/keys/keys.h"
#include "transport/spool/ack_channel.h"

namespace chieng {

struct ClientSpool {
  std::string name;              // for messages, such as "packets"
  std::filesystem::path folder;  // may not exist yet: looked for again every few seconds
  AckSender acknowledgements;    // to the spool's writer
};

struct ClientSettings {
  std::string endpoint;  // "tcp://host:port"; nothing else is accepted
  PublicKey server_key;
  KeyPair keys;
  Uuid agent;
  std::string version, settings_hash, rule_set_hash;  // told in HELLO
  std::vector<ClientSpool> spools;                    // at most 16
  // The health body of a BEAT, JSON of at most 32 KiB. Called on the client's thread.
  std::function<std::string()> health;

  std::chrono::milliseconds beat_every{15'000};
  std::chrono::milliseconds dead_after{60'000};
  std::chrono::milliseconds welcome_within{10'000};
  std::chrono::milliseconds poll_every{25};  // how often the spools are looked at when idle
  std::chrono::milliseconds back_off_first{1'000}, back_off_most{300'000},
      back_off_refused{900'000};
  std::size_t batch_bytes = 16'384;  // of record bodies in a DATA frame before compression
};

enum class ClientState : std::uint8_t { idle, connecting, connected, waiting, refused, stopped };
[[nodiscard]] std::string_view to_string(ClientState state);

struct ClientStatus {
  ClientState state = ClientState::idle;
  std::string problem;  // why not connected, or what is wrong with a spool; empty when all is well
  std::uint64_t session = 0;
  Uuid server;
  std::uint64_t server_generation = 0;
  bool clock_measured = false;
  std::int64_t clock_offset_us = 0, round_trip_us = 0;  // server minus agent
  std::uint64_t connects = 0, frames_sent = 0, bytes_sent = 0, records_sent = 0,
                records_acknowledged = 0;
  std::uint64_t resends = 0, gaps_reported = 0, gap_records = 0, bad_frames = 0;
  struct Lane {
    std::string spool;
    EventClass lane = EventClass::alert;
    std::uint64_t committed = 0, next = 1;  // backlog: next - 1 - committed
  };
  std::vector<Lane> lanes;
};

// One thread, the one in run(), owns the sockets and the spool readers. status() may be called from
// any thread. RAM: one batch and the numbers of what is in flight; whatever is not acknowledged
// stays in the spools.
class Client {
 public:
  explicit Client(ClientSettings settings);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Returns once stop is true (within 100 ms), or at once with invalid_argument for settings that
  // cannot work.
  [[nodiscard]] Status run(const std::atomic<bool>& stop);
  [[nodiscard]] ClientStatus status() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace chieng
