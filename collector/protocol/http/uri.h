// The request target: its parts, and the normal form that rules match.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/memory/pool.h"

namespace chieng::collector::http {

// Views into the target.
struct Uri {
  std::optional<std::string_view> authority;  // with userinfo and port, where the target has one
  std::string_view path;
  std::optional<std::string_view> query, fragment;  // without ? and #
};

// connect: the target is an authority alone, unless it begins as a path does.
[[nodiscard]] Uri split_uri(std::string_view target, bool connect);
// Path decoded (%HH, %uHHHH, UTF-8 to the closest single byte), slashes and dot segments resolved;
// query decoded once.
[[nodiscard]] PooledString normalised_uri(const Uri& uri);
[[nodiscard]] PooledString normalised_path(std::string_view path);

struct HostName {
  PooledString name;  // lower case, without userinfo, port and trailing dots
  std::optional<int> port;
  bool valid = true;  // the name may be one, and the port is a number from 1 to 65535
};
[[nodiscard]] HostName normalised_host(std::string_view host);

}  // namespace chieng::collector::http
