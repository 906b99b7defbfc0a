// An LDAP message as values (RFC 4511, section 4).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes/bytes.h"
#include "core/event/json_writer.h"
#include "core/inspect/catalogue.h"

namespace chieng::collector::ldap {

namespace op {
inline constexpr std::uint8_t bind_request = 0, bind_response = 1, unbind_request = 2,
                              search_request = 3, search_entry = 4, search_done = 5,
                              modify_request = 6, modify_response = 7, add_request = 8,
                              add_response = 9, del_request = 10, del_response = 11,
                              mod_dn_request = 12, mod_dn_response = 13, compare_request = 14,
                              compare_response = 15, abandon_request = 16, search_reference = 19,
                              extended_request = 23, extended_response = 24, intermediate = 25;
}

struct Attribute {
  std::string type;
  std::vector<std::string> values;
};
struct Change {
  std::int64_t operation = 0;
  Attribute attribute;
};
struct Search {
  std::int64_t scope = 0, deref = 0, size_limit = 0, time_limit = 0;
  bool types_only = false;
  std::optional<std::string> present;  // the filter, where it asks for an attribute's presence
  std::vector<std::string> attributes;
};
struct Sasl {
  std::string mechanism;
  std::optional<std::string> credentials;
};
struct ModifyDn {
  std::string new_rdn;
  bool delete_old = false;
  std::optional<std::string> new_superior;
};
struct Outcome {
  std::int64_t code = 0;
  std::string matched_dn, message;
  std::optional<std::string> server_credentials;
};

// One message; which members are filled depends on the operation. Bounded by the message's bytes.
struct Message {
  std::int64_t id = 0;
  std::uint8_t op = 0;
  std::size_t size = 0;           // bytes on the wire
  std::optional<std::string> dn;  // name, base, entry or object
  std::int64_t bind_version = 0;
  std::optional<Sasl> sasl;
  std::optional<Search> search;
  std::vector<Attribute> attributes;  // of an add request, of a search entry
  std::vector<Change> changes;
  std::optional<ModifyDn> modify_dn;
  std::optional<Attribute> assertion;     // of a compare request: one value
  std::optional<std::string> oid, value;  // of extended and intermediate messages
  std::optional<Outcome> outcome;

  [[nodiscard]] bool is_request() const;
};

// Nothing where it is malformed, or an operation that is none.
[[nodiscard]] std::optional<Message> parse(Bytes message);
// The operation of what begins like a message: sequence, number, application tag. needs_more where
// it is cut before that.
[[nodiscard]] std::optional<std::uint8_t> operation_of(Bytes data, bool& needs_more);
[[nodiscard]] bool is_request(std::uint8_t op);

[[nodiscard]] std::span<const NamedValue> operation_names();
[[nodiscard]] std::span<const NamedValue> result_names();
// Writes "operation" and the operation's own object.
void write_operation(JsonWriter& out, const Message& m, bool with_id_between);

}  // namespace chieng::collector::ldap
