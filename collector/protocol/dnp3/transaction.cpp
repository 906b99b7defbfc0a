#include "collector/protocol/dnp3/transaction.h"

#include "core/bytes/reader.h"

namespace chieng::collector::dnp3 {
namespace {

// In the order in which EVE lists them.
constexpr NamedValue kIndications[] = {{"device_restart", 0x8000},
                                       {"device_trouble", 0x4000},
                                       {"local_control", 0x2000},
                                       {"need_time", 0x1000},
                                       {"class_3_events", 0x0800},
                                       {"class_2_events", 0x0400},
                                       {"class_1_events", 0x0200},
                                       {"all_stations", 0x0100},
                                       {"reserved_1", 0x0080},
                                       {"reserved_2", 0x0040},
                                       {"config_corrupt", 0x0020},
                                       {"already_executing", 0x0010},
                                       {"event_buffer_overflow", 0x0008},
                                       {"parameter_error", 0x0004},
                                       {"object_unknown", 0x0002},
                                       {"no_func_code_support", 0x0001}};

constexpr std::uint8_t kUnsolicited = 130;

}  // namespace

std::span<const NamedValue> indication_names() {
  return kIndications;
}

Dnp3Transaction::Dnp3Transaction(AppProto proto, std::uint64_t id, Direction direction)
    : Transaction(proto, id), direction_(direction) {}

bool Dnp3Transaction::set_message(const LinkHeader& link, std::string message, bool whole) {
  link_ = link;
  message_ = std::move(message);
  Reader in(as_bytes(message_));
  control_ = in.u8();
  function_ = in.u8();
  if (is_response()) indications_ = in.u16();
  if (!in.ok()) return false;
  valid_ = true;
  if (whole)
    objects_ = read_objects(in.rest());
  else
    objects_.fault = Fault::incomplete;
  return true;
}

Bytes Dnp3Transaction::object_bytes() const {
  const std::size_t header = is_response() ? 4 : 2;
  return as_bytes(std::string_view(message_).substr(header));
}

std::optional<BufferSlice> Dnp3Transaction::buffer(unsigned, Direction d, std::uint32_t) const {
  if (d != direction_ || !valid_) return std::nullopt;
  return BufferSlice{.data = as_bytes(message_)};
}

std::optional<std::uint64_t> Dnp3Transaction::integer(unsigned local, Direction d,
                                                      std::uint32_t instance) const {
  if (d != direction_ || !valid_) return std::nullopt;
  switch (static_cast<Integer>(local)) {
    case Integer::function:
      if (instance == 0) return function_;
      return std::nullopt;
    case Integer::indications:
      if (instance == 0 && is_response()) return indications_;
      return std::nullopt;
    case Integer::object:
      if (instance >= objects_.list.size()) return std::nullopt;
      return objects_.list[instance].group << 8 | objects_.list[instance].variation;
  }
  return std::nullopt;
}

void Dnp3Transaction::write_application(JsonWriter& out) const {
  out.key("application").begin_object();
  out.key("control").begin_object();
  out.field("fir", (control_ & 0x80) != 0).field("fin", (control_ & 0x40) != 0);
  out.field("con", (control_ & 0x20) != 0).field("uns", (control_ & 0x10) != 0);
  out.field("sequence", control_ & 15).end_object();
  out.field("function_code", function_);
  if (!objects_.list.empty()) {
    out.key("objects").begin_array();
    for (const ObjectHeader& h : objects_.list) {
      out.begin_object().field("group", h.group).field("variation", h.variation);
      out.field("qualifier", h.qualifier).field("prefix_code", h.prefix_code());
      out.field("range_code", h.range_code()).field("start", h.start).field("stop", h.stop);
      out.field("count", h.count);
      write_points(out, h, object_bytes());
      out.end_object();
    }
    out.end_array();
  }
  out.field("complete", objects_.fault == Fault::none).end_object();
}

void Dnp3Transaction::write_members(JsonWriter& out) const {
  if (!is_response())
    out.field("type", "request");
  else
    out.field("type", function_ == kUnsolicited ? "unsolicited_response" : "response");
  out.key("control").begin_object();
  out.field("dir", link_.from_master()).field("pri", (link_.control & 0x40) != 0);
  out.field("fcb", (link_.control & 0x20) != 0).field("fcv", (link_.control & 0x10) != 0);
  out.field("function_code", link_.function()).end_object();
  out.field("src", link_.src).field("dst", link_.dst);
  write_application(out);
  if (!is_response()) return;
  out.key("iin").begin_object();
  if (indications_ != 0) {
    out.key("indicators").begin_array();
    for (const NamedValue& n : kIndications)
      if ((indications_ & n.value) != 0) out.value(n.name);
    out.end_array();
  }
  out.end_object();
}

void Dnp3Transaction::write(JsonWriter& out) const {
  out.key("dnp3").begin_object();
  write_members(out);
  out.end_object();
}

void Dnp3Transaction::write_in_alert(JsonWriter& out) const {
  if (!valid_) return;
  out.key("dnp3").begin_object();
  out.key(is_response() ? "response" : "request").begin_object();
  write_members(out);
  out.end_object().end_object();
}

}  // namespace chieng::collector::dnp3
