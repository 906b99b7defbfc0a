// An IKE message as values. What is encrypted is not read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes/bytes.h"

namespace chieng::collector::ike {

// A data attribute of a version 1 transform (RFC 2408 section 3.3). Values of up to four bytes are
// numbers, longer ones hexadecimal.
struct Attribute {
  std::uint16_t type = 0;
  std::uint32_t number = 0;
  std::string hex;
  [[nodiscard]] bool is_number() const { return hex.empty(); }
};
using Attributes = std::vector<Attribute>;

struct Transform {  // version 2
  std::uint8_t type = 0;
  std::uint16_t id = 0;
};
struct Proposal {  // version 2
  std::uint8_t protocol = 0;
  std::vector<Transform> transforms;
};

// Bounded: kMaxPayloads payloads, and of each list below kMaxEntries.
struct Message {
  static constexpr std::size_t kMaxPayloads = 64, kMaxEntries = 64;

  std::string initiator, responder;  // SPIs, lower-case hexadecimal
  std::uint8_t first_payload = 0, version = 0, exchange = 0, flags = 0;
  std::uint32_t id = 0;
  std::vector<std::uint8_t> payloads;  // kinds, in order; version 2: up to the one that says "none"

  // version 1
  bool encrypted = false;
  std::optional<std::uint32_t> doi;
  std::vector<Attributes> transforms;
  std::optional<std::string> key_exchange, nonce;  // as sent
  std::vector<std::string> vendors;                // hexadecimal

  // version 2
  std::vector<Proposal> proposals;
  std::vector<std::uint16_t> notifies;

  [[nodiscard]] unsigned major() const { return version >> 4; }
};

// Whether the data can be the beginning of an exchange, or a message of one (strict: no usual port
// tells, so it has to be the first message and nothing else).
[[nodiscard]] bool is_message(Bytes data, bool strict);
[[nodiscard]] std::optional<Message> parse_message(Bytes data);

}  // namespace chieng::collector::ike
