#include "collector/protocol/nfs/transaction.h"

#include <fmt/format.h>

#include "collector/protocol/nfs/names.h"

namespace chieng::collector::nfs {
namespace {

std::optional<BufferSlice> slice(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return BufferSlice{.data = as_bytes(text)};
}

std::string flavor_name(std::uint32_t flavor) {
  switch (flavor) {
    case f_null:
      return "NULL";
    case f_unix:
      return "UNIX";
    case f_gss:
      return "GSS";
    default:
      return std::to_string(flavor);
  }
}

}  // namespace

void NfsTransaction::append(Bytes data) {
  transfer->tracked.update(data);
  if (transfer->window.append(data)) touch(transfer->direction);
}

void NfsTransaction::lose(std::uint64_t bytes) {
  transfer->tracked.gap(bytes);
  if (transfer->window.gap(bytes)) touch(transfer->direction);
}

void NfsTransaction::file_data(std::uint64_t offset, Bytes data) {
  if (!transfer->tracked.ended()) (void)transfer->order.data(offset, data, *this);
}

void NfsTransaction::file_gap(std::uint64_t offset, std::uint64_t bytes) {
  if (!transfer->tracked.ended()) transfer->order.gap(offset, bytes, *this);
}

void NfsTransaction::finish_file(ParserHost& host, FileView::State state) {
  if (transfer->tracked.ended()) return;
  transfer->order.flush(*this);
  if (transfer->window.finish()) touch(transfer->direction);
  transfer->tracked.finish(host, *this, state);
  touch(transfer->direction);
}

std::optional<BufferSlice> NfsTransaction::buffer(unsigned local, Direction d,
                                                  std::uint32_t instance) const {
  if (!transfer || transfer->direction != d || instance > 0) return std::nullopt;
  switch (static_cast<Buffer>(local)) {
    case Buffer::file_data:
      return transfer->window.slice();
    case Buffer::file_name:
      return slice(transfer->tracked.name());
    case Buffer::file_md5:
      return slice(transfer->tracked.hash(DigestKind::md5));
    case Buffer::file_sha1:
      return slice(transfer->tracked.hash(DigestKind::sha1));
    case Buffer::file_sha256:
      return slice(transfer->tracked.hash(DigestKind::sha256));
  }
  return std::nullopt;
}

std::optional<std::uint64_t> NfsTransaction::integer(unsigned local, Direction d,
                                                     std::uint32_t instance) const {
  if (instance > 0) return std::nullopt;
  switch (static_cast<Integer>(local)) {
    case Integer::procedure:
      return procedure;
    case Integer::procedure_name:
      return name_number(version, procedure);
    case Integer::version:
      return version;
    case Integer::filesize:
      if (!transfer || transfer->direction != d) return std::nullopt;
      return transfer->tracked.size();
  }
  return std::nullopt;
}

std::optional<FileView> NfsTransaction::file(std::uint32_t number) const {
  if (!transfer || number > 0) return std::nullopt;
  return transfer->tracked.view(*this);
}

void NfsTransaction::write_rpc(JsonWriter& out) const {
  out.key("rpc").begin_object();
  out.field("xid", xid).field("status", denied ? "DENIED" : "ACCEPTED");
  out.field("auth_type", flavor_name(credentials.flavor));
  if (credentials.flavor == f_unix) {
    out.key("creds").begin_object().field("machine_name", credentials.machine);
    out.field("uid", credentials.uid).field("gid", credentials.gid).end_object();
  }
  out.end_object();
}

void NfsTransaction::write_transfer(JsonWriter& out) const {
  out.key(transfer->direction == Direction::to_client ? "read" : "write").begin_object();
  out.field("first", true).field("last", transfer->last);
  out.field("last_xid", transfer->last_xid).field("chunks", transfer->chunks).end_object();
}

void NfsTransaction::write(JsonWriter& out) const {
  write_rpc(out);
  const std::string what = procedure_name(version, procedure);
  out.key("nfs").begin_object();
  out.field("version", version).field("procedure", what).field("filename", name);
  if (hash) out.field("hhash", fmt::format("{:x}", *hash));
  out.field("id", id() + 1).field("file_tx", transfer != nullptr).field("type", "response");
  out.field("status", status_name(status));
  if (transfer) {
    write_transfer(out);
  } else if (what == "WRITE") {  // of version 2
    out.key("write").begin_object().field("first", false).field("last", false).end_object();
  }
  if (what == "RENAME")
    out.key("rename").begin_object().field("from", name).field("to", to).end_object();
  out.end_object();
}

}  // namespace chieng::collector::nfs
