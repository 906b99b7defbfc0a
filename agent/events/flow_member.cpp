#include "agent/events/flow_member.h"

#include <string_view>

namespace chieng::agent {
namespace {

std::string_view state_name(FlowState state) {
  switch (state) {
    case FlowState::fresh:
      return "new";
    case FlowState::established:
      return "established";
    case FlowState::closed:
      return "closed";
  }
  return "new";
}

std::string_view end_name(FlowEnd end) {
  switch (end) {
    case FlowEnd::timeout:
      return "timeout";
    case FlowEnd::forced:
      return "forced";
    case FlowEnd::tcp_reuse:
      return "tcp_reuse";
    case FlowEnd::none:
    case FlowEnd::shutdown:
      return "shutdown";
  }
  return "shutdown";
}

// EVE writes flags as two hex digits.
void write_flags(JsonWriter& json, std::string_view key, std::uint8_t flags) {
  static constexpr char digits[] = "0123456789abcdef";
  const char text[2] = {digits[flags >> 4], digits[flags & 15]};
  json.field(key, std::string_view(text, 2));
}

}  // namespace

void write_flow_counts(JsonWriter& json, const FlowView& f) {
  json.field("pkts_toserver", f.packets[0]).field("pkts_toclient", f.packets[1]);
  json.field("bytes_toserver", f.bytes[0]).field("bytes_toclient", f.bytes[1]);
}

void write_flow(JsonWriter& json, const FlowView& f) {
  json.key("flow").begin_object();
  write_flow_counts(json, f);
  json.field("start", f.start)
      .field("end", f.last)
      .field("age", f.last.seconds() - f.start.seconds());
  json.field("state", state_name(f.state))
      .field("reason", end_name(f.end))
      .field("alerted", f.alerted);
  if (f.verdict != FlowVerdict::none)
    json.field("action", f.verdict == FlowVerdict::drop ? "drop" : "pass");
  if (f.tx_count > 0) json.field("tx_cnt", f.tx_count);
  json.end_object();
}

void write_tcp(JsonWriter& json, const FlowView& f) {
  if (f.key.proto != ip_proto::tcp) return;
  const std::uint8_t all = f.tcp_flags[0] | f.tcp_flags[1];
  json.key("tcp").begin_object();
  write_flags(json, "tcp_flags", all);
  write_flags(json, "tcp_flags_ts", f.tcp_flags[0]);
  write_flags(json, "tcp_flags_tc", f.tcp_flags[1]);
  const auto flag = [&](std::string_view key, std::uint8_t bit) {
    if ((all & bit) != 0) json.field(key, true);
  };
  flag("syn", tcp_flag::syn);
  flag("fin", tcp_flag::fin);
  flag("rst", tcp_flag::rst);
  flag("psh", tcp_flag::psh);
  flag("ack", tcp_flag::ack);
  flag("urg", tcp_flag::urg);
  flag("ecn", tcp_flag::ece);
  flag("cwr", tcp_flag::cwr);
  if (!f.tcp_state.empty()) {
    json.field("state", f.tcp_state);
    if (f.stream_gap[0]) json.field("ts_gap", true);
    if (f.stream_gap[1]) json.field("tc_gap", true);
    // Each direction is one run of bytes here.
    json.field("ts_max_regions", 1).field("tc_max_regions", 1);
  }
  json.end_object();
}

}  // namespace chieng::agent
