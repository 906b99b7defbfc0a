// What IKE's numbers are called in EVE (names as Suricata writes them; numbers: IANA's registries
// "IKE Attributes" and "IKEv2 Parameters").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace chieng::collector::ike {

[[nodiscard]] std::string payload_name(unsigned major,
                                       std::uint8_t kind);  // empty: version 1, none
[[nodiscard]] std::string notify_name(std::uint16_t type);

// Version 1: an attribute's key ("alg_enc") and what its value means ("Unknown" where nothing).
[[nodiscard]] std::string_view attribute_key(std::uint16_t type);
[[nodiscard]] std::string_view attribute_value(std::uint16_t type, std::uint32_t value);

// Version 2: a transform's id, by its type.
enum class TransformType : std::uint8_t { encryption = 1, prf, integrity, group, esn };
[[nodiscard]] std::string transform_name(TransformType type, std::uint16_t id);

}  // namespace chieng::collector::ike
