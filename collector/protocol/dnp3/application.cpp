#include "collector/protocol/dnp3/application.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/bytes/reader.h"

namespace chieng::collector::dnp3 {
namespace {

std::uint64_t little(Bytes bytes) {
  std::uint64_t v = 0;
  for (std::size_t i = bytes.size(); i-- > 0;)
    v = v << 8 | std::to_integer<std::uint64_t>(bytes[i]);
  return v;
}

// The range field of an object header (table 4-4).
bool read_range(Reader& in, ObjectHeader& h) {
  const auto range = [&](std::size_t width) {
    h.start = static_cast<std::uint32_t>(little(in.take(width)));
    h.stop = static_cast<std::uint32_t>(little(in.take(width)));
    h.count = h.stop - h.start + 1;
  };
  switch (h.range_code()) {
    case 0:
    case 3:
      range(1);
      break;
    case 1:
    case 4:
      range(2);
      break;
    case 2:
    case 5:
      range(4);
      break;
    case 6:
      break;
    case 7:
    case 11:
      h.count = in.u8();
      break;
    case 8:
      h.count = in.u16le();
      break;
    case 9:
      h.count = in.u32le();
      break;
    default:
      return false;
  }
  return in.ok();
}

// What stands before each point: an index, or the size of the point.
std::uint32_t read_prefix(Reader& in, std::uint8_t code, std::uint32_t& index, bool& sized) {
  static constexpr std::uint8_t widths[] = {0, 1, 2, 4, 1, 2, 4, 0};
  const auto prefix = static_cast<std::uint32_t>(little(in.take(widths[code])));
  sized = code >= 4 && code <= 6;
  if (code >= 1 && code <= 3) index = prefix;
  return prefix;
}

// Reads a point's fields, and writes them where `out` is there.
class PointReader {
 public:
  PointReader(const Layout& layout, JsonWriter* out) : layout_(layout), out_(out) {}
  bool read(Reader& in, std::uint32_t size);

 private:
  bool field(Reader& in, const Field& f, std::size_t position);
  void bits(const Field& f, unsigned byte);
  void real(const Field& f, double value);
  bool bytes(Reader& in, const Field& f, std::size_t n);

  const Layout& layout_;
  JsonWriter* out_;
  std::array<std::uint64_t, Layout::kMostFields> values_{};
  std::size_t begin_ = 0, size_ = 0;
};

void PointReader::bits(const Field& f, unsigned byte) {
  if (out_ == nullptr) return;
  for (const Bit& b : f.set) {
    out_->field(b.name, byte & ((1u << b.width) - 1));
    byte >>= b.width;
  }
}

void PointReader::real(const Field& f, double value) {
  if (out_ == nullptr) return;
  out_->key(f.name);
  if (std::isfinite(value))
    out_->value(value);
  else
    out_->null();
}

bool PointReader::bytes(Reader& in, const Field& f, std::size_t n) {
  const Bytes data = in.take(n);
  if (!in.ok()) return false;
  if (out_ == nullptr) return true;
  if (f.kind == Kind::text || f.kind == Kind::text_rest)
    out_->field(f.name, as_text(data));
  else if (!data.empty())
    out_->key(f.name).base64(data);
  return true;
}

bool PointReader::field(Reader& in, const Field& f, std::size_t position) {
  switch (f.kind) {
    case Kind::none:
    case Kind::packed:
      return true;
    case Kind::bits:
      bits(f, in.u8());
      return in.ok();
    case Kind::number:
      values_[position] = little(in.take(f.width));
      if (out_ != nullptr && in.ok()) out_->field(f.name, values_[position]);
      return in.ok();
    case Kind::signed_int: {
      // Written as an unsigned number of 64 bits, as readers of EVE know it.
      const unsigned shift = 64u - 8u * f.width;
      const auto v = static_cast<std::int64_t>(little(in.take(f.width)) << shift) >> shift;
      if (out_ != nullptr && in.ok()) out_->field(f.name, static_cast<std::uint64_t>(v));
      return in.ok();
    }
    case Kind::f32:
      real(f, static_cast<double>(std::bit_cast<float>(in.u32le())));
      return in.ok();
    case Kind::f64:
      real(f, std::bit_cast<double>(in.u64le()));
      return in.ok();
    case Kind::text:
    case Kind::blob:
      return bytes(in, f, values_[f.length]);
    case Kind::text_rest:
    case Kind::blob_rest: {
      const std::size_t used = in.position() - begin_;
      return used <= size_ && bytes(in, f, size_ - used);
    }
    case Kind::c_text: {
      const std::string_view text = as_text(in.take(f.width));
      if (out_ != nullptr && in.ok()) out_->field(f.name, text.substr(0, text.find('\0')));
      return in.ok();
    }
  }
  return false;
}

bool PointReader::read(Reader& in, std::uint32_t size) {
  begin_ = in.position();
  size_ = size;
  for (std::size_t i = 0; i < layout_.fields.size() && layout_.fields[i].kind != Kind::none; ++i)
    if (!field(in, layout_.fields[i], i)) return false;
  return true;
}

// Points of 1 or 2 bits have no room for a prefix each.
bool is_packed(const Layout& layout, const ObjectHeader& h) {
  return layout.fields[0].kind == Kind::packed && h.prefix_code() == 0;
}

void begin_point(JsonWriter& out, std::uint32_t prefix, std::uint32_t index) {
  out.begin_object().field("prefix", prefix).field("index", index);
}

// Reads up to `most` points: how many are whole. Written where `out` is there.
std::uint32_t walk_packed(const Field& f, const ObjectHeader& h, Reader& in, std::uint32_t most,
                          JsonWriter* out) {
  const unsigned each = 8u / f.width;
  unsigned byte = 0;
  for (std::uint32_t i = 0; i < most; ++i) {
    if (i % each == 0) byte = in.u8();
    if (!in.ok()) return i;
    if (out != nullptr) {
      begin_point(*out, 0, h.start + i);
      out->field(f.name, byte & ((1u << f.width) - 1)).end_object();
    }
    byte >>= f.width;
  }
  return most;
}

std::uint32_t walk(const Layout& layout, const ObjectHeader& h, Reader& in, std::uint32_t most,
                   JsonWriter* out) {
  if (is_packed(layout, h)) return walk_packed(layout.fields[0], h, in, most, out);
  const bool packed = layout.fields[0].kind == Kind::packed;
  for (std::uint32_t i = 0; i < most; ++i) {
    std::uint32_t index = h.start + i;
    bool sized = false;
    const std::uint32_t prefix = read_prefix(in, h.prefix_code(), index, sized);
    if (!in.ok()) return i;
    if (out != nullptr) {
      begin_point(*out, prefix, index);
      if (sized) out->field("size", prefix);
    }
    bool whole = true;
    if (packed) {
      const unsigned byte = in.u8();
      whole = in.ok();
      if (out != nullptr)
        out->field(layout.fields[0].name, byte & ((1u << layout.fields[0].width) - 1));
    } else {
      whole = PointReader(layout, out).read(in, prefix);
    }
    if (out != nullptr) out->end_object();
    if (!whole) return i;
  }
  return most;
}

}  // namespace

Objects read_objects(Bytes objects) {
  Objects out;
  Reader in(objects);
  std::size_t points = 0;
  while (!in.at_end()) {
    if (out.list.size() == kMostObjects) {
      out.fault = Fault::too_many_objects;
      return out;
    }
    ObjectHeader h;
    h.group = in.u8();
    h.variation = in.u8();
    if (in.remaining() == 0) {
      out.fault = Fault::incomplete;
      return out;
    }
    h.qualifier = in.u8();
    const bool range = read_range(in, h);
    h.at = static_cast<std::uint32_t>(objects.size() - in.remaining());
    out.list.push_back(h);
    if (!range) {
      out.list.back().count = 0;
      out.fault = Fault::incomplete;
      return out;
    }
    if (h.count == 0) continue;
    points += h.count;
    if (points > kMostPoints) {
      out.fault = Fault::too_many_points;
      return out;
    }
    const Layout* layout = find_layout(h.group, h.variation);
    if (layout != nullptr)
      out.list.back().points = walk(*layout, h, in, h.count, nullptr);
    else if (h.group == 0 && h.variation == 0)
      continue;  // nothing but its header
    if (out.list.back().points < h.count) {
      out.fault = Fault::unknown_object;
      return out;
    }
  }
  return out;
}

void write_points(JsonWriter& out, const ObjectHeader& header, Bytes objects) {
  const Layout* layout = find_layout(header.group, header.variation);
  if (layout == nullptr || header.points == 0) return;
  Reader in(objects.subspan(header.at));
  out.key("points").begin_array();
  (void)walk(*layout, header, in, header.points, &out);
  out.end_array();
}

}  // namespace chieng::collector::dnp3
