// Names as EVE writes them: commands, statuses, dialects, control codes ([MS-SMB2], [MS-CIFS],
// [MS-ERREF], [MS-FSCC]).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace chieng::collector::smb {

[[nodiscard]] std::string command_name(int version, std::uint16_t command);
[[nodiscard]] std::string_view nt_status_name(std::uint32_t status);  // empty: it has no name
[[nodiscard]] std::string_view dos_status_name(std::uint8_t klass, std::uint16_t code);
[[nodiscard]] std::string dialect_name(std::uint16_t dialect);  // of SMB 2 and 3
[[nodiscard]] std::string control_name(std::uint32_t code);     // FSCTL_…, or hexadecimal
[[nodiscard]] std::string_view disposition_name(std::uint32_t disposition);
[[nodiscard]] std::string_view share_type_name(std::uint8_t type);

}  // namespace chieng::collector::smb
