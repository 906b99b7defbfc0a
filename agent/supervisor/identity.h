// What enrolment gave: who this agent is and which server it speaks to. The secret key stands in a
// file of its own.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "core/error/result.h"
#include "core/event/envelope.h"
#include "transport/keys/keys.h"

namespace chieng::agent {

struct Identity {
  Uuid agent, agency, server;
  std::string name;
  std::string endpoint;  // "tcp://host:port"
  PublicKey server_key;

  [[nodiscard]] Status save(const std::filesystem::path& path) const;
  // not_found: not enrolled yet.
  [[nodiscard]] static Result<Identity> load(const std::filesystem::path& path);

  friend bool operator==(const Identity&, const Identity&) = default;
};

// Tells a running process that the machine was enrolled, or enrolled anew, since it began. Looks at
// the disk once a second at most. One thread.
class IdentityWatch {
 public:
  IdentityWatch(std::filesystem::path path, std::optional<Identity> known)
      : path_(std::move(path)), known_(std::move(known)) {}
  // Only what can be read and used counts: `enroll` may be at work, and the old one goes on.
  [[nodiscard]] bool changed();

 private:
  using Clock = std::chrono::steady_clock;
  const std::filesystem::path path_;
  const std::optional<Identity> known_;
  Clock::time_point next_{};
};

}  // namespace chieng::agent
