#include "transport/enroll/enroll.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <iostream>
#include <system_error>

#include "agent/commands/commands.h"
#include "agent/commands/endpoint.h"
#include "agent/supervisor/identity.h"
#include "agent/supervisor/paths.h"
#include "agent/supervisor/sandbox.h"
#include "agent/version.h"
#include "core/event/json_writer.h"
#include "core/file/file.h"

namespace chieng::agent {
namespace {

constexpr std::string_view kDefaultPort = "7802";  // of the server's enrolment listener

// Typed characters are not shown while this lives.
class NoEcho {
 public:
  NoEcho() {
    if (isatty(STDIN_FILENO) != 1 || tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
  }
  ~NoEcho() {
    if (changed_) (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;

 private:
  termios before_{};
  bool changed_ = false;
};

Result<std::string> read_token(const std::string& file) {
  std::string text;
  if (!file.empty()) {
    CHIENG_TRY(text, read_file(file, 4096));
  } else {
    const bool terminal = isatty(STDIN_FILENO) == 1;
    if (terminal) fmt::print(stderr, "Token (it is not shown): ");
    const NoEcho quiet;
    std::getline(std::cin, text);
    if (terminal) fmt::print(stderr, "\n");
  }
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0)
    text.pop_back();
  if (text.empty())
    return fail(ErrorCode::invalid_argument,
                "no token was given; make one on the server with `chieng-server enroll-token "
                "create --agency ID`");
  return text;
}

std::string host_name() {
  utsname facts{};
  return uname(&facts) == 0 ? facts.nodename : "agent";
}

std::string host_facts() {
  utsname facts{};
  (void)uname(&facts);
  std::string text;
  JsonWriter json(text);
  json.begin_object()
      .field("hostname", facts.nodename)
      .field("kernel", facts.release)
      .field("machine", facts.machine);
  json.field("version", version()).end_object();
  return text;
}

// The key folder belongs to the shipper where its user exists.
Status hand_over(const Paths& where, const Settings& settings) {
  if (geteuid() != 0) return {};
  const auto user = find_user(settings.text("users.shipper"), settings.text("users.group"));
  if (!user) return {};
  for (const auto& path : {where.keys, where.key_file, where.identity_file})
    if (chown(path.c_str(), user->uid, user->gid) != 0)
      return fail_errno("cannot give " + path.string() + " to the shipper", errno);
  return {};
}

Result<Identity> redeem(const EnrollOptions& options, const Paths& where) {
  CHIENG_TRY(const std::string text, read_token(options.token_file));
  CHIENG_TRY(const EnrollToken token, parse_token(text));
  const std::string told = endpoint_of(options.server, kDefaultPort);
  const std::string endpoint = told.empty() ? token.endpoint : told;
  if (endpoint.empty() || is_wildcard(endpoint))
    return fail(ErrorCode::invalid_argument,
                "the token does not tell the server's address; give it with --server HOST");
  std::error_code error;
  std::filesystem::create_directories(where.keys, error);
  if (error || chmod(where.keys.c_str(), 0700) != 0)
    return fail(ErrorCode::permission,
                fmt::format("cannot make the folder {}: {}; run this as root, or set agent.folder",
                            where.keys.string(), error ? error.message() : "no permission"));
  // The key is kept before it is used: if the answer gets lost, the same token and key may be tried
  // again.
  CHIENG_TRY(const KeyPair keys, KeyPair::load_or_create(where.key_file));
  EnrollCall call;
  call.token = token;
  call.endpoint = endpoint;
  call.keys = keys;
  call.name = options.name.empty() ? host_name() : options.name;
  call.host_facts = host_facts();
  CHIENG_TRY(const EnrollReply reply, enroll(call));
  Identity out;
  out.agent = reply.agent;
  out.agency = reply.agency;
  out.server = reply.server;
  out.name = call.name;
  out.endpoint = reachable_endpoint(reply.transport_endpoint, endpoint);
  out.server_key = token.server_key;
  return out;
}

}  // namespace

ExitCode enroll_agent(const EnrollOptions& options, const Settings& settings) {
  const auto give_up = [](const Error& error, ExitCode code) {
    fmt::print(stderr, "chieng-agent: {}\n", error.message());
    return code;
  };
  const Paths where = paths(settings);
  if (const auto known = Identity::load(where.identity_file); known && !options.again)
    return give_up({ErrorCode::exists,
                    fmt::format("already enrolled as {} ({}); `--again` replaces that", known->name,
                                where.identity_file.string()),
                    {}},
                   ExitCode::failed);
  const auto identity = redeem(options, where);
  if (!identity) return give_up(identity.error(), ExitCode::failed);
  Status status = identity->save(where.identity_file);
  if (status) status = hand_over(where, settings);
  if (!status) return give_up(status.error(), ExitCode::failed);
  fmt::print("enrolled as {} (agent {}) with the server at {}, key {}\n", identity->name,
             to_string(identity->agent), identity->endpoint, fingerprint(identity->server_key));
  fmt::print("an agent that runs takes this up by itself; otherwise start it now\n");
  return ExitCode::fine;
}

}  // namespace chieng::agent
