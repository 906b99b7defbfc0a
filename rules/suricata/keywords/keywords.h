// Every keyword of the rule language in one list; each family's file has its own part of it.
#pragma once

#include <span>
#include <string_view>

#include "rules/suricata/builder.h"

namespace chieng::suricata {

enum class Value : std::uint8_t { none, optional, required };

struct Keyword {
  std::string_view name;
  Value value = Value::required;
  Status (*parse)(Builder& builder, std::string_view value);
};

namespace keywords {
[[nodiscard]] std::span<const Keyword> meta();
[[nodiscard]] std::span<const Keyword> content();
// The bytes that a quoted pattern means: |hex| and escapes resolved.
[[nodiscard]] Result<std::string> pattern_bytes(std::string_view text);
[[nodiscard]] std::span<const Keyword> regex();
[[nodiscard]] std::span<const Keyword> size();
[[nodiscard]] std::span<const Keyword> bytes();
[[nodiscard]] std::span<const Keyword> base64();
[[nodiscard]] std::span<const Keyword> transforms();
[[nodiscard]] std::span<const Keyword> flow();
[[nodiscard]] std::span<const Keyword> bits();
[[nodiscard]] std::span<const Keyword> threshold();
[[nodiscard]] std::span<const Keyword> packet();
[[nodiscard]] std::span<const Keyword> packet_buffers();
[[nodiscard]] std::span<const Keyword> events();
[[nodiscard]] std::span<const Keyword> files();
[[nodiscard]] std::span<const Keyword> frames();
[[nodiscard]] std::span<const Keyword> dataset();
[[nodiscard]] std::span<const Keyword> tls();
[[nodiscard]] std::span<const Keyword> ssh();
[[nodiscard]] std::span<const Keyword> kerberos();
[[nodiscard]] std::span<const Keyword> dcerpc();
[[nodiscard]] std::span<const Keyword> http2();
[[nodiscard]] std::span<const Keyword> ftp();
[[nodiscard]] std::span<const Keyword> ike();
[[nodiscard]] std::span<const Keyword> dnp3();
[[nodiscard]] std::span<const Keyword> mqtt();
[[nodiscard]] std::span<const Keyword> modbus();
[[nodiscard]] std::span<const Keyword> enip();
[[nodiscard]] std::span<const Keyword> nfs();
}  // namespace keywords

// Null where there is no such keyword of our own; buffers and integers of protocols come from the
// catalogue.
[[nodiscard]] const Keyword* find_keyword(std::string_view name);
// Runs one option: our own keyword, a buffer, a modifier or an integer of the catalogue, or a
// failure that says why.
[[nodiscard]] Status apply_option(Builder& builder, const RawOption& option);
// Whether a keyword can be used: for `requires: keyword`.
[[nodiscard]] bool knows_keyword(const Catalogue& catalogue, std::string_view name);

}  // namespace chieng::suricata
