// File access by Landlock (kernel 5.13 on).
#pragma once

#include <filesystem>
#include <span>

#include "core/error/result.h"

namespace chieng::agent {

// From here on only these folders and files can be opened. unsupported: the kernel has no Landlock.
// Paths that do not exist are left out. no_new_privs has to be set.
[[nodiscard]] Status restrict_files(std::span<const std::filesystem::path> read,
                                    std::span<const std::filesystem::path> write);

}  // namespace chieng::agent
