// The command line of chieng-agent. The only place that knows CLI11.
#pragma once

namespace chieng::agent {

// Returns the exit code.
[[nodiscard]] int command_line(int argc, char** argv);

}  // namespace chieng::agent
