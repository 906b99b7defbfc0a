// EVE's smb object.
#include <fmt/core.h>

#include "collector/protocol/smb/names.h"
#include "collector/protocol/smb/transaction.h"

namespace chieng::collector::smb {
namespace {

void write_status(JsonWriter& out, const Status& status) {
  if (status.nt) {
    if (const auto name = nt_status_name(status.code); !name.empty()) out.field("status", name);
    out.field("status_code", fmt::format("{:#x}", status.code));
    return;
  }
  const auto code = static_cast<std::uint16_t>(status.code);
  if (const auto name = dos_status_name(status.dos_class, code); !name.empty())
    out.field("status", name);
  out.field("status_code", fmt::format("0x{:04x}", code));
}

void write_native(JsonWriter& out, std::string_view key, const std::optional<NativeNames>& names) {
  if (!names) return;
  out.key(key).begin_object();
  out.field("native_os", names->os).field("native_lm", names->lm).end_object();
}

// Writes what is particular to a kind of transaction.
struct DetailWriter {
  JsonWriter& out;

  void operator()(std::monostate) const {}
  void operator()(const Negotiate& n) const {
    out.key("client_dialects").begin_array();
    for (const std::string& d : n.dialects) out.value(d);
    out.end_array();
    if (!n.client_guid.empty()) out.field("client_guid", n.client_guid);
    if (!n.server_guid.empty()) out.field("server_guid", n.server_guid);
    if (n.max_read) out.field("max_read_size", *n.max_read);
    if (n.max_write) out.field("max_write_size", *n.max_write);
  }
  void operator()(const SessionSetup& s) const {
    if (const auto& ntlm = s.credentials.ntlmssp) {
      out.key("ntlmssp").begin_object();
      out.field("domain", ntlm->domain).field("user", ntlm->user).field("host", ntlm->host);
      if (!ntlm->version.empty()) out.field("version", ntlm->version);
      out.end_object();
    }
    if (const auto& kerberos = s.credentials.kerberos) {
      out.key("kerberos").begin_object().field("realm", kerberos->realm);
      out.key("snames").begin_array();
      for (const std::string& name : kerberos->snames) out.value(name);
      out.end_array().end_object();
    }
    write_native(out, "request", s.request);
    write_native(out, "response", s.response);
  }
  void operator()(const TreeConnect& t) const {
    out.field(t.is_pipe ? "named_pipe" : "share", t.share);
    if (t.type) out.field("share_type", share_type_name(*t.type));
    if (!t.service_request && !t.service_response) return;
    out.key("service").begin_object();
    if (t.service_request) out.field("request", *t.service_request);
    if (t.service_response) out.field("response", *t.service_response);
    out.end_object();
  }
  void operator()(const Create& c) const {
    if (c.name.empty())
      out.field("filename", "<share_root>");
    else
      out.field(c.directory ? "directory" : "filename", c.name);
    out.field("disposition", disposition_name(c.disposition));
    out.field("access", c.delete_on_close ? "delete on close" : "normal");
    out.field("created", c.created).field("accessed", c.accessed);
    out.field("modified", c.modified).field("changed", c.changed);
    out.field("size", c.size).field("fuid", c.fuid);
  }
  void operator()(const Rename& r) const {
    out.key("rename").begin_object().field("from", r.from).field("to", r.to).end_object();
    out.field("fuid", r.fuid);
  }
  void operator()(const SetDisposition& s) const {
    out.field("filename", s.name.empty() ? "<share_root>" : s.name);
    out.field("access", s.delete_on_close ? "delete on close" : "normal");
    out.field("fuid", s.fuid);
  }
  void operator()(const Control& c) const { out.field("function", control_name(c.code)); }
  void operator()(const Transfer& t) const {
    out.field("filename", t.name).field("share", t.share).field("fuid", t.fuid);
  }
  void operator()(const dcerpc::Call& call) const {
    out.key("dcerpc").begin_object();
    dcerpc::write_requests(out, call);
    if (call.is_request()) {
      if (call.opnum()) out.field("opnum", *call.opnum());
      dcerpc::write_side(out, call, Direction::to_server, false);
    }
    const bool bind = call.is_bind();
    dcerpc::write_interfaces(out, call, {.result = bind, .reason = bind});
    dcerpc::write_side(out, call, Direction::to_client, false);
    out.field("call_id", call.id()).end_object();
  }
};

}  // namespace

void SmbTransaction::write(JsonWriter& out) const {
  out.key("smb").begin_object();
  out.field("id", id() + 1).field("dialect", dialect);
  out.field("command", command_name(version, command));
  if (status) write_status(out, *status);
  out.field("session_id", session).field("tree_id", tree);
  std::visit(DetailWriter{out}, detail);
  out.end_object();
}

}  // namespace chieng::collector::smb
