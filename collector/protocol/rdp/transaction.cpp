#include "collector/protocol/rdp/transaction.h"

#include "collector/protocol/rdp/names.h"

namespace chieng::collector::rdp {
namespace {

std::string_view or_unknown(std::string_view name) {
  return name.empty() ? "unknown" : name;
}

void write_bits(JsonWriter& out, std::string_view key, std::uint32_t bits,
                std::span<const Named> names) {
  out.key(key).begin_array();
  for (const auto& [bit, name] : names)
    if ((bits & bit) != 0) out.value(name);
  out.end_array();
}

void write_number(JsonWriter& out, std::string_view key, std::uint32_t value) {
  if (value != 0) out.field(key, value);
}

void write_core(JsonWriter& out, const ClientCore& c) {
  out.key("client").begin_object();
  out.field("version", or_unknown(version_name(c.version)));
  out.field("desktop_width", c.width).field("desktop_height", c.height);
  if (c.color_depth != 0) out.field("color_depth", c.color_depth);
  out.field("keyboard_layout", or_unknown(language_name(c.keyboard_layout)));
  out.field("build", or_unknown(build_name(c.build)));
  if (!c.name.empty()) out.field("client_name", c.name);
  if (const auto name = keyboard_name(c.keyboard_type); !name.empty())
    out.field("keyboard_type", name);
  write_number(out, "keyboard_subtype", c.keyboard_subtype);
  write_number(out, "function_keys", c.function_keys);
  write_number(out, "product_id", c.product_id.value_or(0));
  write_number(out, "serial_number", c.serial.value_or(0));
  if (c.capabilities) write_bits(out, "capabilities", *c.capabilities, capabilities());
  if (!c.id.empty()) out.field("id", c.id);
  if (const auto name = hint_name(c.connection_hint); !name.empty())
    out.field("connection_hint", name);
  write_number(out, "physical_width", c.physical_width);
  write_number(out, "physical_height", c.physical_height);
  write_number(out, "desktop_orientation", c.orientation);
  write_number(out, "scale_factor", c.scale);
  write_number(out, "device_scale_factor", c.device_scale);
  out.end_object();
}

void write_list(JsonWriter& out, std::string_view key, const std::vector<std::string>& list) {
  if (list.empty()) return;
  out.key(key).begin_array();
  for (const std::string& text : list) out.value(text);
  out.end_array();
}

struct Write {
  JsonWriter& out;

  void operator()(const ConnectionRequest& r) const {
    out.field("event_type", "initial_request");
    if (r.cookie) out.field("cookie", *r.cookie);
    if (r.flags.value_or(0) != 0) write_bits(out, "flags", *r.flags, request_flags());
  }
  void operator()(const ConnectionConfirm& c) const {
    out.field("event_type", "initial_response");
    if (c.failure) {
      out.field("error_code", *c.failure);
      out.field("reason", or_unknown(failure_name(*c.failure)));
    }
    if (!c.protocol) return;
    if (c.flags.value_or(0) != 0) write_bits(out, "server_supports", *c.flags, response_flags());
    out.field("protocol", or_unknown(protocol_name(*c.protocol)));
  }
  void operator()(const ConnectRequest& r) const {
    out.field("event_type", "connect_request");
    if (r.core) write_core(out, *r.core);
    write_list(out, "channels", r.channels);
  }
  void operator()(const ConnectResponse&) const { out.field("event_type", "connect_response"); }
  void operator()(const TlsHandshake& t) const {
    out.field("event_type", "tls_handshake");
    write_list(out, "x509_serials", t.serials);
  }
};

}  // namespace

const ProtocolSpec kSpec{
    .name = "rdp", .rule_names = {"rdp"}, .transport = TransportMask::tcp, .complete = {1, 1}};

void RdpTransaction::write(JsonWriter& out) const {
  out.key("rdp").begin_object().field("tx_id", id() + 1);
  std::visit(Write{out}, message_);
  out.end_object();
}

}  // namespace chieng::collector::rdp
