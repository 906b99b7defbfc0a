#include "server/commands/one_time.h"

#include <fmt/core.h>
#include <unistd.h>

#include "core/file/file.h"

namespace chieng::server {
namespace {

// Only what cannot lead out of the folder.
std::string safe(const std::string& name) {
  std::string out;
  for (const char c : name.substr(0, 64))
    out += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return out;
}

}  // namespace

Result<Told> tell_password(const std::filesystem::path& folder, const std::string& name,
                           const std::string& password) {
  if (::isatty(STDOUT_FILENO) == 1) {
    fmt::print("Account {}, one-time password: {}\nIt must be changed at the first log-in.\n", name,
               password);
    return Told{true, {}};
  }
  const auto path = folder / ("one-time-password-" + safe(name) + ".txt");
  CHIENG_CHECK(write_file_atomic(path, name + " " + password + "\n", 0600));
  return Told{false, path};
}

}  // namespace chieng::server
