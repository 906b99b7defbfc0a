#include "server/commands/cli.h"

#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <nlohmann/json.hpp>

#include "core/file/file.h"
#include "server/commands/local_call.h"
#include "server/commands/one_time.h"
#include "server/commands/run.h"
#include "server/settings.h"

namespace chieng::server {
namespace {

using Json = nlohmann::json;

struct Options {
  std::string config = "/etc/chieng/server.yaml";
  std::vector<std::string> sets;
  std::string name, code, level, parent, agency, role = "viewer", expires = "24h", id, date, out;
  std::int64_t days = 365;
};

std::string who() {
  if (const char* user = std::getenv("SUDO_USER"); user != nullptr) return user;
  return "uid " + std::to_string(::getuid());
}

Result<Settings> load_settings(const Options& o) {
  Settings settings(server_settings());
  CHIENG_CHECK(settings.load_file(o.config));
  for (const std::string& set : o.sets) {
    const auto equals = set.find('=');
    if (equals == std::string::npos)
      return fail(ErrorCode::invalid_argument, "--set " + set + ": it has to be key=value");
    CHIENG_CHECK(settings.set(set.substr(0, equals), set.substr(equals + 1)));
  }
  return settings;
}

// One call over the store, and what to do with its answer.
int ask(const Options& o, Json request,
        const std::function<Status(const Settings&, const Json&)>& show) {
  const auto run = [&]() -> Status {
    CHIENG_TRY(const Settings settings, load_settings(o));
    request["who"] = who();
    CHIENG_TRY(const Json answer, local_call(settings, request));
    return show(settings, answer);
  };
  if (const Status done = run(); !done) {
    fmt::print(stderr, "chieng-server: {}\n", done.error().message());
    return 1;
  }
  return 0;
}

std::string text(const Json& row, const char* name) {
  return row.value(name, std::string());
}

Status show_agencies(const Settings&, const Json& rows) {
  for (const Json& row : rows)
    fmt::print("{}  {:<32} {:<12} {:<12} {}\n", text(row, "id"), text(row, "name"),
               text(row, "code"), text(row, "level"),
               text(row, "parent").empty() ? "" : "under " + text(row, "parent"));
  if (rows.empty()) fmt::print("There is no agency yet: chieng-server agency add --name NAME\n");
  return {};
}

Status show_agents(const Settings&, const Json& rows) {
  for (const Json& row : rows)
    fmt::print("{}  {:<8} {:<24} {:<24} {:<10} {}\n", text(row, "id"), text(row, "status"),
               text(row, "name"), text(row, "agency"), text(row, "version"),
               text(row, "last_seen"));
  if (rows.empty())
    fmt::print("No agent is enrolled yet: chieng-server enroll-token create --agency ID\n");
  return {};
}

Status show_users(const Settings&, const Json& rows) {
  for (const Json& row : rows)
    fmt::print("{:<24} {:<8} {}{}\n", text(row, "name"), text(row, "role"),
               text(row, "last_login").empty() ? "never logged in"
                                               : "last log-in " + text(row, "last_login"),
               row.value("disabled", false) ? ", disabled" : "");
  return {};
}

Status show_login(const Settings& settings, const Json& login) {
  CHIENG_TRY(const Told told,
             tell_password(data_folder(settings), text(login, "name"), text(login, "password")));
  if (!told.shown)
    fmt::print("The one-time password of {} is in {}\n", text(login, "name"), told.file.string());
  return {};
}

void agency_commands(CLI::App& app, Options& o, int& code) {
  auto* agency = app.add_subcommand("agency", "Agencies and their tree")->require_subcommand(1);
  auto* add = agency->add_subcommand("add", "Add an agency; prints its id");
  add->add_option("--name", o.name, "Name, as people read it")->required();
  add->add_option("--code", o.code, "Official code");
  add->add_option("--level", o.level, "Level, such as ministry, province, commune");
  add->add_option("--parent", o.parent, "Id of the agency above");
  add->callback([&] {
    const Json request{{"command", "agency.add"},
                       {"name", o.name},
                       {"code", o.code},
                       {"level", o.level},
                       {"parent", o.parent}};
    code = ask(o, request, [](const Settings&, const Json& answer) -> Status {
      fmt::print("{}\n", text(answer, "id"));
      return {};
    });
  });
  agency->add_subcommand("list", "List agencies")->callback([&] {
    code = ask(o, {{"command", "agency.list"}}, show_agencies);
  });
}

// "90m", "24h", "7d"
Result<std::int64_t> duration_ms(const std::string& text, const char* option) {
  static const SettingSpec spec[] = {
      {"expires", SettingKind::duration, "24h", "", {}, 60'000, 31'536'000'000}};
  Settings one(spec);
  if (const Status set = one.set("expires", text); !set)
    return fail(ErrorCode::invalid_argument,
                "'" + text + "' is not a time between 1m and 365d, such as 24h or 7d", option);
  return one.integer("expires");
}

void agent_commands(CLI::App& app, Options& o, int& code) {
  auto* tokens = app.add_subcommand("enroll-token", "One-time tokens that make a machine an agent")
                     ->require_subcommand(1);
  auto* create = tokens->add_subcommand("create", "Create a token; prints it once");
  create->add_option("--agency", o.agency, "Id of the agency that the agent will belong to")
      ->required();
  create->add_option("--expires", o.expires, "How long it can be used: 30m, 24h, 7d")
      ->capture_default_str();
  create->callback([&] {
    const auto valid = duration_ms(o.expires, "--expires");
    if (!valid) {
      fmt::print(stderr, "chieng-server: {}\n", valid.error().message());
      code = 2;
      return;
    }
    const Json request{
        {"command", "enroll-token.create"}, {"agency", o.agency}, {"valid_ms", *valid}};
    code = ask(o, request, [](const Settings&, const Json& answer) -> Status {
      fmt::print("{}\n", text(answer, "token"));
      fmt::print(stderr, "For one agent, until {}. On the agent: chieng-agent enroll\n",
                 text(answer, "expires"));
      return {};
    });
  });
  auto* agents = app.add_subcommand("agents", "List agents, or revoke one");
  auto* revoke = agents->add_subcommand("revoke", "Refuse an agent's key from now on");
  revoke->add_option("id", o.id, "The agent's id")->required();
  revoke->callback([&] {
    code = ask(o, {{"command", "agents.revoke"}, {"id", o.id}},
               [](const Settings&, const Json&) -> Status {
                 fmt::print("The agent is revoked.\n");
                 return {};
               });
  });
  agents->callback([&, agents] {
    if (agents->get_subcommands().empty()) code = ask(o, {{"command", "agents.list"}}, show_agents);
  });
}

void people_commands(CLI::App& app, Options& o, int& code) {
  auto* user = app.add_subcommand("user", "Accounts of people")->require_subcommand(1);
  auto* add = user->add_subcommand("add", "Add an account with a one-time password");
  add->add_option("name", o.name, "Log-in name")->required();
  add->add_option("--role", o.role, "viewer, analyst or admin")->capture_default_str();
  add->add_option("--agency", o.agency,
                  "Id of the agency whose subtree the person sees; default: everything");
  add->callback([&] {
    code =
        ask(o, {{"command", "user.add"}, {"name", o.name}, {"role", o.role}, {"agency", o.agency}},
            show_login);
  });
  user->add_subcommand("list", "List accounts")->callback([&] {
    code = ask(o, {{"command", "user.list"}}, show_users);
  });
  auto* reset =
      user->add_subcommand("reset", "Give a new one-time password and end the person's sessions");
  reset->add_option("name", o.name, "Log-in name")->required();
  reset->callback(
      [&] { code = ask(o, {{"command", "user.reset"}, {"name", o.name}}, show_login); });

  auto* token =
      app.add_subcommand("token", "Tokens for programs that use the API")->require_subcommand(1);
  auto* create = token->add_subcommand("create", "Create an API token; prints it once");
  create->add_option("--role", o.role, "viewer, analyst or admin")->required();
  create->add_option("--name", o.name, "What it is for");
  create->add_option("--agency", o.agency,
                     "Id of the agency whose subtree it sees; default: everything");
  create->add_option("--expires", o.days, "Days until it expires")
      ->check(CLI::Range(1, 3650))
      ->capture_default_str();
  create->callback([&] {
    const Json request{{"command", "token.create"},
                       {"name", o.name.empty() ? "cli" : o.name},
                       {"role", o.role},
                       {"agency", o.agency},
                       {"days", o.days}};
    code = ask(o, request, [](const Settings&, const Json& answer) -> Status {
      fmt::print("{}\n", text(answer, "token"));
      return {};
    });
  });
}

void other_commands(CLI::App& app, Options& o, int& code) {
  auto* report = app.add_subcommand("report", "Reports")->require_subcommand(1);
  auto* daily = report->add_subcommand(
      "daily", "The day's groups by agency and silent agents, one HTML page in Vietnamese");
  daily->add_option("--date", o.date, "Day in Viet Nam: YYYY-MM-DD, today, yesterday")->required();
  daily->add_option("--out", o.out, "File to write")->required();
  daily->callback([&] {
    code = ask(o, {{"command", "report.daily"}, {"date", o.date}},
               [&](const Settings&, const Json& answer) -> Status {
                 return write_file_atomic(o.out, text(answer, "html"));
               });
  });
  auto* audit = app.add_subcommand("audit", "The audit trail")->require_subcommand(1);
  audit->add_subcommand("verify", "Check that no entry was changed or taken out")->callback([&] {
    code = ask(o, {{"command", "audit.verify"}}, [](const Settings&, const Json& answer) -> Status {
      fmt::print("{} entries, the chain is whole.\n", answer.value("entries", 0));
      return {};
    });
  });
  app.add_subcommand("settings", "Print every setting with its default and meaning")->callback([&] {
    fmt::print("{}", Settings::reference(server_settings()));
  });
  app.add_subcommand("version", "Print the version")->callback([] {
    fmt::print("chieng-server {}\n", CHIENG_VERSION);
  });
  app.add_subcommand("run", "Run the server until SIGTERM")->callback([&] {
    const auto settings = load_settings(o);
    if (!settings) fmt::print(stderr, "chieng-server: {}\n", settings.error().message());
    code = settings ? run_server(*settings) : 1;
  });
}

}  // namespace

int command_line(int argc, char** argv) {
  CLI::App app("chieng-server: receives what agents see, groups it, and shows it to people");
  Options o;
  int code = 0;
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--config", o.config,
                 "Settings file (YAML); 'chieng-server settings' prints all of them")
      ->capture_default_str();
  app.add_option("--set", o.sets, "key=value, stronger than the file");
  agency_commands(app, o, code);
  agent_commands(app, o, code);
  people_commands(app, o, code);
  other_commands(app, o, code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return code;
}

}  // namespace chieng::server
