#include "collector/protocol/modbus/message.h"

#include <algorithm>

#include "core/bytes/reader.h"

namespace chieng::collector::modbus {
namespace {

enum : std::uint8_t {
  read_coils = 1,
  read_discretes = 2,
  read_holding = 3,
  read_input = 4,
  write_coil = 5,
  write_register = 6,
  diagnostic = 8,
  write_coils = 15,
  write_registers = 16,
  mask_write = 22,
  read_write_registers = 23,
  encapsulated = 43
};

constexpr std::uint8_t kExceptionBit = 0x80;

unsigned access_of(std::uint8_t code) {
  using namespace access;
  switch (code) {
    case read_coils:
      return read | coils;
    case read_discretes:
      return read | discretes;
    case read_holding:
      return read | holding;
    case read_input:
      return read | input;
    case write_coil:
      return write | coils | single | write_single;
    case write_register:
      return write | holding | single | write_single;
    case write_coils:
      return write | coils | multiple | write_multiple;
    case write_registers:
      return write | holding | multiple | write_multiple;
    case mask_write:
      return write | holding;
    case read_write_registers:
      return read | write | holding | multiple | write_multiple;
    default:
      return 0;
  }
}

// Section 5: which codes the standard, users and old products have.
unsigned category_of(std::uint8_t code) {
  const auto within = [code](unsigned a, unsigned b) { return code >= a && code <= b; };
  if (code == 0 || code == diagnostic || code == encapsulated) return 0;  // by the sub function
  if (within(65, 72) || within(100, 110)) return category::user;
  if (code == 41 || code == 42 || code == 90 || code == 91 || within(125, 127))
    return category::reserved;
  return code <= 24 ? category::assigned : category::unassigned;
}

std::string text(Bytes bytes) {
  return std::string(as_text(bytes));
}

bool of_bits(std::uint8_t code) {
  return code == read_coils || code == read_discretes || code == write_coils;
}

class RequestParser {
 public:
  RequestParser(Message& out, Reader& in) : out_(out), in_(in) {}
  void run();

 private:
  void read();
  void write_one();
  void write_many(Area& area);
  void mask();
  void read_write();
  void need(bool good, unsigned f) {
    if (!good) out_.faults |= f;
  }

  Message& out_;
  Reader& in_;
};

void RequestParser::read() {
  if (in_.remaining() < 4) {
    out_.faults |= fault::data_length;
    out_.data = text(in_.rest());
    in_.skip(in_.remaining());
    return;
  }
  Area area;
  area.address = in_.u16();
  area.quantity = in_.u16();
  need(*area.quantity >= 1 && *area.quantity <= (of_bits(out_.code()) ? 2000 : 125),
       fault::data_value);
  out_.read = area;
}

void RequestParser::write_one() {
  Area area;
  area.address = in_.u16();
  area.value = in_.u16();
  if (!in_.ok()) return;
  if (out_.code() == write_coil) need(*area.value == 0 || *area.value == 0xff00, fault::data_value);
  out_.write = area;
}

void RequestParser::write_many(Area& area) {
  area.address = in_.u16();
  area.quantity = in_.u16();
  const std::uint8_t count = in_.u8();
  if (!in_.ok()) return;
  const bool bits = of_bits(out_.code());
  area.data = text(in_.take(std::min<std::size_t>(count, in_.remaining())));
  need(area.data->size() == count && count > 0, fault::data_length);
  if (count == 0) return;
  need(*area.quantity >= 1 && *area.quantity <= (bits ? 1968 : 123), fault::data_value);
  need(count == (bits ? (*area.quantity + 7) / 8 : *area.quantity * 2), fault::data_value);
}

void RequestParser::mask() {
  Area area;
  area.address = in_.u16();
  area.and_mask = in_.u16();
  area.or_mask = in_.u16();
  if (in_.ok()) out_.write = area;
}

void RequestParser::read_write() {
  read();
  if (!out_.read) return;
  Area area;
  write_many(area);
  if (in_.ok()) out_.write = area;
}

void RequestParser::run() {
  switch (out_.code()) {
    case read_coils:
    case read_discretes:
    case read_holding:
    case read_input:
      read();
      break;
    case write_coil:
    case write_register:
      write_one();
      break;
    case write_coils:
    case write_registers: {
      Area area;
      write_many(area);
      if (in_.ok()) out_.write = std::move(area);
      break;
    }
    case mask_write:
      mask();
      break;
    case read_write_registers:
      read_write();
      break;
    case 7:
    case 11:
    case 12:
    case 17:
      out_.data = text(in_.rest());
      need(in_.at_end(), fault::data_length);
      return;
    default:
      out_.data = text(in_.rest());
      return;
  }
  need(in_.ok() && in_.at_end(), fault::data_length);
}

// What both sides have: the sub function of a diagnostic or an encapsulated interface.
bool parse_sub_function(Message& out, Reader& in) {
  if (out.code() != diagnostic && out.code() != encapsulated) return false;
  out.sub_function = out.code() == diagnostic ? in.u16() : in.u8();
  if (!in.ok()) {
    out.sub_function.reset();
    out.faults |= fault::data_length;
    return true;
  }
  out.data = text(in.rest());
  const bool known = out.code() == diagnostic ? diagnostic_name(*out.sub_function) != "Reserved"
                                              : interface_name(*out.sub_function) != "Unknown";
  out.category = known ? category::assigned : category::reserved;
  return true;
}

void parse_read_answer(Message& out, Reader& in, const Message* request) {
  const std::uint8_t count = in.u8();
  if (!in.ok()) {
    out.faults |= fault::data_length;
    return;
  }
  const Bytes data = in.rest();
  if (data.size() != count) out.faults |= fault::data_length;
  Area area;
  area.data = text(data.first(std::min<std::size_t>(count, data.size())));
  out.read = area;
  if (request == nullptr || !request->read || !request->read->quantity) return;
  const unsigned quantity = *request->read->quantity;
  const unsigned expected = of_bits(out.code()) ? (quantity + 7) / 8 : quantity * 2;
  if (count != expected || count == 0) out.faults |= fault::data_value;
}

void parse_write_answer(Message& out, Reader& in, const Message* request) {
  Area area;
  area.address = in.u16();
  if (out.code() == mask_write) {
    area.and_mask = in.u16();
    area.or_mask = in.u16();
  } else {
    area.value = in.u16();
  }
  if (!in.ok() || !in.at_end()) out.faults |= fault::data_length;
  if (!in.ok()) return;
  out.write = area;
  if (request == nullptr || !request->write) return;
  const Area& asked = *request->write;
  const auto value = asked.value ? asked.value : asked.quantity;
  if (area.address != asked.address || (area.value && value && area.value != value) ||
      area.and_mask != asked.and_mask || area.or_mask != asked.or_mask)
    out.faults |= fault::data_value;
}

Message begin(const Header& header, Reader& in) {
  Message out;
  out.header = header;
  if (header.protocol != 0) out.faults |= fault::protocol_id;
  if (in.at_end()) {
    out.faults |= fault::data_length;
    return out;
  }
  out.function = in.u8();
  out.access = access_of(out.code());
  out.category = category_of(out.code());
  return out;
}

}  // namespace

Header read_header(Bytes bytes) {
  Reader in(bytes);
  Header out;
  out.transaction = in.u16();
  out.protocol = in.u16();
  out.length = in.u16();
  out.unit = in.u8();
  return out;
}

Message parse_request(const Header& header, Bytes pdu) {
  Reader in(pdu);
  Message out = begin(header, in);
  if (pdu.empty()) return out;
  if (out.code() == 0 || (out.function & kExceptionBit) != 0) out.faults |= fault::function_code;
  if (parse_sub_function(out, in)) return out;
  RequestParser(out, in).run();
  return out;
}

Message parse_response(const Header& header, Bytes pdu, const Message* request) {
  Reader in(pdu);
  Message out = begin(header, in);
  if (pdu.empty()) return out;
  if (out.code() == 0) out.faults |= fault::function_code;
  if ((out.function & kExceptionBit) != 0) {
    const std::uint8_t code = in.u8();
    if (!in.ok() || !in.at_end()) out.faults |= fault::data_length;
    if (!in.ok()) return out;
    out.exception = code;
    const bool good = (code >= 1 && code <= 7) || code == 10 || code == 11;
    if (!good) out.faults |= fault::exception_code;
    return out;
  }
  if (parse_sub_function(out, in)) return out;
  switch (out.code()) {
    case read_coils:
    case read_discretes:
    case read_holding:
    case read_input:
    case read_write_registers:
      parse_read_answer(out, in, request);
      break;
    case write_coil:
    case write_register:
    case write_coils:
    case write_registers:
    case mask_write:
      parse_write_answer(out, in, request);
      break;
    default:
      out.data = text(in.rest());
      break;
  }
  return out;
}

}  // namespace chieng::collector::modbus
