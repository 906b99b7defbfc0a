#include "collector/protocol/ldap/transaction.h"

#include <utility>

namespace chieng::collector::ldap {
namespace {

enum class Buffer : std::uint8_t {
  request_dn,
  responses_dn,
  responses_message,
  request_attribute_type,
  responses_attribute_type
};
enum class Integer : std::uint8_t {
  request_operation,
  responses_operation,
  responses_count,
  responses_result_code
};

constexpr auto ts = Sides::to_server;
constexpr auto tc = Sides::to_client;
constexpr auto personal = FieldClass::personal;

constexpr BufferSpec kBuffers[] = {
    {.name = "ldap.request.dn", .sides = ts, .ready = {1, 1}, .privacy = personal},
    {.name = "ldap.responses.dn", .sides = tc, .ready = {1, 1}, .multi = true, .privacy = personal},
    {.name = "ldap.responses.message", .sides = tc, .ready = {1, 1}, .multi = true},
    {.name = "ldap.request.attribute_type", .sides = ts, .ready = {1, 1}, .multi = true},
    {.name = "ldap.responses.attribute_type", .sides = tc, .ready = {1, 1}, .multi = true},
};

std::span<const IntegerSpec> integers() {
  static const IntegerSpec list[] = {
      {.name = "ldap.request.operation",
       .sides = ts,
       .ready = {1, 1},
       .bits = 8,
       .names = operation_names()},
      {.name = "ldap.responses.operation",
       .sides = tc,
       .ready = {1, 1},
       .bits = 8,
       .multi = true,
       .names = operation_names()},
      {.name = "ldap.responses.count", .sides = tc, .ready = {1, 1}, .bits = 32},
      {.name = "ldap.responses.result_code",
       .sides = tc,
       .ready = {1, 1},
       .bits = 32,
       .multi = true,
       .names = result_names()},
  };
  return list;
}

constexpr std::string_view kEvents[] = {"too_many_transactions", "invalid_data",
                                        "request_not_found", "too_many_responses"};

std::optional<BufferSlice> text(const std::string* t) {
  if (t == nullptr) return std::nullopt;
  return BufferSlice{as_bytes(*t)};
}

std::optional<BufferSlice> at(const std::vector<const std::string*>& list, std::uint32_t i) {
  return text(i < list.size() ? list[i] : nullptr);
}

constexpr std::string_view kFrames[] = {"pdu"};

}  // namespace

const ProtocolSpec kSpec{.name = "ldap",
                         .rule_names = {"ldap"},
                         .transport = TransportMask::both,
                         .complete = {1, 1},
                         .buffers = kBuffers,
                         .integers = integers(),
                         .event_prefix = "ldap",
                         .events = kEvents,
                         .frames = kFrames};

void LdapTransaction::set_request(Message m) {
  request_ = std::move(m);
  for (const Attribute& a : request_->attributes) request_types_.push_back(&a.type);
  for (const Change& c : request_->changes) request_types_.push_back(&c.attribute.type);
  if (request_->assertion) request_types_.push_back(&request_->assertion->type);
  if (request_->search)
    for (const std::string& type : request_->search->attributes) request_types_.push_back(&type);
  set_progress(Direction::to_server, 1);
}

bool LdapTransaction::add_response(Message m) {
  ++response_count_;
  if (responses_.size() >= kMostResponses || bytes_ + m.size > kMostBytes) return false;
  bytes_ += m.size;
  const Message& kept = responses_.emplace_back(std::move(m));
  if (kept.dn) names_.push_back(&*kept.dn);
  if (kept.outcome) {
    names_.push_back(&kept.outcome->matched_dn);
    texts_.push_back(&kept.outcome->message);
  }
  for (const Attribute& a : kept.attributes) types_.push_back(&a.type);
  return true;
}

std::optional<BufferSlice> LdapTransaction::buffer(unsigned local, Direction d,
                                                   std::uint32_t instance) const {
  const bool client = d == Direction::to_server;
  switch (static_cast<Buffer>(local)) {
    case Buffer::request_dn:
      return text(client && request_ && request_->dn ? &*request_->dn : nullptr);
    case Buffer::request_attribute_type:
      return client ? at(request_types_, instance) : std::nullopt;
    case Buffer::responses_dn:
      return client ? std::nullopt : at(names_, instance);
    case Buffer::responses_message:
      return client ? std::nullopt : at(texts_, instance);
    case Buffer::responses_attribute_type:
      return client ? std::nullopt : at(types_, instance);
  }
  return std::nullopt;
}

std::optional<std::uint64_t> LdapTransaction::integer(unsigned local, Direction d,
                                                      std::uint32_t instance) const {
  const auto which = static_cast<Integer>(local);
  if (which == Integer::request_operation)
    return d == Direction::to_server && request_ ? std::optional<std::uint64_t>(request_->op)
                                                 : std::nullopt;
  if (d == Direction::to_server) return std::nullopt;
  if (which == Integer::responses_count) return response_count_;
  if (instance >= responses_.size()) return std::nullopt;
  const Message& m = responses_[instance];
  if (which == Integer::responses_operation) return m.op;
  return m.outcome ? static_cast<std::uint64_t>(m.outcome->code) : kNoInteger;
}

void LdapTransaction::write(JsonWriter& out) const {
  out.key("ldap").begin_object();
  if (request_) {
    out.key("request").begin_object().field("message_id", request_->id);
    write_operation(out, *request_, false);
    out.end_object();
  }
  if (!responses_.empty()) {
    out.key("responses").begin_array();
    for (const Message& m : responses_) {
      out.begin_object();
      write_operation(out, m, !request_);
      out.end_object();
    }
    out.end_array();
  }
  out.end_object();
}

}  // namespace chieng::collector::ldap
