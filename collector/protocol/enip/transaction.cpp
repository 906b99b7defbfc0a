#include "collector/protocol/enip/transaction.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace chieng::collector::enip {
namespace {

void write_cip(JsonWriter& out, const Cip& c) {
  out.field("service", service_name(c.code()));
  if (!c.path.empty()) {
    out.key("path").begin_array();
    for (const Segment& s : c.path)
      out.begin_object()
          .field("segment_type", segment_name(s.type))
          .field("value", s.value)
          .end_object();
    out.end_array();
    if (const Segment* s = c.find(segment::class_id)) out.field("class_name", class_name(s->value));
  }
  if (c.status) out.field("status", cip_status_name(*c.status));
  if (!c.status_extended.empty()) out.field("status_extended", c.status_extended);
  if (c.multiple.empty()) return;
  out.key("multiple").begin_array();
  for (const Cip& one : c.multiple) {
    out.begin_object();
    write_cip(out, one);
    out.end_object();
  }
  out.end_array();
}

void write_identity(JsonWriter& out, const Identity& i) {
  out.key("identity").begin_object();
  out.field("protocol_version", i.protocol_version);
  out.field("revision", fmt::format("{}.{}", i.major, i.minor));
  out.field("vendor_id", vendor_name(i.vendor))
      .field("device_type", device_type_name(i.device_type));
  out.field("product_code", i.product_code).field("status", i.status).field("serial", i.serial);
  out.field("product_name", i.product_name).field("state", i.state).end_object();
}

void write_message(JsonWriter& out, std::string_view key, const Message& m) {
  out.key(key).begin_object();
  out.field("command", command_name(m.command)).field("status", status_name(m.status));
  if (m.registration)
    out.key("register_session")
        .begin_object()
        .field("protocol_version", m.registration->protocol_version)
        .field("options", m.registration->options)
        .end_object();
  if (m.services)
    out.key("list_services")
        .begin_object()
        .field("protocol_version", m.services->protocol_version)
        .field("capabilities", m.services->capabilities)
        .field("service_name", m.services->name)
        .end_object();
  if (m.identity) write_identity(out, *m.identity);
  if (m.cip) {
    out.key("cip").begin_object();
    write_cip(out, *m.cip);
    out.end_object();
  }
  out.end_object();
}

// The n-th number that `read` finds in the messages of an exchange and what they carry.
template <class F>
std::optional<std::uint64_t> nth_cip(const Message* request, const Message* response,
                                     std::uint32_t n, F read) {
  for (const Message* m : {request, response}) {
    if (m == nullptr || !m->cip) continue;
    if (const auto v = read(*m->cip); v && n-- == 0) return v;
    for (const Cip& one : m->cip->multiple)
      if (const auto v = read(one); v && n-- == 0) return v;
  }
  return std::nullopt;
}

const Message* there(const std::optional<Message>& m) {
  return m ? &*m : nullptr;
}

std::optional<std::uint64_t> segment_of(const Cip& c, std::uint8_t type) {
  const Segment* s = c.find(type);
  if (s == nullptr) return std::nullopt;
  return s->value;
}

}  // namespace

std::optional<BufferSlice> EnipTransaction::buffer(unsigned local, Direction, std::uint32_t) const {
  if (!response) return std::nullopt;
  if (static_cast<Buffer>(local) == Buffer::product_name) {
    if (!response->identity) return std::nullopt;
    return BufferSlice{.data = as_bytes(response->identity->product_name)};
  }
  if (!response->services) return std::nullopt;
  return BufferSlice{.data = as_bytes(response->services->name)};
}

std::optional<std::uint64_t> EnipTransaction::of_message(Integer which, const Message& m) const {
  const auto identity = [&](auto member) -> std::optional<std::uint64_t> {
    if (!m.identity) return std::nullopt;
    return (*m.identity).*member;
  };
  switch (which) {
    case Integer::command:
      return m.command;
    case Integer::status:
      return m.status;
    case Integer::protocol_version:
      if (m.registration) return m.registration->protocol_version;
      if (m.services) return m.services->protocol_version;
      return identity(&Identity::protocol_version);
    case Integer::revision:
      if (!m.identity) return std::nullopt;
      return m.identity->major << 8 | m.identity->minor;
    case Integer::identity_status:
      return identity(&Identity::status);
    case Integer::state:
      return identity(&Identity::state);
    case Integer::serial:
      return identity(&Identity::serial);
    case Integer::product_code:
      return identity(&Identity::product_code);
    case Integer::device_type:
      return identity(&Identity::device_type);
    case Integer::vendor:
      return identity(&Identity::vendor);
    case Integer::capabilities:
      if (m.services) return m.services->capabilities;
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

std::optional<std::uint64_t> EnipTransaction::integer(unsigned local, Direction d,
                                                      std::uint32_t instance) const {
  const auto which = static_cast<Integer>(local);
  const auto cip = [&](auto read) {
    return nth_cip(there(request), there(response), instance, read);
  };
  switch (which) {
    case Integer::cip_class:
      return cip([](const Cip& c) { return segment_of(c, segment::class_id); });
    case Integer::cip_attribute:
      return cip([](const Cip& c) { return segment_of(c, segment::attribute); });
    case Integer::cip_instance:
      return cip([](const Cip& c) { return segment_of(c, segment::instance); });
    case Integer::cip_status:
      return cip([](const Cip& c) -> std::optional<std::uint64_t> { return c.status; });
    case Integer::cip_extended:
      return cip([](const Cip& c) -> std::optional<std::uint64_t> {
        // The first word, written in the order of the wire: the low byte first.
        const std::string& hex = c.status_extended;
        if (hex.size() < 4) return std::nullopt;
        const std::string word = hex.substr(2, 2) + hex.substr(0, 2);
        std::uint64_t out = 0;
        std::from_chars(word.data(), word.data() + word.size(), out, 16);
        return out;
      });
    case Integer::cip_service: {
      // Of this side's own message.
      const bool asks = d == Direction::to_server;
      return nth_cip(asks ? there(request) : nullptr, asks ? nullptr : there(response), instance,
                     [](const Cip& c) -> std::optional<std::uint64_t> {
                       const auto id = segment_of(c, segment::class_id).value_or(0) & 0xffff;
                       const auto attribute =
                           segment_of(c, segment::attribute).value_or(0) & 0xffff;
                       return std::uint64_t{c.code()} << 32 | id << 16 | attribute;
                     });
    }
    default:
      break;
  }
  if (instance != 0) return std::nullopt;
  // A command and its status are of a side; the rest is where it was said.
  const auto& own = d == Direction::to_server ? request : response;
  const auto& other = d == Direction::to_server ? response : request;
  std::optional<std::uint64_t> out;
  if (own) out = of_message(which, *own);
  const bool of_side = which == Integer::command || which == Integer::status;
  if (!out && other && !of_side) out = of_message(which, *other);
  return out;
}

void EnipTransaction::write(JsonWriter& out) const {
  out.key("enip").begin_object();
  if (request) write_message(out, "request", *request);
  if (response) write_message(out, "response", *response);
  out.end_object();
}

}  // namespace chieng::collector::enip
