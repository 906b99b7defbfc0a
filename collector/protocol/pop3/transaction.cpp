#include "collector/protocol/pop3/transaction.h"

#include <array>

namespace chieng::collector::pop3 {
namespace {

constexpr std::array<std::string_view, 5> kEvents = {"too_many_transactions", "request_too_long",
                                                     "incorrect_argument_count", "unknown_command",
                                                     "response_too_long"};
static_assert(kEvents.size() == static_cast<std::size_t>(Event::response_too_long) + 1);

void write_list(JsonWriter& out, std::string_view name, const std::vector<std::string>& list) {
  out.key(name).begin_array();
  for (const std::string& one : list) out.value(one);
  out.end_array();
}

}  // namespace

constinit const ProtocolSpec kSpec{.name = "pop3",
                                   .rule_names = {"pop3"},
                                   .transport = TransportMask::tcp,
                                   .complete = {kComplete, kComplete},
                                   .event_prefix = "pop3",
                                   .events = kEvents};

void Pop3Transaction::write(JsonWriter& out) const {
  out.key("pop3").begin_object();
  if (request) {
    out.key("request").begin_object().field("command", request->command);
    write_list(out, "args", request->arguments);
    out.end_object();
  }
  if (response) {
    out.key("response").begin_object().field("success", response->success);
    out.field("status", response->success ? "OK" : "ERR").field("header", response->text);
    write_list(out, "data", response->lines);
    out.end_object();
  }
  out.end_object();
}

}  // namespace chieng::collector::pop3
