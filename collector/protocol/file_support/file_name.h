// Names of files in transfers.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace chieng::collector {

// A parameter of a header value such as Content-Disposition or Content-Type: "attachment;
// filename=\"a.txt\"" and "filename" give a.txt. Quotes and backslash escapes are taken off; the
// name is compared without case.
[[nodiscard]] std::optional<std::string> header_parameter(std::string_view value,
                                                          std::string_view name);

}  // namespace chieng::collector
