#include "collector/protocol/ike/transaction.h"

#include "collector/protocol/ike/spec.h"

namespace chieng::collector::ike {
namespace {

std::optional<BufferSlice> slice(const std::string& text) {
  return BufferSlice{.data = as_bytes(text)};
}

}  // namespace

IkeTransaction::IkeTransaction(AppProto proto, std::uint64_t id, Direction sender, Message message,
                               Session session)
    : Transaction(proto, id),
      sender_(sender),
      message_(std::move(message)),
      session_(std::move(session)) {
  set_progress(Direction::to_server, 1);
  set_progress(Direction::to_client, 1);
}

std::optional<BufferSlice> IkeTransaction::buffer(unsigned local, Direction d,
                                                  std::uint32_t instance) const {
  const auto b = static_cast<Buffer>(local);
  if (d != sender_ || (instance > 0 && b != Buffer::vendor)) return std::nullopt;
  switch (b) {
    case Buffer::init_spi:
      return d == Direction::to_server ? slice(message_.initiator) : std::nullopt;
    case Buffer::resp_spi:
      return d == Direction::to_client ? slice(message_.responder) : std::nullopt;
    case Buffer::vendor:
      if (d != Direction::to_server || instance >= message_.vendors.size()) return std::nullopt;
      return slice(message_.vendors[instance]);
    case Buffer::key_exchange:
      if (message_.key_exchange) return slice(*message_.key_exchange);
      break;
    case Buffer::nonce:
      if (message_.nonce) return slice(*message_.nonce);
      break;
  }
  return std::nullopt;
}

// What the responder chose with this message: version 1 by attribute, version 2 what it has of
// these.
std::optional<std::uint64_t> IkeTransaction::chosen(unsigned attribute) const {
  if (!message_.transforms.empty()) {
    for (const Attribute& a : message_.transforms.front())
      if (a.type == attribute && a.is_number()) return a.number;
    return std::nullopt;
  }
  constexpr std::uint8_t kTypes[] = {0, 1, 0, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 2};
  if (attribute >= std::size(kTypes) || kTypes[attribute] == 0) return std::nullopt;
  for (const Proposal& p : message_.proposals)
    for (const Transform& t : p.transforms)
      if (t.type == kTypes[attribute]) return t.id;
  return std::nullopt;
}

std::optional<std::uint64_t> IkeTransaction::integer(unsigned local, Direction d,
                                                     std::uint32_t instance) const {
  if (d != sender_ || instance > 0) return std::nullopt;
  switch (static_cast<Integer>(local)) {
    case Integer::exchange:
      return message_.exchange;
    case Integer::key_exchange_length:
      if (message_.key_exchange) return message_.key_exchange->size();
      return std::nullopt;
    case Integer::nonce_length:
      if (message_.nonce) return message_.nonce->size();
      return std::nullopt;
    default:
      break;
  }
  if (d != Direction::to_client) return std::nullopt;
  return chosen(local - static_cast<unsigned>(Integer::attributes) + 1);
}

}  // namespace chieng::collector::ike
