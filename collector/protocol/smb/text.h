// Text as SMB sends it: UTF-16 in little-endian order, or bytes of an unknown code page.
#pragma once

#include <string>

#include "core/bytes/reader.h"

namespace chieng::collector::smb {

// To UTF-8; a lone surrogate becomes U+FFFD. An odd last byte is left out.
[[nodiscard]] std::string from_utf16(Bytes text);
// Up to a terminating zero, which is taken too: from_utf16 or the bytes as they are. At most `most`
// bytes are kept.
[[nodiscard]] std::string take_text(Reader& in, bool unicode, std::size_t most = 4096);

}  // namespace chieng::collector::smb
