// Reads ASN.1 values in BER and DER (X.690, section 8) one after the other. Lengths are definite
// only, as LDAP and Kerberos demand and SNMP does in practice; nothing is copied, no length is
// trusted. How deep a value nests is the caller's own bound: this reader never recurses.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/bytes/bytes.h"

namespace chieng::collector::asn1 {

enum class Class : std::uint8_t { universal, application, context, private_use };

namespace tag {
inline constexpr std::uint32_t boolean = 1, integer = 2, octets = 4, oid = 6, enumerated = 10,
                               sequence = 16, set = 17;
}

struct Value {
  Class klass = Class::universal;
  bool constructed = false;
  std::uint32_t number = 0;  // of the tag
  Bytes content;
  std::size_t size = 0;  // with the head

  [[nodiscard]] bool is(std::uint32_t universal_tag) const {
    return klass == Class::universal && number == universal_tag;
  }
  [[nodiscard]] bool is_context(std::uint32_t n) const {
    return klass == Class::context && number == n;
  }
  [[nodiscard]] bool is_application(std::uint32_t n) const {
    return klass == Class::application && number == n;
  }
};

// The tag and length of a value whose content may not be there yet.
struct Head {
  Class klass = Class::universal;
  bool constructed = false;
  std::uint32_t number = 0;
  std::size_t head_size = 0;
  std::uint64_t content_size = 0;
};
enum class HeadState : std::uint8_t { whole, cut, bad };
[[nodiscard]] HeadState read_head(Bytes data, Head& out);

// Sticky: after a value that cannot be read nothing more comes.
class BerReader {
 public:
  explicit BerReader(Bytes data) : rest_(data) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] bool ok() const { return !failed_; }
  [[nodiscard]] std::optional<Value> next();
  // The next value where it is of that kind; anything else fails the reader.
  [[nodiscard]] std::optional<Value> expect(std::uint32_t universal_tag);
  // Looks at the next value without taking it.
  [[nodiscard]] std::optional<Value> peek() const;

 private:
  Bytes rest_;
  bool failed_ = false;
};

// Content of an INTEGER or ENUMERATED of at most eight bytes.
[[nodiscard]] std::optional<std::int64_t> integer(const Value& value);
[[nodiscard]] std::optional<bool> boolean(const Value& value);
// "1.3.6.1" (X.690, section 8.19); nothing where an arc is cut or larger than 64 bits.
[[nodiscard]] std::optional<std::string> oid(const Value& value);

}  // namespace chieng::collector::asn1
