// Ids between their text in the files and their values.
#pragma once

#include <string_view>

#include "core/event/envelope.h"

namespace chieng::server {

[[nodiscard]] inline Uuid uuid_of(std::string_view text) {
  return parse_uuid(text).value_or(Uuid{});
}

}  // namespace chieng::server
