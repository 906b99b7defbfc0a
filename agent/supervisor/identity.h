// What enrolment gave: who this agent is and which server it speaks to. The secret key stands in a
// file of its own.
#pragma once

#include <filesystem>
#include <string>

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
};

}  // namespace chieng::agent
