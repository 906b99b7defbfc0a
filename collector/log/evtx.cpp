#include "collector/log/evtx.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "collector/log/evtx_value.h"
#include "collector/log/json_fields.h"
#include "core/bytes/reader.h"

namespace chieng::collector {
namespace {

using evtx::TypedText;

constexpr int deepest = 32;
constexpr std::size_t most_tokens = 100'000;  // of one record, templates and nested values together
constexpr std::size_t most_substitutions = 4096;

struct Substitution {
  std::uint8_t type = 0;
  Bytes bytes;
  std::size_t offset = 0;  // in the chunk
};
using Substitutions = std::vector<Substitution>;

struct Element {
  std::vector<std::pair<std::string, std::string>> attributes;
  std::vector<TypedText> parts;
  bool children = false, omitted = false, list = false;
};

// One record's binary XML, written as flat fields while it is read.
class BinXml {
 public:
  BinXml(Bytes chunk, Record& out) : chunk_(chunk), out_(out) {}

  Status read(std::size_t begin, std::size_t end) {
    Element top;
    return content(begin, end, nullptr, true, "", top, 0);
  }

 private:
  static std::unexpected<Error> complain(std::string_view what, std::size_t at) {
    return fail(ErrorCode::corrupt, fmt::format("{} at byte {} of the chunk", what, at));
  }
  Reader reader(std::size_t at, std::size_t end) const {
    return at <= end && end <= chunk_.size() ? Reader(chunk_.subspan(at, end - at))
                                             : Reader(Bytes{});
  }

  // A name is stored once a chunk: here, or at an earlier offset. Moves at behind it where it is
  // here.
  Result<std::string> name(std::uint32_t offset, std::size_t& at) const {
    Reader r = reader(offset, chunk_.size());
    r.skip(6);
    const std::size_t size = std::size_t{r.u16le()} * 2;
    const Bytes text = r.take(size);
    if (!r.ok()) return complain("a name lies outside", offset);
    if (offset == at) at += 8 + size + 2;
    std::string out;
    evtx::append_utf16(out, text);
    return out;
  }

  // Tokens until the end of the enclosing element or of the range; what they hold goes to `element`
  // or to the record.
  Status content(std::size_t& at, std::size_t end, const Substitutions* subs, bool dependency,
                 const std::string& path, Element& element, int depth) {
    if (depth > deepest) return complain("nested too deep", at);
    while (at < end) {
      if (++tokens_ > most_tokens) return complain("too many parts", at);
      const auto token = std::to_integer<std::uint8_t>(chunk_[at]);
      switch (token & ~0x40) {
        case 0x00:
          ++at;
          return {};
        case 0x04:
          ++at;
          return {};
        case 0x0F:
          at += 4;
          break;
        case 0x01:
          element.children = true;
          CHIENG_CHECK(open_element(at, end, subs, dependency, path, depth));
          break;
        case 0x0C:
          element.children = true;
          CHIENG_CHECK(template_instance(at, end, path, depth));
          break;
        default:
          CHIENG_CHECK(text(at, end, subs, path, element, depth));
      }
    }
    return {};
  }
  Status content(std::size_t begin, std::size_t end, std::nullptr_t, bool dependency,
                 const char* path, Element& element, int depth) {
    std::size_t at = begin;
    return content(at, end, static_cast<const Substitutions*>(nullptr), dependency,
                   std::string(path), element, depth);
  }

  // Values, CDATA, character and entity references, substitutions, processing instructions.
  Status text(std::size_t& at, std::size_t end, const Substitutions* subs, const std::string& path,
              Element& element, int depth) {
    Reader r = reader(at, end);
    const std::uint8_t token = r.u8() & ~0x40;
    TypedText part;
    if (token == 0x05 || token == 0x07 || token == 0x0B) {
      if (token == 0x05) (void)r.u8();
      const std::size_t size = std::size_t{r.u16le()} * 2;
      evtx::append_utf16(part.text, r.take(size));
      at += r.position();
      if (token != 0x0B) element.parts.push_back(std::move(part));
    } else if (token == 0x08) {
      const std::uint16_t unit = r.u16le();
      const char bytes[2] = {static_cast<char>(unit & 0xFF), static_cast<char>(unit >> 8)};
      evtx::append_utf16(part.text, as_bytes(std::string_view(bytes, 2)));
      at += r.position();
      element.parts.push_back(std::move(part));
    } else if (token == 0x09 || token == 0x0A) {
      const std::uint32_t offset = r.u32le();
      at += 5;
      CHIENG_TRY(const std::string entity, name(offset, at));
      if (token == 0x09) element.parts.push_back({entity_text(entity), false, 0});
    } else if (token == 0x0D || token == 0x0E) {
      const std::uint16_t index = r.u16le();
      (void)r.u8();
      at += r.position();
      if (r.ok()) CHIENG_CHECK(substitute(index, token == 0x0E, subs, path, element, depth));
    } else {
      return complain(fmt::format("unknown token {:#x}", token), at);
    }
    return r.ok() ? Status{} : complain("cut off", at);
  }

  static std::string entity_text(const std::string& entity) {
    constexpr std::pair<std::string_view, const char*> known[] = {
        {"lt", "<"}, {"gt", ">"}, {"amp", "&"}, {"quot", "\""}, {"apos", "'"}};
    for (const auto& [from, to] : known)
      if (from == entity) return to;
    return '&' + entity + ';';
  }

  Status substitute(std::uint16_t index, bool optional, const Substitutions* subs,
                    const std::string& path, Element& element, int depth) {
    if (subs == nullptr || index >= subs->size()) return complain("a value is missing", index);
    const Substitution& value = (*subs)[index];
    if (value.type == evtx::type_null) {
      element.omitted = element.omitted || optional;
      return {};
    }
    if (value.type == evtx::type_xml) {
      if (value.bytes.empty()) return {};
      element.children = true;
      std::size_t at = value.offset;
      const bool direct = (std::to_integer<std::uint8_t>(value.bytes[0]) & ~0x40) == 0x01;
      return content(at, value.offset + value.bytes.size(), subs, !direct, path, element,
                     depth + 1);
    }
    element.list = element.list || (value.type & evtx::type_array) != 0;
    for (TypedText& text : evtx::decode_value(value.type, value.bytes))
      element.parts.push_back(std::move(text));
    return {};
  }

  Status template_instance(std::size_t& at, std::size_t end, const std::string& path, int depth) {
    Reader r = reader(at, end);
    r.skip(6);
    const std::uint32_t definition = r.u32le();
    if (!r.ok()) return complain("a template is cut off", at);
    at += r.position();
    Reader d = reader(definition, chunk_.size());
    d.skip(20);
    const std::uint32_t size = d.u32le();
    if (!d.ok() || size > d.remaining()) return complain("a template lies outside", definition);
    if (definition == at) at += 24 + size;
    CHIENG_TRY(const Substitutions subs, substitutions(at, end));
    std::size_t body = definition + 24;
    Element ignored;
    return content(body, body + size, &subs, true, path, ignored, depth + 1);
  }

  Result<Substitutions> substitutions(std::size_t& at, std::size_t end) const {
    Reader r = reader(at, end);
    const std::uint32_t count = r.u32le();
    if (!r.ok() || count > most_substitutions) return complain("too many values", at);
    std::vector<std::pair<std::uint16_t, std::uint8_t>> heads;
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint16_t size = r.u16le();
      heads.emplace_back(size, r.u8());
      r.skip(1);
    }
    Substitutions out;
    for (const auto& [size, type] : heads) {
      const std::size_t offset = at + r.position();
      out.push_back({type, r.take(size), offset});
    }
    if (!r.ok()) return complain("values are cut off", at);
    at += r.position();
    return out;
  }

  Status open_element(std::size_t& at, std::size_t end, const Substitutions* subs, bool dependency,
                      const std::string& path, int depth) {
    Reader r = reader(at, end);
    const bool attributes = (r.u8() & 0x40) != 0;
    if (dependency) r.skip(2);
    r.skip(4);
    const std::uint32_t offset = r.u32le();
    if (!r.ok()) return complain("an element is cut off", at);
    at += r.position();
    CHIENG_TRY(const std::string own, name(offset, at));
    if (attributes) at += 4;
    Element element;
    CHIENG_CHECK(read_attributes(at, end, subs, element, depth));
    if (at >= end) return complain("an element does not end", at);
    const std::string inner = path.empty() ? own : path + '.' + own;
    if (inner.size() > max_json_path) return complain("names are too long", at);
    const auto token = std::to_integer<std::uint8_t>(chunk_[at++]);
    if (token == 0x02)
      CHIENG_CHECK(content(at, end, subs, dependency, inner, element, depth + 1));
    else if (token != 0x03)
      return complain("an element's start does not end", at);
    return emit(path, own, inner, element);
  }

  Status read_attributes(std::size_t& at, std::size_t end, const Substitutions* subs,
                         Element& element, int depth) {
    while (at < end && (std::to_integer<std::uint8_t>(chunk_[at]) & ~0x40) == 0x06) {
      Reader r = reader(at + 1, end);
      const std::uint32_t offset = r.u32le();
      if (!r.ok()) return complain("an attribute is cut off", at);
      at += 5;
      CHIENG_TRY(std::string key, name(offset, at));
      Element value;
      while (at < end && is_attribute_value(std::to_integer<std::uint8_t>(chunk_[at])))
        CHIENG_CHECK(text(at, end, subs, {}, value, depth));
      std::string joined;
      for (const TypedText& part : value.parts) joined += part.text;
      if (!value.omitted) element.attributes.emplace_back(std::move(key), std::move(joined));
    }
    return {};
  }
  static bool is_attribute_value(std::uint8_t token) {
    const int plain = token & ~0x40;
    return plain == 0x05 || plain == 0x08 || plain == 0x09 || plain == 0x0D || plain == 0x0E;
  }

  Status emit(const std::string& path, const std::string& own, const std::string& inner,
              const Element& element) {
    if (out_.size() + element.attributes.size() + element.parts.size() >= max_json_fields)
      return complain("too many fields", 0);
    std::string field = inner;
    const bool data = own == "Data" && path == "Event.EventData";
    for (const auto& [key, value] : element.attributes) {
      if (data && key == "Name" && !value.empty())
        field = path + '.' + value;
      else if (!data)
        out_.add(inner + ".#attributes." + key, value);
    }
    if (element.children || (element.omitted && element.parts.empty())) return {};
    if (element.list || element.parts.size() == 1) {
      for (const TypedText& part : element.parts) add(field, part);
      return {};
    }
    TypedText joined;
    for (const TypedText& part : element.parts) joined.text += part.text;
    if (!joined.text.empty() || element.attributes.empty() || data) add(field, joined);
    return {};
  }
  void add(const std::string& field, const TypedText& part) {
    if (part.integer)
      out_.add_integer(field, part.number, part.text);
    else
      out_.add(field, part.text);
  }

  Bytes chunk_;
  Record& out_;
  std::size_t tokens_ = 0;
};

}  // namespace

bool is_evtx_chunk(Bytes chunk) {
  return chunk.size() >= 512 && as_text(chunk).starts_with(std::string_view("ElfChnk\0", 8));
}

bool EvtxChunk::next(Item& item, Record& flat) {
  Reader header(chunk_);
  header.skip(48);
  const std::size_t end = std::min<std::size_t>(header.u32le(), chunk_.size());
  if (!header.ok() || at_ + 28 > end) return false;
  Reader r(chunk_.subspan(at_));
  const std::uint32_t magic = r.u32le(), size = r.u32le();
  item.id = r.u64le();
  if (magic != 0x00002A2A || size < 28 || size > end - at_) return false;
  Reader tail(chunk_.subspan(at_ + size - 4));
  if (tail.u32le() != size) return false;
  item.offset = at_;
  item.size = size;
  item.malformed.clear();
  flat.clear();
  if (const Status status = BinXml(chunk_, flat).read(at_ + 24, at_ + size - 4); !status)
    item.malformed = status.error().text;
  at_ += size;
  return true;
}

}  // namespace chieng::collector
