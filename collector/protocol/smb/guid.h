// Identifiers of SMB as text.
#pragma once

#include <string>

#include "core/bytes/bytes.h"

namespace chieng::collector::smb {

// 16 bytes of a GUID or of a file identifier, in the way EVE has them: groups of 4, 2, 2, 2, 2 and
// 4 bytes as little-endian numbers, the last two without a dash. Other sizes: the bytes as one
// little-endian number.
[[nodiscard]] std::string guid_text(Bytes bytes);

}  // namespace chieng::collector::smb
