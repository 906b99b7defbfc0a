#include "collector/protocol/dcerpc/stream.h"

#include <algorithm>

namespace chieng::collector::dcerpc {

void OpenCalls::add(DcerpcTransaction* tx) {
  if (open_.size() >= kMost) {
    DcerpcTransaction& oldest = *open_.front();
    oldest.set_progress(Direction::to_server, 1);
    oldest.set_progress(Direction::to_client, 1);
    settle(oldest);
  }
  open_.push_back(tx);
}

void OpenCalls::add(DcerpcTransaction& tx, Direction d, const Header& header,
                    const Fragment& fragment) {
  const std::size_t before = tx.call.held();
  tx.call.add(d, header, fragment, kMostStub - std::min(held_, kMostStub));
  held_ += tx.call.held() - before;
  if (d == Direction::to_client) tx.set_progress(Direction::to_server, 1);
  if (tx.call.side(d).done) tx.set_progress(d, 1);
  settle(tx);
}

void OpenCalls::mark(DcerpcTransaction& tx, Direction d, PduType type, bool little) {
  tx.call.mark(d, type, little);
  if (d == Direction::to_client) tx.set_progress(Direction::to_server, 1);
  tx.set_progress(d, 1);
  settle(tx);
}

void OpenCalls::settle(DcerpcTransaction& tx) {
  if (tx.progress(Direction::to_server) == 0 || tx.progress(Direction::to_client) == 0) return;
  held_ -= tx.call.held();
  std::erase(open_, &tx);
}

void OpenCalls::end(Direction d) {
  const std::vector<DcerpcTransaction*> all = open_;
  for (DcerpcTransaction* tx : all) {
    if (!tx->call.side(d).seen) continue;
    tx->set_progress(d, 1);
    settle(*tx);  // complete ones go with the next inspection
  }
}

void StreamParser::data(Direction d, Bytes data) {
  std::uint64_t at = host_.position(d);
  if (skip_[index(d)] > 0) {
    const std::uint64_t n = std::min<std::uint64_t>(skip_[index(d)], data.size());
    skip_[index(d)] -= n;
    at += n;
    data = data.subspan(static_cast<std::size_t>(n));
  }
  if (lost_[index(d)]) {
    const auto header = read_header(data);
    if (!header || !(d == Direction::to_server ? is_from_client : is_from_server)(header->type))
      return;
    lost_[index(d)] = false;
  }
  std::vector<std::byte>& held = held_[index(d)];
  Bytes in = data;
  at -= held.size();
  if (!held.empty()) {
    held.insert(held.end(), data.begin(), data.end());
    in = held;
  }
  std::size_t used = 0;
  while (in.size() - used >= Header::kSize) {
    const auto header = read_header(in.subspan(used));
    if (!header) {
      lost_[index(d)] = true;
      used = in.size();
      break;
    }
    frames(d, *header, at + used);
    if (in.size() - used < header->length) break;
    pdu(d, *header, in.subspan(used, header->length));
    used += header->length;
  }
  if (held.empty())
    held.assign(in.begin() + static_cast<std::ptrdiff_t>(used), in.end());
  else
    held.erase(held.begin(), held.begin() + static_cast<std::ptrdiff_t>(used));
}

// Once for each fragment, as soon as its header is there.
void StreamParser::frames(Direction d, const Header& header, std::uint64_t at) {
  if (at < framed_[index(d)]) return;
  framed_[index(d)] = at + header.length;
  const auto add = [&](Frame type, std::uint64_t start, std::uint64_t size) {
    host_.frame(d, static_cast<std::uint8_t>(type), start, size);
  };
  add(Frame::pdu, at, header.length);
  add(Frame::hdr, at, Header::kSize);
  add(Frame::data, at + Header::kSize, header.length - Header::kSize);
}

void StreamParser::gap(Direction d, std::uint64_t bytes) {
  std::vector<std::byte>& held = held_[index(d)];
  const auto header = read_header(held);
  std::uint64_t& skip = skip_[index(d)];
  if (skip == 0 && header) skip = header->length - held.size();
  lost_[index(d)] = skip < bytes || lost_[index(d)];
  skip -= std::min(skip, bytes);
  held.clear();
}

void StreamParser::end(Direction d) {
  calls_.end(d);
}

DcerpcTransaction& StreamParser::open(std::uint32_t call_id) {
  auto* tx = static_cast<DcerpcTransaction*>(
      host_.add(std::make_unique<DcerpcTransaction>(proto_, host_.next_transaction_id(), call_id)));
  calls_.add(tx);
  return *tx;
}

void StreamParser::pdu(Direction d, const Header& header, Bytes pdu) {
  const bool client = d == Direction::to_server;
  switch (header.type) {
    case PduType::bind:
    case PduType::alter_context:
      if (client) bind(header, pdu);
      break;
    case PduType::bind_ack:
    case PduType::alter_context_response:
    case PduType::bind_nak:
      if (!client) answer_bind(header, pdu);
      break;
    case PduType::request:
      if (client) fragment(d, header, pdu);
      break;
    case PduType::response:
      if (!client) fragment(d, header, pdu);
      break;
    case PduType::fault:
      if (!client) calls_.mark(call_of(d, header), d, header.type, header.little);
      break;
    default:
      break;  // nothing that rules or events ask for
  }
  host_.inspect_raw(d);
}

void StreamParser::bind(const Header& header, Bytes pdu) {
  contexts_.bind(read_bind(header, pdu));
  DcerpcTransaction& tx = open(header.call_id);
  tx.call.set_interfaces(contexts_.asked());
  calls_.mark(tx, Direction::to_server, header.type, header.little);
}

void StreamParser::answer_bind(const Header& header, Bytes pdu) {
  if (header.type != PduType::bind_nak) contexts_.acknowledge(read_bind_ack(header, pdu));
  DcerpcTransaction* tx = calls_.find([&](const DcerpcTransaction& t) {
    return t.call.is_bind() && t.call.id() == header.call_id;
  });
  if (tx == nullptr) tx = &open(header.call_id);
  if (tx->call.is_bind()) tx->call.set_interfaces(contexts_.asked());
  calls_.mark(*tx, Direction::to_client, header.type, header.little);
}

// The call that a request's or response's fragment belongs to.
DcerpcTransaction& StreamParser::call_of(Direction d, const Header& header) {
  DcerpcTransaction* tx = calls_.find([&](const DcerpcTransaction& t) {
    if (t.call.id() != header.call_id || t.call.is_bind() || t.call.side(d).done) return false;
    // A first fragment begins a call of its own.
    return d == Direction::to_client || !header.is_first();
  });
  return tx != nullptr ? *tx : open(header.call_id);
}

void StreamParser::fragment(Direction d, const Header& header, Bytes pdu) {
  const auto fragment = read_fragment(header, pdu);
  if (!fragment) return;
  DcerpcTransaction& tx = call_of(d, header);
  if (d == Direction::to_server && tx.call.side(d).fragments == 0)
    tx.call.set_interfaces(contexts_.accepted(fragment->context));
  calls_.add(tx, d, header, *fragment);
}

}  // namespace chieng::collector::dcerpc
