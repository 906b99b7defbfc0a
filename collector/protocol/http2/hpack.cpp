#include "collector/protocol/http2/hpack.h"

#include <algorithm>

#include "collector/protocol/http2/huffman.h"
#include "collector/protocol/http2/static_table.h"

namespace chieng::collector::http2 {
namespace {

// RFC 7541 5.1. At most 63 bits; anything longer is a mistake or worse.
FieldState read_integer(Reader& in, unsigned prefix_bits, std::uint64_t& value) {
  const std::uint64_t most = (1u << prefix_bits) - 1;
  value = in.u8() & most;
  if (value < most) return in.ok() ? FieldState::good : FieldState::bad_string;
  for (unsigned shift = 0; shift <= 56; shift += 7) {
    const std::uint8_t byte = in.u8();
    if (!in.ok()) return FieldState::bad_string;
    value += std::uint64_t{byte & 0x7fu} << shift;
    if ((byte & 0x80) == 0) return FieldState::good;
  }
  return FieldState::bad_integer;
}

// RFC 7541 5.2. A wrong code gives what came before it, and odd.
FieldState read_string(Reader& in, std::string& out, bool& odd) {
  const bool coded = (in.peek().value_or(0) & 0x80) != 0;
  std::uint64_t length = 0;
  if (const FieldState state = read_integer(in, 7, length); state != FieldState::good) return state;
  const Bytes text = in.take(length);
  if (!in.ok()) return FieldState::bad_string;
  if (!coded) {
    out = as_text(text);
    return FieldState::good;
  }
  odd |= !decode_huffman(text, out);
  return FieldState::good;
}

}  // namespace

DecodedBlock HeaderDecoder::decode(Bytes block) {
  DecodedBlock out;
  std::size_t decoded = 0;
  odd_ = false;
  Reader in(block);
  while (!in.at_end() && decoded <= kMostWork) {
    Field field = next(in);
    out.integer_overflow |= field.state == FieldState::bad_integer;
    out.invalid |= field.state == FieldState::bad_index || field.state == FieldState::bad_string;
    const bool lost = field.state == FieldState::bad_integer;  // where the next one begins
    decoded += field.name.size() + field.value.size();
    // The table has to follow to the block's end all the same.
    if (decoded > kMostDecoded || out.fields.size() >= kMostFields)
      out.too_large = true;
    else
      out.fields.push_back(std::move(field));
    if (lost) break;
  }
  out.invalid |= odd_;
  return out;
}

Field HeaderDecoder::next(Reader& in) {
  const std::uint8_t first = in.peek().value_or(0);
  if ((first & 0x80) != 0) return indexed(in);
  if ((first & 0x40) != 0) return literal(in, 6, true);
  if ((first & 0x20) != 0) return resize(in);
  return literal(in, 4, false);
}

Field HeaderDecoder::indexed(Reader& in) const {
  Field out;
  std::uint64_t index = 0;
  out.state = read_integer(in, 7, index);
  if (out.state != FieldState::good) return out;
  const Name found = find(index);
  if (!found.known) out.state = FieldState::bad_index;
  out.name = found.name;
  out.value = found.value;
  return out;
}

Field HeaderDecoder::literal(Reader& in, unsigned prefix_bits, bool to_table) {
  Field out;
  std::uint64_t index = 0;
  out.state = read_integer(in, prefix_bits, index);
  if (out.state != FieldState::good) return out;
  if (index == 0) {
    out.state = read_string(in, out.name, odd_);
    if (out.state == FieldState::bad_integer) return out;
  } else {
    const Name found = find(index);
    out.name = found.name;
    if (!found.known) out.state = FieldState::bad_index;
  }
  const FieldState value = read_string(in, out.value, odd_);
  if (value == FieldState::bad_integer || out.state == FieldState::good) out.state = value;
  // An entry whose name is not known keeps its place: the ones behind it have to be found.
  if (to_table && in.ok() && value != FieldState::bad_integer) keep(out);
  return out;
}

Field HeaderDecoder::resize(Reader& in) {
  Field out;
  out.state = read_integer(in, 5, out.size_update);
  if (out.state != FieldState::good) return out;
  out.state = FieldState::size_update;
  limit_ = static_cast<std::size_t>(std::min<std::uint64_t>(out.size_update, kMostTable));
  evict(limit_);
  return out;
}

HeaderDecoder::Name HeaderDecoder::find(std::uint64_t index) const {
  if (index == 0) return {};
  if (index <= kStaticTable.size())
    return {kStaticTable[index - 1].name, kStaticTable[index - 1].value, true};
  index -= kStaticTable.size() + 1;
  if (index >= table_.size()) return {};
  return {table_[index].name, table_[index].value, true};
}

void HeaderDecoder::keep(const Field& field) {
  Entry entry{field.name, field.value};
  const std::size_t size = entry.size();
  evict(size > limit_ ? 0 : limit_ - size);
  if (size > limit_) return;
  size_ += size;
  table_.push_front(std::move(entry));
}

void HeaderDecoder::evict(std::size_t limit) {
  while (size_ > limit) {
    size_ -= table_.back().size();
    table_.pop_back();
  }
}

}  // namespace chieng::collector::http2
