#include "agent/supervisor/identity.h"

#include <nlohmann/json.hpp>

#include "core/event/json_writer.h"
#include "core/file/file.h"

namespace chieng::agent {

Status Identity::save(const std::filesystem::path& path) const {
  std::string text;
  JsonWriter json(text);
  json.begin_object()
      .field("version", 1)
      .field("agent", to_string(agent))
      .field("agency", to_string(agency));
  json.field("server", to_string(server)).field("name", name).field("endpoint", endpoint);
  json.field("server_key", to_z85(server_key)).end_object();
  return write_file_atomic(path, text + "\n", 0640);
}

Result<Identity> Identity::load(const std::filesystem::path& path) {
  CHIENG_TRY(const std::string text, read_file(path, 65'536));
  const auto json = nlohmann::json::parse(text, nullptr, false);
  const auto member = [&](const char* key) {
    return json.is_object() && json.contains(key) && json[key].is_string()
               ? json[key].get<std::string>()
               : std::string();
  };
  Identity out;
  const auto agent = parse_uuid(member("agent"));
  const auto server = parse_uuid(member("server"));
  const auto key = parse_public_key(member("server_key"));
  out.endpoint = member("endpoint");
  if (!agent || !server || !key || out.endpoint.empty())
    return fail(ErrorCode::corrupt,
                "is not an identity file; enrol again with `chieng-agent enroll`", path.string());
  out.agent = *agent;
  out.agency = parse_uuid(member("agency")).value_or(Uuid{});
  out.server = *server;
  out.server_key = *key;
  out.name = member("name");
  return out;
}

bool IdentityWatch::changed() {
  if (Clock::now() < next_) return false;
  next_ = Clock::now() + std::chrono::seconds(1);
  const auto now = Identity::load(path_);
  return now && (!known_ || *now != *known_);
}

}  // namespace chieng::agent
