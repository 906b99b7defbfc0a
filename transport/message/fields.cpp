#include "transport/message/fields.h"

#include <algorithm>
#include <cstring>

#include "transport/spool/little.h"

namespace chieng {

void put_field(std::string& out, std::uint16_t tag, std::string_view value) {
  put_le(out, tag);
  put_le(out, static_cast<std::uint32_t>(value.size()));
  out += value;
}

Result<Fields> Fields::read(Bytes body, std::span<const FieldRule> rules) {
  Fields out;
  Reader in(body);
  while (!in.at_end()) {
    const std::uint16_t tag = in.u16le();
    const std::uint32_t size = in.u32le();
    const Bytes value = in.take(size);
    if (!in.ok()) return fail(ErrorCode::parse, "a field is cut short");
    const auto rule = std::ranges::find(rules, tag, &FieldRule::tag);
    if (rule == rules.end()) {
      if ((tag & kCritical) != 0)
        return fail(ErrorCode::unsupported,
                    "unknown critical field " + std::to_string(tag & ~kCritical));
      continue;
    }
    auto& values = out.values_[tag];
    if (size < rule->minimum || size > rule->maximum || values.size() == rule->most)
      return fail(ErrorCode::parse, "field " + std::to_string(tag & ~kCritical) +
                                        " has a wrong length or comes too often");
    values.push_back(value);
  }
  if (!in.ok()) return fail(ErrorCode::parse, "fields are cut short");
  for (const FieldRule& rule : rules)
    if ((rule.tag & kCritical) != 0 && rule.minimum > 0 && rule.most == 1 && !out.has(rule.tag))
      return fail(ErrorCode::parse,
                  "field " + std::to_string(rule.tag & ~kCritical) + " is missing");
  return out;
}

Reader Fields::one(std::uint16_t tag) const {
  const auto found = values_.find(tag);
  return Reader(found == values_.end() ? Bytes{} : found->second.front());
}

std::string Fields::text(std::uint16_t tag) const {
  return std::string(as_text(one(tag).rest()));
}

std::span<const Bytes> Fields::all(std::uint16_t tag) const {
  const auto found = values_.find(tag);
  return found == values_.end() ? std::span<const Bytes>{} : std::span<const Bytes>(found->second);
}

Uuid read_uuid(Reader& in) {
  Uuid out;
  const Bytes raw = in.take(out.bytes.size());
  if (raw.size() == out.bytes.size()) std::memcpy(out.bytes.data(), raw.data(), raw.size());
  return out;
}

}  // namespace chieng
