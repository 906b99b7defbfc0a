#include "agent/commands/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <functional>

#include "agent/commands/commands.h"

namespace chieng::agent {
namespace {

// What the commands' options are parsed into; lives as long as the parse.
struct Parsed {
  ScanOptions scan;
  RulesCheckOptions check;
  BenchOptions bench;
  RunOptions run;
  EnrollOptions enroll;
  StatusOptions status;
  SettingsOptions settings;
  std::vector<std::string> sets;  // key=value
  std::string config;
  std::function<ExitCode()> command;
};

ExitCode usage(const std::string& text) {
  fmt::print(stderr, "chieng-agent: {}\n", text);
  return ExitCode::usage;
}

Result<Settings> read_settings(const Parsed& parsed) {
  Settings settings(setting_specs());
  if (!parsed.config.empty()) CHIENG_CHECK(settings.load_file(parsed.config));
  for (const std::string& pair : parsed.sets) {
    const auto equals = pair.find('=');
    if (equals == std::string::npos)
      return fail(ErrorCode::invalid_argument, fmt::format("\"{}\" is not key=value", pair),
                  "--set");
    CHIENG_CHECK(settings.set(std::string_view(pair).substr(0, equals),
                              std::string_view(pair).substr(equals + 1)));
  }
  return settings;
}

template <class Options>
ExitCode with_settings(const Parsed& parsed, const Options& options,
                       ExitCode (*run)(const Options&, const Settings&)) {
  const auto settings = read_settings(parsed);
  return settings ? run(options, *settings) : usage(settings.error().message());
}

void add_settings_options(CLI::App& app, Parsed& parsed) {
  app.add_option("--set", parsed.sets,
                 "A setting, as in --set stream.midstream=true (see `chieng-agent settings`)")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
}

void add_config_option(CLI::App& app, Parsed& parsed) {
  app.add_option("--config", parsed.config, "The settings file (YAML)")->type_name("FILE");
}

void add_scan(CLI::App& app, Parsed& parsed) {
  CLI::App* scan_app = app.add_subcommand(
      "scan", "Look through captures and log files, without a network and without root");
  ScanOptions& o = parsed.scan;
  scan_app
      ->add_option(
          "INPUT", o.inputs,
          "Captures (pcap, pcapng) and logs (text, JSON, EVTX), told apart by their content")
      ->required()
      ->type_name("");
  scan_app
      ->add_option("--rules", o.rules,
                   "Rules: a .rules (Suricata) or .yml (Sigma) file, or a folder of them")
      ->type_name("FILE_OR_DIR")
      ->allow_extra_args(false);
  scan_app
      ->add_option("--var", o.variables, "A variable of the rules, as in --var HOME_NET=10.0.0.0/8")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  scan_app->add_flag("--log-events", o.log_events, "Also write an event for each line of the logs");
  scan_app
      ->add_option("--log-format", o.log_format,
                   "The format of the logs, where their content does not tell it")
      ->type_name("NAME");
  scan_app->add_option("--out", o.out, "Write the events to this file instead of standard output")
      ->type_name("FILE");
  scan_app
      ->add_option("--evidence", o.evidence,
                   "Keep the packets around alerts in this folder, as pcapng with the rule and the "
                   "alert beside them")
      ->type_name("DIR");
  add_config_option(*scan_app, parsed);
  add_settings_options(*scan_app, parsed);
  scan_app->footer(
      "Events are EVE JSON, one a line, in the order of the inputs. Rules that fail, broken "
      "packets and a capture that\n"
      "was cut off are told on standard error and as events; the scan goes on.\n\n"
      "Exit status: 0 the inputs were read as far as they go; 1 an input could not be opened or is "
      "of no known kind;\n"
      "2 wrong usage.\n\n"
      "Example: chieng-agent scan --rules /etc/chieng/rules --out events.json traffic.pcap "
      "auth.log");
  scan_app->callback(
      [&parsed] { parsed.command = [&] { return with_settings(parsed, parsed.scan, scan); }; });
}

void add_rules(CLI::App& app, Parsed& parsed) {
  CLI::App* rules_app = app.add_subcommand("rules", "Work with rules");
  rules_app->require_subcommand(1);
  CLI::App* check =
      rules_app->add_subcommand("check", "Tell which rules load, and why the others do not");
  RulesCheckOptions& o = parsed.check;
  check
      ->add_option("PATH", o.paths,
                   "Files or folders of Suricata (.rules) and Sigma (.yml, .yaml) rules")
      ->required()
      ->type_name("");
  check->add_flag(
      "--json", o.json,
      "Print {\"rules\":N,\"loaded\":N,\"failed\":[{file,line,sid or id,option,reason}]}");
  check->add_flag("--include-disabled", o.include_disabled,
                  "Also check rules that are commented out");
  check
      ->add_option("--var", o.variables, "A variable of the rules, as in --var HOME_NET=10.0.0.0/8")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  add_config_option(*check, parsed);
  add_settings_options(*check, parsed);
  check->footer("Exit status: 0 all rules load; 1 some do not; 2 wrong usage.");
  check->callback([&parsed] {
    parsed.command = [&] { return with_settings(parsed, parsed.check, rules_check); };
  });
}

void add_bench(CLI::App& app, Parsed& parsed) {
  CLI::App* bench_app =
      app.add_subcommand("bench", "Time one worker over a capture and print one JSON line");
  BenchOptions& o = parsed.bench;
  bench_app->add_option("CAPTURE", o.capture, "A capture (pcap, pcapng)")
      ->required()
      ->type_name("");
  bench_app->add_option("--rules", o.rules, "Rules: a .rules (Suricata) file, or a folder of them")
      ->type_name("FILE_OR_DIR")
      ->allow_extra_args(false);
  bench_app
      ->add_option("--var", o.variables, "A variable of the rules, as in --var HOME_NET=10.0.0.0/8")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  bench_app
      ->add_option(
          "--stage", o.stage,
          "How far packets go: read (libpcap alone), collector (decoding, flows, "
          "protocols), events (all events made) or whole (rules, alerts only; the default)")
      ->check(CLI::IsMember({"read", "collector", "events", "whole"}))
      ->type_name("STAGE");
  add_config_option(*bench_app, parsed);
  add_settings_options(*bench_app, parsed);
  bench_app->footer(
      "Checksums are not validated and files not hashed; events are made and thrown away. run_s is "
      "without loading.\n\n"
      "Example: chieng-agent bench --rules /etc/chieng/rules traffic.pcap");
  bench_app->callback(
      [&parsed] { parsed.command = [&] { return with_settings(parsed, parsed.bench, bench); }; });
}

void add_run(CLI::App& app, Parsed& parsed) {
  CLI::App* run_app =
      app.add_subcommand("run", "Watch live interfaces and log files, and report to the server");
  run_app->add_option("--config", parsed.config, "The settings file (YAML)")
      ->required()
      ->type_name("FILE");
  add_settings_options(*run_app, parsed);
  run_app->footer(
      "Stays in the foreground. SIGHUP loads the rules again without losing a packet; SIGTERM "
      "stops cleanly. Other\n"
      "settings are read once: restart to change them. `chieng-agent settings` prints all of "
      "them.");
  run_app->callback(
      [&parsed] { parsed.command = [&] { return with_settings(parsed, parsed.run, run); }; });
}

void add_enroll(CLI::App& app, Parsed& parsed) {
  CLI::App* enroll_app =
      app.add_subcommand("enroll", "Make this machine known to a server, with a one-time token");
  EnrollOptions& o = parsed.enroll;
  enroll_app
      ->add_option("--server", o.server,
                   "The server's enrolment address, where the token does not hold it (port 7802)")
      ->type_name("HOST[:PORT]");
  enroll_app
      ->add_option("--token-file", o.token_file,
                   "Read the token from a file instead of standard input")
      ->type_name("FILE");
  enroll_app
      ->add_option("--name", o.name, "This agent's name at the centre, instead of the host name")
      ->type_name("NAME");
  enroll_app->add_flag("--again", o.again, "Enrol although this machine is enrolled already");
  add_config_option(*enroll_app, parsed);
  add_settings_options(*enroll_app, parsed);
  enroll_app->footer("Make the token on the server: chieng-server enroll-token create --agency ID");
  enroll_app->callback([&parsed] {
    parsed.command = [&] { return with_settings(parsed, parsed.enroll, enroll_agent); };
  });
}

void add_status(CLI::App& app, Parsed& parsed) {
  CLI::App* status_app = app.add_subcommand("status", "Tell how the running agent is");
  status_app->add_flag("--json", parsed.status.json, "As JSON");
  add_config_option(*status_app, parsed);
  add_settings_options(*status_app, parsed);
  status_app->footer("Exit status: 0 the agent runs; 1 it does not; 2 wrong usage.");
  status_app->callback([&parsed] {
    parsed.command = [&] { return with_settings(parsed, parsed.status, print_status); };
  });
}

void add_information(CLI::App& app, Parsed& parsed) {
  CLI::App* settings_app = app.add_subcommand(
      "settings", "Print every setting with its default and meaning, as YAML to start from");
  settings_app->add_flag("--markdown", parsed.settings.markdown,
                         "As the page docs/agent-settings.md");
  settings_app->callback(
      [&parsed] { parsed.command = [&] { return print_settings(parsed.settings); }; });
  app.add_subcommand("version", "Print the version")->callback([&parsed] {
    parsed.command = print_version;
  });
}

}  // namespace

int command_line(int argc, char** argv) {
  CLI::App app{
      "chieng-agent watches the network and the logs of one site and reports to the centre.",
      "chieng-agent"};
  app.require_subcommand(1);
  app.footer("`chieng-agent COMMAND --help` tells the options of a command.");
  Parsed parsed;
  add_run(app, parsed);
  add_scan(app, parsed);
  add_rules(app, parsed);
  add_bench(app, parsed);
  add_enroll(app, parsed);
  add_status(app, parsed);
  add_information(app, parsed);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const int code = app.exit(e);
    return code == 0 ? 0 : static_cast<int>(ExitCode::usage);
  }
  return static_cast<int>(parsed.command());
}

}  // namespace chieng::agent
