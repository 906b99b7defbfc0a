#include "collector/protocol/mysql/transaction.h"

#include <algorithm>

namespace chieng::collector::mysql {
namespace {

constexpr NamedValue kCommands[] = {{"quit", 0x01},
                                    {"init_db", 0x02},
                                    {"query", 0x03},
                                    {"field_list", 0x04},
                                    {"create_db", 0x05},
                                    {"drop_db", 0x06},
                                    {"refresh", 0x07},
                                    {"shutdown", 0x08},
                                    {"statistics", 0x09},
                                    {"process_info", 0x0a},
                                    {"process_kill", 0x0c},
                                    {"debug", 0x0d},
                                    {"ping", 0x0e},
                                    {"change_user", 0x11},
                                    {"binlog_dump", 0x12},
                                    {"table_dump", 0x13},
                                    {"register_slave", 0x15},
                                    {"stmt_prepare", 0x16},
                                    {"stmt_execute", 0x17},
                                    {"stmt_send_long_data", 0x18},
                                    {"stmt_close", 0x19},
                                    {"stmt_reset", 0x1a},
                                    {"set_option", 0x1b},
                                    {"stmt_fetch", 0x1c},
                                    {"reset_connection", 0x1f}};

std::string name_of(std::uint8_t command) {
  const auto* at = std::ranges::find(kCommands, command, &NamedValue::value);
  return at == std::end(kCommands) ? std::to_string(command) : std::string(at->name);
}

constexpr BufferSpec kBuffers[] = {{.name = "mysql.command",
                                    .sides = Sides::to_server,
                                    .ready = {1, 1},
                                    .privacy = FieldClass::content}};
constexpr std::string_view kEvents[] = {"malformed_request", "malformed_response"};

}  // namespace

const ProtocolSpec kSpec{.name = "mysql",
                         .rule_names = {"mysql"},
                         .complete = {1, 1},
                         .buffers = kBuffers,
                         .event_prefix = "mysql",
                         .events = kEvents};

std::optional<BufferSlice> MysqlTransaction::buffer(unsigned, Direction d, std::uint32_t) const {
  if (d != Direction::to_server || !text) return std::nullopt;
  return BufferSlice{.data = as_bytes(*text)};
}

void MysqlTransaction::write(JsonWriter& out) const {
  out.key("mysql").begin_object();
  if (!version.empty()) out.field("version", version);
  if (user) out.field("username", *user);
  if (!database.empty()) out.field("database", database);
  out.field("tls", tls);
  if (command) out.field("command_type", name_of(*command));
  if (text) out.field("command", *text);
  if (!command && success) out.field("login_success", *success);
  if (command && success) out.field("success", *success);
  if (affected) out.field("affected_rows", *affected);
  if (columns) out.field("columns", *columns).field("rows", rows);
  if (error) out.field("error_code", *error).field("error", error_text);
  out.end_object();
}

}  // namespace chieng::collector::mysql
