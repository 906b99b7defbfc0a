#include "server/ingest/enrolment.h"

#include <spdlog/spdlog.h>

#include "server/store/system_access.h"

namespace chieng::server {
namespace {

EnrollRefusal refusal(ErrorCode code) {
  if (code == ErrorCode::not_found) return EnrollRefusal::unknown_token;
  if (code == ErrorCode::timeout) return EnrollRefusal::expired;
  if (code == ErrorCode::auth) return EnrollRefusal::used;
  if (code == ErrorCode::exists) return EnrollRefusal::malformed;
  return EnrollRefusal::internal;
}

}  // namespace

std::expected<EnrollReply, EnrollRefusal> Enrolment::redeem(const EnrollRequest& request) {
  const auto agent = store_.enrol(request.token_hash, request.name, to_z85(request.key), now());
  if (!agent) {
    spdlog::warn("enrolment from {} refused: {}", request.address, agent.error().message());
    return std::unexpected(refusal(agent.error().code));
  }
  if (const auto published = publish_keys(); !published) {
    spdlog::error("the keys of agents cannot be read: {}", published.error().message());
    return std::unexpected(EnrollRefusal::internal);
  }
  spdlog::info("agent {} of {} is enrolled", to_string(agent->id), agent->agency.name);
  return EnrollReply{agent->id, agent->agency.id, store_.server_id(), endpoint_};
}

Status Enrolment::publish_keys() {
  CHIENG_TRY(const auto agents, store_.agents(Scope::all(system_access()), now()));
  KeySnapshot keys;
  for (const Agent& agent : agents) {
    const auto key = parse_public_key(agent.key);
    if (key && agent.status != AgentStatus::revoked)
      keys.emplace(*key, KnownAgent{agent.id, agent.agency.id});
  }
  directory_.publish(std::move(keys));
  return {};
}

}  // namespace chieng::server
