// A secret that is shown once: on a terminal, or else in a file that only its owner can read.
#pragma once

#include <filesystem>
#include <string>

#include "core/error/result.h"

namespace chieng::server {

// What to tell: the secret itself where standard output is a terminal, else the path of the 0600
// file that was written.
struct Told {
  bool shown = false;
  std::filesystem::path file;
};
[[nodiscard]] Result<Told> tell_password(const std::filesystem::path& folder,
                                         const std::string& name, const std::string& password);

}  // namespace chieng::server
