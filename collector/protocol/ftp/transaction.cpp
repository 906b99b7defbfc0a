#include "collector/protocol/ftp/transaction.h"

#include <algorithm>
#include <array>

namespace chieng::collector::ftp {
namespace {

enum class Buffer : std::uint8_t { command, command_data, reply, completion_code };
enum class Integer : std::uint8_t { mode, dynamic_port, reply_received, foreign_address };

constexpr auto ts = Sides::to_server;
constexpr auto tc = Sides::to_client;
constexpr auto content = FieldClass::content;

constexpr BufferSpec kBuffers[] = {
    {.name = "ftp.command", .sides = ts, .ready = {1, 1}},
    {.name = "ftp.command_data", .sides = ts, .ready = {1, 1}, .privacy = FieldClass::credential},
    {.name = "ftp.reply", .sides = tc, .ready = {1, 1}, .multi = true, .privacy = content},
    {.name = "ftp.completion_code", .sides = tc, .ready = {1, 1}, .multi = true},
};

constexpr NamedValue kModes[] = {{"active", 1}, {"passive", 2}};
constexpr NamedValue kYesNo[] = {{"no", 0},   {"yes", 1}, {"false", 0},
                                 {"true", 1}, {"off", 0}, {"on", 1}};

// The client's side is done with its command, but for PASV and EPSV: the port is in the reply.
constexpr IntegerSpec kIntegers[] = {
    {.name = "ftp.mode", .ready = {1, 1}, .bits = 8, .names = kModes},
    {.name = "ftp.dynamic_port", .ready = {2, 1}, .bits = 16},
    {.name = "ftp.reply_received", .sides = tc, .ready = {1, 1}, .bits = 8, .names = kYesNo},
    {.name = "ftp.foreign_address", .sides = ts, .ready = {1, 1}, .bits = 8},
};

constexpr std::string_view kEvents[] = {"request_command_too_long", "response_command_too_long",
                                        "too_many_transactions", "file_before_port",
                                        "file_without_name"};

// RFC 959, 775, 2228, 2389, 2428, 2640, 3659, 7151 and what clients of old sent.
constexpr std::array kCommands = std::to_array<std::string_view>(
    {"ABOR", "ACCT", "ADAT", "ALLO", "APPE", "AUTH", "CCC",   "CDUP", "CHMOD", "CONF", "CWD",
     "DELE", "ENC",  "EPRT", "EPSV", "FEAT", "HELP", "HOST",  "IDLE", "LANG",  "LIST", "LPRT",
     "LPSV", "MAIL", "MDTM", "MIC",  "MKD",  "MLFL", "MLSD",  "MLST", "MODE",  "MRCP", "MRSQ",
     "MSAM", "MSND", "MSOM", "NLST", "NOOP", "OPTS", "PASS",  "PASV", "PBSZ",  "PORT", "PROT",
     "PWD",  "QUIT", "REIN", "REST", "RETR", "RMD",  "RNFR",  "RNTO", "SITE",  "SIZE", "SMNT",
     "STAT", "STOR", "STOU", "STRU", "SYST", "TYPE", "UMASK", "USER", "XCRC",  "XCUP", "XCWD",
     "XMD5", "XMKD", "XPWD", "XRMD", "XSHA1"});

std::optional<BufferSlice> slice(std::string_view text) {
  return BufferSlice{as_bytes(text)};
}

}  // namespace

constinit const ProtocolSpec kSpec{.name = "ftp",
                                   .rule_names = {"ftp"},
                                   .complete = {2, 1},
                                   .buffers = kBuffers,
                                   .integers = kIntegers,
                                   .event_prefix = "ftp",
                                   .events = kEvents};

std::string_view known_command(std::string_view word) {
  const auto same = [&](std::string_view name) {
    return std::ranges::equal(name, word, [](char a, char b) {
      return a == (b >= 'a' && b <= 'z' ? static_cast<char>(b - 'a' + 'A') : b);
    });
  };
  const auto at = std::ranges::find_if(kCommands, same);
  return at == kCommands.end() ? std::string_view{} : *at;
}

void FtpTransaction::add_reply(std::string_view code, std::string_view text) {
  answered_ = true;
  if (replies_.size() >= kMostReplies || bytes_ + text.size() > kMostReplyBytes) {
    reply_truncated = true;
    return;
  }
  bytes_ += text.size();
  if (!code.empty()) codes_.emplace_back(code);
  replies_.emplace_back(text);
}

std::optional<BufferSlice> FtpTransaction::buffer(unsigned local, Direction d,
                                                  std::uint32_t instance) const {
  const bool client = d == Direction::to_server;
  switch (static_cast<Buffer>(local)) {
    case Buffer::command:
      return client && !command.empty() ? slice(command) : std::nullopt;
    case Buffer::command_data:
      return client && !argument.empty() ? slice(argument) : std::nullopt;
    case Buffer::reply:
      return !client && instance < replies_.size() ? slice(replies_[instance]) : std::nullopt;
    case Buffer::completion_code:
      return !client && instance < codes_.size() ? slice(codes_[instance]) : std::nullopt;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> FtpTransaction::integer(unsigned local, Direction,
                                                     std::uint32_t) const {
  switch (static_cast<Integer>(local)) {
    case Integer::mode:
      return mode ? std::optional(static_cast<std::uint64_t>(*mode)) : std::nullopt;
    case Integer::dynamic_port:
      return dynamic_port != 0 ? std::optional<std::uint64_t>(dynamic_port) : std::nullopt;
    case Integer::reply_received:
      return answered_ ? 1 : 0;
    case Integer::foreign_address:
      return foreign_address ? 1 : 0;
  }
  return std::nullopt;
}

void FtpTransaction::write(JsonWriter& out) const {
  const auto list = [&](std::string_view key, const std::vector<std::string>& texts) {
    if (texts.empty()) return;
    out.key(key).begin_array();
    for (const std::string& t : texts) out.value(t);
    out.end_array();
  };
  out.key("ftp").begin_object();
  if (!command.empty()) out.field("command", command);
  if (!command.empty() && !argument.empty())
    out.field("command_data", argument).field("command_truncated", command_truncated);
  list("completion_code", codes_);
  list("reply", replies_);
  if (dynamic_port != 0) out.field("dynamic_port", dynamic_port);
  if (mode) out.field("mode", *mode == Mode::active ? "active" : "passive");
  out.field("reply_received", answered_ ? "yes" : "no").field("reply_truncated", reply_truncated);
  out.end_object();
}

}  // namespace chieng::collector::ftp
