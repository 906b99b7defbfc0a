#include "collector/protocol/smb/transaction.h"

namespace chieng::collector::smb {
namespace {

std::optional<BufferSlice> slice(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return BufferSlice{.data = as_bytes(text)};
}

const Ntlmssp* ntlmssp_of(const SmbTransaction& tx) {
  const auto* setup = std::get_if<SessionSetup>(&tx.detail);
  return setup != nullptr && setup->credentials.ntlmssp ? &*setup->credentials.ntlmssp : nullptr;
}

}  // namespace

std::optional<BufferSlice> SmbTransaction::buffer(unsigned local, Direction d,
                                                  std::uint32_t instance) const {
  const auto which = static_cast<Buffer>(local);
  if (which == Buffer::interfaces || which == Buffer::stub_data) {
    const auto* call = std::get_if<dcerpc::Call>(&detail);
    if (call == nullptr) return std::nullopt;
    return call->buffer(
        which == Buffer::stub_data ? dcerpc::CallBuffer::stub_data : dcerpc::CallBuffer::interfaces,
        d, instance);
  }
  if (instance > 0) return std::nullopt;
  switch (which) {
    case Buffer::named_pipe:
    case Buffer::share: {
      const auto* connect = std::get_if<TreeConnect>(&detail);
      if (connect == nullptr || connect->is_pipe != (which == Buffer::named_pipe))
        return std::nullopt;
      return slice(connect->share);
    }
    case Buffer::ntlmssp_user:
      return ntlmssp_of(*this) != nullptr ? slice(ntlmssp_of(*this)->user) : std::nullopt;
    case Buffer::ntlmssp_domain:
      return ntlmssp_of(*this) != nullptr ? slice(ntlmssp_of(*this)->domain) : std::nullopt;
    default:
      return file_buffer(which, d);
  }
}

std::optional<BufferSlice> SmbTransaction::file_buffer(Buffer b, Direction d) const {
  const auto* transfer = std::get_if<Transfer>(&detail);
  if (transfer == nullptr || transfer->direction != d) return std::nullopt;
  switch (b) {
    case Buffer::file_data:
      return transfer->window.slice();
    case Buffer::file_name:
      return slice(transfer->name);
    case Buffer::file_md5:
      return slice(transfer->tracked.hash(DigestKind::md5));
    case Buffer::file_sha1:
      return slice(transfer->tracked.hash(DigestKind::sha1));
    case Buffer::file_sha256:
      return slice(transfer->tracked.hash(DigestKind::sha256));
    default:
      return std::nullopt;
  }
}

std::optional<std::uint64_t> SmbTransaction::integer(unsigned local, Direction d,
                                                     std::uint32_t instance) const {
  if (instance > 0) return std::nullopt;
  switch (static_cast<Integer>(local)) {
    case Integer::version:
      return static_cast<std::uint64_t>(version);
    case Integer::opnum: {
      const auto* call = std::get_if<dcerpc::Call>(&detail);
      return call != nullptr && call->is_request() ? call->opnum() : std::nullopt;
    }
    case Integer::filesize: {
      const auto* transfer = std::get_if<Transfer>(&detail);
      if (transfer == nullptr || transfer->direction != d) return std::nullopt;
      return transfer->tracked.size();
    }
  }
  return std::nullopt;
}

std::optional<FileView> SmbTransaction::file(std::uint32_t number) const {
  const auto* transfer = std::get_if<Transfer>(&detail);
  if (transfer == nullptr || number > 0) return std::nullopt;
  return transfer->tracked.view(*this);
}

}  // namespace chieng::collector::smb
