// The Huffman code of HPACK strings (RFC 7541 5.2 and appendix B).
#pragma once

#include <optional>
#include <string>

#include "core/bytes/bytes.h"

namespace chieng::collector::http2 {

// Appends the decoded text. False where the input holds the end-of-string symbol, or its padding is
// not the beginning of that symbol or longer than 7 bits. At most 8/5 of the input come out.
[[nodiscard]] bool decode_huffman(Bytes in, std::string& out);

}  // namespace chieng::collector::http2
