// A DNS message (RFC 1035) as values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/bytes/bytes.h"
#include "core/inspect/catalogue.h"
#include "core/memory/pool.h"
#include "core/net/address.h"

namespace chieng::collector::dns {

struct Name {
  PooledString text;  // labels joined by '.', bytes as sent
  bool truncated = false;
};

struct Question {
  Name name;
  std::uint16_t type = 0, klass = 0;
};

struct Soa {
  Name mname, rname;
  std::uint32_t serial = 0, refresh = 0, retry = 0, expire = 0, minimum = 0;
};
struct Srv {
  std::uint16_t priority = 0, weight = 0, port = 0;
  Name target;
};
struct Sshfp {
  std::uint8_t algorithm = 0, type = 0;
  PooledString fingerprint;  // hex with colons
};
struct Opt {
  std::uint16_t code = 0;
  PooledString data;
};
// PooledString: bytes as they are; Name: CNAME, NS, PTR, MX; the vectors: TXT strings, EDNS
// options.
using Rdata = std::variant<PooledString, IpAddress, Name, Soa, Srv, Sshfp,
                           PooledVector<PooledString>, PooledVector<Opt>>;

struct Record {
  Name name;
  std::uint16_t type = 0, klass = 0;
  std::uint32_t ttl = 0;
  Rdata data;
};

enum class Fault : std::uint8_t {
  none,
  malformed,
  name_too_long,
  infinite_loop,
  too_many_labels,
  authorities,
  additionals
};

// Bounded: a name keeps 1025 bytes, all names of a message together kNameBudget.
struct Message {
  static constexpr std::size_t kNameBudget = 256 * 1024;
  std::uint16_t id = 0, flags = 0;
  PooledVector<Question> questions;
  PooledVector<Record> answers, authorities, additionals;
  PooledVector<Fault>
      faults;  // what was wrong in a message of which at least the header could be read

  [[nodiscard]] bool is_response() const { return (flags & 0x8000) != 0; }
  [[nodiscard]] std::uint8_t opcode() const { return static_cast<std::uint8_t>(flags >> 11 & 15); }
  // With the upper bits of an OPT record (RFC 6891).
  [[nodiscard]] std::uint16_t rcode() const;
};

// Nothing where not even the questions can be read.
[[nodiscard]] std::optional<Message> parse(Bytes message);
// Whether these bytes can be the beginning of a message of `size` bytes.
[[nodiscard]] bool plausible(Bytes message, std::size_t size);

[[nodiscard]] std::string type_name(std::uint16_t type);    // "A"; "65280" where it has no name
[[nodiscard]] std::string rcode_name(std::uint16_t rcode);  // "NXDOMAIN"
[[nodiscard]] std::span<const NamedValue> type_names();
[[nodiscard]] std::span<const NamedValue> rcode_names();

}  // namespace chieng::collector::dns
