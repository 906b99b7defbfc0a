#include "collector/protocol/smb/pipe.h"

#include <algorithm>

namespace chieng::collector::smb {
namespace {

dcerpc::Call& call_of(SmbTransaction& tx) {
  return std::get<dcerpc::Call>(tx.detail);
}

}  // namespace

bool Pipe::data(Direction d, Bytes data, const Begin& begin, const Complete& complete) {
  std::vector<std::byte>& held = held_[index(d)];
  Bytes in = data;
  if (!held.empty()) {
    held.insert(held.end(), data.begin(), data.end());
    in = held;
  }
  std::size_t used = 0;
  while (in.size() - used >= dcerpc::Header::kSize) {
    const auto header = dcerpc::read_header(in.subspan(used));
    if (!header) {
      held.clear();
      return used > 0;
    }
    if (in.size() - used < header->length) break;
    pdu(d, *header, in.subspan(used, header->length), begin, complete);
    used += header->length;
  }
  const bool likely = used > 0 || dcerpc::may_be_header(in);
  if (!likely) {
    held.clear();
    return false;
  }
  if (held.empty())
    held.assign(in.begin() + static_cast<std::ptrdiff_t>(used), in.end());
  else
    held.erase(held.begin(), held.begin() + static_cast<std::ptrdiff_t>(used));
  return likely;
}

SmbTransaction* Pipe::find(Direction d, const dcerpc::Header& header) const {
  const bool bind = header.type == dcerpc::PduType::bind_ack ||
                    header.type == dcerpc::PduType::bind_nak ||
                    header.type == dcerpc::PduType::alter_context_response;
  for (std::size_t i = calls_.size(); i-- > 0;) {
    const dcerpc::Call& call = call_of(*calls_[i]);
    if (call.id() != header.call_id || call.is_bind() != bind || call.side(d).done) continue;
    if (d == Direction::to_client || !header.is_first()) return calls_[i];
  }
  return nullptr;
}

SmbTransaction& Pipe::open(const dcerpc::Header& header, const Begin& begin,
                           const Complete& complete) {
  if (calls_.size() >= kMostCalls) over(*calls_.front(), complete);
  SmbTransaction& tx = begin();
  tx.detail.emplace<dcerpc::Call>(header.call_id);
  calls_.push_back(&tx);
  return tx;
}

void Pipe::over(SmbTransaction& tx, const Complete& complete) {
  stub_ -= call_of(tx).held();
  std::erase(calls_, &tx);
  complete(tx);
}

void Pipe::pdu(Direction d, const dcerpc::Header& header, Bytes pdu, const Begin& begin,
               const Complete& complete) {
  using enum dcerpc::PduType;
  const dcerpc::PduType t = header.type;
  const bool client = d == Direction::to_server;
  if (client && (t == bind || t == alter_context)) {
    contexts_.bind(dcerpc::read_bind(header, pdu));
    SmbTransaction& tx = open(header, begin, complete);
    call_of(tx).set_interfaces(contexts_.asked());
    call_of(tx).mark(d, t, header.little);
    tx.set_progress(d, 1);
    return;
  }
  const bool acknowledges = t == bind_ack || t == alter_context_response;
  const bool carries = t == (client ? request : response);
  if (!carries && (client || !(acknowledges || t == bind_nak || t == fault))) return;
  SmbTransaction* tx = find(d, header);
  if (tx == nullptr) tx = &open(header, begin, complete);
  dcerpc::Call& call = call_of(*tx);
  if (!carries) {
    if (acknowledges) {
      contexts_.acknowledge(dcerpc::read_bind_ack(header, pdu));
      if (call.is_bind()) call.set_interfaces(contexts_.asked());
    }
    call.mark(d, t, header.little);
  } else if (auto fragment = dcerpc::read_fragment(header, pdu)) {
    if (client && call.side(d).fragments == 0)
      call.set_interfaces(contexts_.accepted(fragment->context));
    if (!client) fragment->stub = fragment->stub.subspan(dcerpc::Fragment::kResponseHead);
    const std::size_t before = call.held();
    call.add(d, header, *fragment, kMostStub - std::min(stub_, kMostStub));
    stub_ += call.held() - before;
  }
  if (!call.side(d).done) return;
  if (client)
    tx->set_progress(d, 1);
  else
    over(*tx, complete);
}

void Pipe::end() {
  for (SmbTransaction* tx : calls_) tx->set_progress(Direction::to_server, 1);
}

}  // namespace chieng::collector::smb
