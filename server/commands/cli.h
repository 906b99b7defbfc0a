#pragma once

namespace chieng::server {

// The command line of chieng-server; the exit code: 0 done, 1 failed, 2 wrong usage.
[[nodiscard]] int command_line(int argc, char** argv);

}  // namespace chieng::server
