// The tagged fields of HELLO, WELCOME and enrolment frames.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes/bytes.h"
#include "core/bytes/reader.h"
#include "core/error/result.h"
#include "core/event/envelope.h"

namespace chieng {

inline constexpr std::uint16_t kCritical = 0x8000;

void put_field(std::string& out, std::uint16_t tag, std::string_view value);

struct FieldRule {
  std::uint16_t tag;
  std::size_t minimum, maximum;  // bytes of the value
  std::size_t most = 1;          // how often it may come
};

// Views into the body that was read.
class Fields {
 public:
  // Refuses what is cut short, too long or too many, missing critical fields and unknown critical
  // tags.
  [[nodiscard]] static Result<Fields> read(Bytes body, std::span<const FieldRule> rules);
  [[nodiscard]] Reader one(std::uint16_t tag) const;  // an empty reader where the field is absent
  [[nodiscard]] std::string text(std::uint16_t tag) const;
  [[nodiscard]] bool has(std::uint16_t tag) const { return values_.contains(tag); }
  [[nodiscard]] std::span<const Bytes> all(std::uint16_t tag) const;

 private:
  std::map<std::uint16_t, std::vector<Bytes>> values_;
};

[[nodiscard]] Uuid read_uuid(Reader& in);

}  // namespace chieng
