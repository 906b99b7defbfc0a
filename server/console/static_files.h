// The console's files, embedded in the program: bytes that are there from start to end of the
// process. Immutable.
#pragma once

#include <span>
#include <string_view>

#include "server/api/http.h"

namespace chieng::server {

struct Asset {
  std::string_view path;  // "/index.html"
  std::string_view type;  // of the content
  std::string_view etag;  // quoted SHA-256
  std::string_view bytes;
};

// Sorted by path. Made at build time by console/embed.cmake.
[[nodiscard]] std::span<const Asset> console_assets();

class StaticFiles {
 public:
  explicit StaticFiles(std::span<const Asset> assets) : assets_(assets) {}

  // The file of that path; the page itself for addresses that the page makes up ("/groups/1"); 404
  // for anything else that looks like a file ("/assets/old.js"), so that a stale script never runs
  // as HTML.
  [[nodiscard]] HttpResponse answer(std::string_view path, std::string_view if_none_match) const;

 private:
  [[nodiscard]] const Asset* find(std::string_view path) const;
  std::span<const Asset> assets_;
};

}  // namespace chieng::server
