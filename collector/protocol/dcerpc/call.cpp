#include "collector/protocol/dcerpc/call.h"

#include <fmt/core.h>

#include <algorithm>

#include "collector/protocol/dcerpc/names.h"

namespace chieng::collector::dcerpc {
namespace {

constexpr std::size_t kPacked = 19;  // UUID, version, first fragment

}  // namespace

void Contexts::bind(const std::vector<Interface>& asked) {
  asked_ = asked;
  for (const Interface& item : asked) {
    const auto old = std::ranges::find(known_, item.context, &Interface::context);
    if (old != known_.end())
      *old = item;
    else if (known_.size() < kMost)
      known_.push_back(item);
  }
}

void Contexts::acknowledge(const std::vector<Acknowledgement>& answers) {
  for (std::size_t i = 0; i < std::min(answers.size(), asked_.size()); ++i) {
    Interface& item = asked_[i];
    item.acknowledged = true;
    item.result = answers[i].result;
    item.reason = answers[i].reason;
    const auto known = std::ranges::find(known_, item.context, &Interface::context);
    if (known != known_.end()) *known = item;
  }
}

std::vector<Interface> Contexts::accepted(std::uint16_t context) const {
  std::vector<Interface> out;
  for (const Interface& item : known_)
    if (item.context == context && item.acknowledged && item.result == 0) out.push_back(item);
  return out;
}

bool Call::is_bind() const {
  const Side& s = side(Direction::to_server);
  return s.seen && (s.type == PduType::bind || s.type == PduType::alter_context);
}

std::size_t Call::held() const {
  return sides_[0].stub.size() + sides_[1].stub.size();
}

void Call::mark(Direction d, PduType type, bool little) {
  Side& s = sides_[index(d)];
  s.type = type;
  s.seen = s.done = true;
  s.little = little;
}

void Call::add(Direction d, const Header& header, const Fragment& fragment, std::size_t keep) {
  Side& s = sides_[index(d)];
  s.type = header.type;
  s.seen = true;
  s.little = header.little;
  s.done = header.is_last();
  ++s.fragments;
  s.stub_size += fragment.stub.size();
  const std::size_t room = std::min(keep, kMostStub - s.stub.size());
  s.stub.append(as_text(fragment.stub.first(std::min(room, fragment.stub.size()))));
  if (!context_) context_ = fragment.context;
  if (header.type == PduType::request) opnum_ = fragment.opnum;
}

void Call::set_interfaces(std::vector<Interface> interfaces) {
  interfaces_ = std::move(interfaces);
  packed_.clear();
  for (const Interface& item : interfaces_) {
    packed_.append(reinterpret_cast<const char*>(item.uuid.data()), item.uuid.size());
    packed_ += static_cast<char>(item.version >> 8);
    packed_ += static_cast<char>(item.version & 0xff);
    packed_ += item.first_fragment ? '\1' : '\0';
  }
}

std::optional<BufferSlice> Call::buffer(CallBuffer which, Direction d,
                                        std::uint32_t instance) const {
  const Side& s = side(d);
  if (which == CallBuffer::stub_data) {
    if (instance > 0 || s.stub.empty()) return std::nullopt;
    return BufferSlice{.data = as_bytes(s.stub), .little_endian = s.little};
  }
  if (!is_request() || instance >= packed_.size() / kPacked) return std::nullopt;
  return BufferSlice{.data = as_bytes(packed_).subspan(instance * kPacked, kPacked)};
}

void write_requests(JsonWriter& out, const Call& call) {
  const Call::Side& request = call.side(Direction::to_server);
  const Call::Side& response = call.side(Direction::to_client);
  out.field("request", request.seen ? to_string(request.type) : "REQUEST_LOST");
  out.field("response", response.seen ? to_string(response.type) : "UNREPLIED");
}

void write_interfaces(JsonWriter& out, const Call& call, InterfaceFields fields) {
  const bool altered = call.side(Direction::to_server).type == PduType::alter_context;
  if (call.interfaces().empty() || altered) return;
  out.key("interfaces").begin_array();
  for (const Interface& item : call.interfaces()) {
    out.begin_object().field("uuid", to_string(item.uuid));
    out.field("version", fmt::format("{}.{}", item.version, item.version_minor));
    if (item.acknowledged && fields.result) out.field("ack_result", item.result);
    if (item.acknowledged && fields.reason) out.field("ack_reason", 0);
    if (const InterfaceNames* names = find_interface(item.uuid)) {
      out.field("service", names->service);
      if (const auto name = names->procedure(call.opnum()); !name.empty())
        out.field("procedure", name);
    }
    out.end_object();
  }
  out.end_array();
}

void write_side(JsonWriter& out, const Call& call, Direction d, bool with_opnum) {
  const Call::Side& s = call.side(d);
  if (s.fragments == 0) return;
  out.key(d == Direction::to_server ? "req" : "res").begin_object();
  if (with_opnum && call.opnum()) out.field("opnum", *call.opnum());
  out.field("frag_cnt", s.fragments).field("stub_data_size", s.stub_size).end_object();
}

}  // namespace chieng::collector::dcerpc
