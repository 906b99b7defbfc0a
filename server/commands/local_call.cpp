#include "server/commands/local_call.h"

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "server/commands/admin.h"
#include "server/commands/admin_socket.h"
#include "server/settings.h"
#include "server/store/sqlite_store.h"

namespace chieng::server {
namespace {

// Root works as the folder's owner, so that the server can still write what a command has made.
class AsOwner {
 public:
  explicit AsOwner(const std::filesystem::path& folder) {
    struct stat info{};
    if (::geteuid() != 0 || ::stat(folder.c_str(), &info) != 0 || info.st_uid == 0) return;
    changed_ = ::setegid(info.st_gid) == 0 && ::seteuid(info.st_uid) == 0;
  }
  ~AsOwner() {
    if (changed_ && (::seteuid(0) != 0 || ::setegid(0) != 0)) std::abort();
  }
  AsOwner(const AsOwner&) = delete;
  AsOwner& operator=(const AsOwner&) = delete;

 private:
  bool changed_ = false;
};

Result<std::string> call_in_folder(const Settings& settings, std::string_view request) {
  const AsOwner owner(data_folder(settings));
  CHIENG_TRY(const auto store, open_store({data_folder(settings)}));
  CHIENG_TRY(const KeyPair keys, KeyPair::load_or_create(data_folder(settings) / "transport.key"));
  return admin_call({*store, keys.public_key, enrolment_address(settings), {}}, request);
}

Result<std::string> call(const Settings& settings, std::string_view request) {
  // A server that starts or ends has the folder but no socket for a moment.
  for (int attempt = 0;; ++attempt) {
    auto answer = ask_server(admin_socket(settings), request);
    if (answer || answer.error().code != ErrorCode::unavailable) return answer;
    answer = call_in_folder(settings, request);
    if (answer || answer.error().code != ErrorCode::unavailable || attempt == 50) return answer;
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
}

}  // namespace

Result<nlohmann::json> local_call(const Settings& settings, const nlohmann::json& request) {
  CHIENG_TRY(
      const std::string text,
      call(settings, request.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)));
  auto answer = nlohmann::json::parse(text, nullptr, false);
  if (answer.is_object() && answer.contains("ok")) return std::move(answer["ok"]);
  if (answer.is_object() && answer.contains("error") && answer["error"].is_string())
    return fail(ErrorCode::invalid_argument, answer["error"].get<std::string>());
  return fail(ErrorCode::corrupt,
              "the server's answer cannot be read; are both programs of one version?");
}

}  // namespace chieng::server
