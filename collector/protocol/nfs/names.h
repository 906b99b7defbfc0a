// Names of NFS' procedures (RFC 1094, 1813), operations (RFC 7530, 5661, 7862) and states.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "core/inspect/catalogue.h"

namespace chieng::collector::nfs {

// Its number where it has no name.
[[nodiscard]] std::string procedure_name(std::uint32_t version, std::uint32_t procedure);
[[nodiscard]] std::string status_name(std::uint32_t status);
// Procedures have other numbers in every version; a name has one number here.
[[nodiscard]] std::span<const NamedValue> procedure_names();
[[nodiscard]] std::optional<std::uint64_t> name_number(std::uint32_t version,
                                                       std::uint32_t procedure);

}  // namespace chieng::collector::nfs
