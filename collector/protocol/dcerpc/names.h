// Names of well-known interfaces and their procedures, as Microsoft's open specifications
// ([MS-SAMR], [MS-SCMR], [MS-NRPC] …) and C706 have them.
#pragma once

#include <optional>
#include <span>

#include "collector/protocol/dcerpc/pdu.h"

namespace chieng::collector::dcerpc {

struct InterfaceNames {
  Uuid uuid;
  std::string_view service;
  std::span<const std::string_view> procedures;  // by number; "" where it has no name

  [[nodiscard]] std::string_view procedure(std::optional<std::uint16_t> opnum) const {
    return opnum && *opnum < procedures.size() ? procedures[*opnum] : std::string_view{};
  }
};

// Null where the interface is not known.
[[nodiscard]] const InterfaceNames* find_interface(const Uuid& uuid);

}  // namespace chieng::collector::dcerpc
