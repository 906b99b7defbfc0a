// What each command does, apart from how the command line spells it.
#pragma once

#include <string>
#include <vector>

#include "agent/pipeline/scan.h"

namespace chieng::agent {

struct RulesCheckOptions {
  std::vector<std::string> paths, variables;
  bool json = false;
  bool include_disabled = false;
};
// Prints which rules do not load and why. 0: all load; 1: some do not; 2: a path is not there.
[[nodiscard]] ExitCode rules_check(const RulesCheckOptions& options, const Settings& settings);

struct BenchOptions {
  std::string capture;
  std::vector<std::string> rules, variables;
  std::string stage = "whole";  // read, collector, events or whole
};
// Times one worker over a capture and prints one JSON line.
[[nodiscard]] ExitCode bench(const BenchOptions& options, const Settings& settings);

struct RunOptions {};
// Supervises the children until SIGTERM. 2: the settings are wrong; 1: it could not start.
[[nodiscard]] ExitCode run(const RunOptions& options, const Settings& settings);

struct EnrollOptions {
  std::string server;      // HOST[:PORT]; empty: the token's
  std::string token_file;  // empty: standard input
  std::string name;        // empty: the host's
  bool again = false;      // although enrolled already
};
[[nodiscard]] ExitCode enroll_agent(const EnrollOptions& options, const Settings& settings);

struct StatusOptions {
  bool json = false;
};
// 0: the agent runs; 1: it does not.
[[nodiscard]] ExitCode print_status(const StatusOptions& options, const Settings& settings);

struct SettingsOptions {
  bool markdown = false;
};
[[nodiscard]] ExitCode print_settings(const SettingsOptions& options);
[[nodiscard]] ExitCode print_version();

}  // namespace chieng::agent
