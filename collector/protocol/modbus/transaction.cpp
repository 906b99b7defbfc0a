#include "collector/protocol/modbus/transaction.h"

namespace chieng::collector::modbus {
namespace {

std::uint64_t point(std::uint32_t address, std::uint32_t value) {
  return std::uint64_t{address + 1} << 16 | value;
}

// The n-th value that a request writes.
std::optional<std::uint64_t> written(const Message& m, std::uint32_t n) {
  if (!m.write || !m.write->address) return std::nullopt;
  const Area& w = *m.write;
  const bool coils = (m.access & access::coils) != 0;
  if (!w.data) {
    if (n > 0 || !w.value) return std::nullopt;
    return point(*w.address, coils ? (*w.value != 0 ? 1 : 0) : *w.value);
  }
  const std::string& data = *w.data;
  if (n >= w.quantity.value_or(0)) return std::nullopt;
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(data[i]); };
  if (coils) {
    if (n / 8 >= data.size()) return std::nullopt;
    return point(*w.address + n, byte(n / 8) >> n % 8 & 1u);
  }
  const std::size_t at = std::size_t{n} * 2;
  if (at + 1 >= data.size()) return std::nullopt;
  return point(*w.address + n, static_cast<unsigned>(byte(at)) << 8 | byte(at + 1));
}

template <std::size_t N>
std::string flags_text(unsigned flags, const std::string_view (&names)[N]) {
  std::string out;
  for (std::size_t i = 0; i < N; ++i) {
    if ((flags >> i & 1) == 0) continue;
    if (!out.empty()) out += " | ";
    out += names[i];
  }
  return out.empty() ? "NONE" : out;
}

constexpr std::string_view kAccess[] = {"READ",         "WRITE",         "DISCRETES", "COILS",
                                        "INPUT",        "HOLDING",       "SINGLE",    "MULTIPLE",
                                        "WRITE_SINGLE", "WRITE_MULTIPLE"};
constexpr std::string_view kCategories[] = {"PUBLIC_ASSIGNED", "PUBLIC_UNASSIGNED", "USER_DEFINED",
                                            "RESERVED"};
constexpr std::string_view kFaults[] = {"DATA_VALUE", "DATA_LENGTH", "EXC_CODE", "FUNC_CODE",
                                        "PROTO_ID"};

void write_area(JsonWriter& out, std::string_view key, const Area& a) {
  out.key(key).begin_object();
  if (a.address) out.field("address", *a.address);
  if (a.quantity) out.field("quantity", *a.quantity);
  if (a.value) out.field("data", *a.value);
  if (a.and_mask) out.field("and_mask", *a.and_mask).field("or_mask", *a.or_mask);
  if (a.data) out.field("data", *a.data);
  out.end_object();
}

void write_message(JsonWriter& out, std::string_view key, const Message& m) {
  out.key(key).begin_object();
  out.field("transaction_id", m.header.transaction).field("protocol_id", m.header.protocol);
  out.field("unit_id", m.header.unit).field("function_raw", m.function);
  out.field("function_code", function_name(m.code()));
  out.field("access_type", flags_text(m.access, kAccess));
  out.field("category", flags_text(m.category, kCategories));
  out.field("error_flags", flags_text(m.faults, kFaults));
  if (m.exception)
    out.key("exception")
        .begin_object()
        .field("raw", *m.exception)
        .field("code", exception_name(*m.exception))
        .end_object();
  if (m.sub_function) {
    const bool diagnostic = m.code() == 8;
    out.key(diagnostic ? "diagnostic" : "mei").begin_object().field("raw", *m.sub_function);
    out.field("code",
              diagnostic ? diagnostic_name(*m.sub_function) : interface_name(*m.sub_function));
    out.field("data", m.data.value_or("")).end_object();
  } else if (m.data) {
    out.field("data", *m.data);
  }
  if (m.read) write_area(out, "read", *m.read);
  if (m.write) write_area(out, "write", *m.write);
  out.end_object();
}

}  // namespace

std::optional<std::uint64_t> ModbusTransaction::integer(unsigned local, Direction d,
                                                        std::uint32_t instance) const {
  if (d != Direction::to_server || (!request_ && !response_)) return std::nullopt;
  const Message& m = request_ ? *request_ : *response_;
  const bool first = instance == 0;
  switch (static_cast<Integer>(local)) {
    case Integer::function:
      if (first) return m.code();
      break;
    case Integer::sub_function:
      if (first && m.sub_function) return *m.sub_function;
      break;
    case Integer::category:
      if (first) return m.category;
      break;
    case Integer::access:
      if (first) return m.access;
      break;
    case Integer::unit:
      if (first) return m.header.unit;
      break;
    case Integer::read_address:
      if (m.read && m.read->address && instance < m.read->quantity.value_or(0))
        return *m.read->address + instance + 1u;
      break;
    case Integer::write_point:
      return written(m, instance);
  }
  return std::nullopt;
}

void ModbusTransaction::write(JsonWriter& out) const {
  out.key("modbus").begin_object().field("id", id() + 1);
  if (request_) write_message(out, "request", *request_);
  if (response_) write_message(out, "response", *response_);
  out.end_object();
}

}  // namespace chieng::collector::modbus
