// Physical lines of a header block, as lenient receivers take them.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "core/inspect/catalogue.h"

namespace chieng::collector::http {

struct HeaderLine {
  std::size_t begin = 0, end = 0;  // without its line end
  std::size_t next = 0;            // where the next line starts
  bool last = false;               // the blank line that ends the block
  bool deformed = false;           // an odd line end
};

// The line at block[at]. Nothing: what is there does not tell yet (never with at_end).
// A response's line ends at CRLF, LF, LFCR or a lone CR; a request's at CRLF or LF.
[[nodiscard]] std::optional<HeaderLine> next_header_line(std::string_view block, std::size_t at,
                                                         Direction direction, bool at_end);
// Whether a line that starts like this goes on with the line before it.
[[nodiscard]] bool continues_header(std::string_view line, Direction direction);

}  // namespace chieng::collector::http
