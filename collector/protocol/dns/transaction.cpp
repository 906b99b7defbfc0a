#include "collector/protocol/dns/transaction.h"

namespace chieng::collector::dns {
namespace {

std::optional<BufferSlice> slice(const Name& name) {
  return BufferSlice{.data = as_bytes(name.text)};
}

template <class T>
std::optional<BufferSlice> nth_name(const PooledVector<T>& list, std::uint32_t instance) {
  if (instance >= list.size()) return std::nullopt;
  return slice(list[instance].name);
}

void collect(const PooledVector<Record>& records, PooledVector<const Name*>& out) {
  for (const Record& r : records) {
    out.push_back(&r.name);
    if (const auto* name = std::get_if<Name>(&r.data)) out.push_back(name);
    if (const auto* soa = std::get_if<Soa>(&r.data)) out.push_back(&soa->mname);
  }
}

}  // namespace

DnsTransaction::DnsTransaction(AppProto proto, std::uint64_t id, Direction direction,
                               Message message)
    : Transaction(proto, id), direction_(direction), message_(std::move(message)) {
  if (message_.is_response()) {
    for (const Question& q : message_.questions) response_names_.push_back(&q.name);
    collect(message_.answers, response_names_);
    collect(message_.authorities, response_names_);
    collect(message_.additionals, response_names_);
  }
  set_progress(Direction::to_server, 1);
  set_progress(Direction::to_client, 1);
}

std::optional<BufferSlice> DnsTransaction::buffer(unsigned local, Direction d,
                                                  std::uint32_t instance) const {
  if (d != direction_) return std::nullopt;
  switch (static_cast<Buffer>(local)) {
    case Buffer::query:
      return d == Direction::to_server ? nth_name(message_.questions, instance) : std::nullopt;
    case Buffer::queries:
      return nth_name(message_.questions, instance);
    case Buffer::answers:
      return nth_name(message_.answers, instance);
    case Buffer::authorities:
      return nth_name(message_.authorities, instance);
    case Buffer::additionals:
      return nth_name(message_.additionals, instance);
    case Buffer::response:
      if (instance >= response_names_.size()) return std::nullopt;
      return slice(*response_names_[instance]);
  }
  return std::nullopt;
}

std::optional<std::uint64_t> DnsTransaction::integer(unsigned local, Direction d,
                                                     std::uint32_t instance) const {
  if (d != direction_) return std::nullopt;
  switch (static_cast<Integer>(local)) {
    case Integer::opcode:
      return instance == 0 ? std::optional<std::uint64_t>(message_.opcode()) : std::nullopt;
    case Integer::rcode:
      return instance == 0 ? std::optional<std::uint64_t>(message_.rcode()) : std::nullopt;
    case Integer::rrtype:
      break;
  }
  // An answer repeats its question, which would only be in the way of the records.
  std::size_t at = instance;
  if (message_.answers.empty()) {
    if (at < message_.questions.size()) return message_.questions[at].type;
    at -= message_.questions.size();
  }
  for (const auto* list : {&message_.answers, &message_.authorities, &message_.additionals}) {
    if (at < list->size()) return (*list)[at].type;
    at -= list->size();
  }
  return std::nullopt;
}

void DnsTransaction::write(JsonWriter& out) const {
  out.key("dns").begin_object();
  write_message(out, message_, id());
  out.end_object();
}

}  // namespace chieng::collector::dns
