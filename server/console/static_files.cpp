#include "server/console/static_files.h"

#include <algorithm>

#include "server/api/problem.h"

namespace chieng::server {
namespace {

bool looks_like_a_file(std::string_view path) {
  return path.starts_with("/assets/") ||
         path.substr(path.rfind('/')).find('.') != std::string_view::npos;
}

// Vite names what is under /assets/ after its content; everything else may change under its name.
std::string_view caching(std::string_view path) {
  return path.starts_with("/assets/") ? "public, max-age=31536000, immutable" : "no-cache";
}

}  // namespace

const Asset* StaticFiles::find(std::string_view path) const {
  const auto it = std::ranges::lower_bound(assets_, path, {}, &Asset::path);
  return it != assets_.end() && it->path == path ? &*it : nullptr;
}

HttpResponse StaticFiles::answer(std::string_view path, std::string_view if_none_match) const {
  const Asset* asset = find(path);
  if (!asset && !looks_like_a_file(path)) asset = find("/index.html");
  if (!asset) return problem(404, code::not_found, "there is no such file in the console");
  HttpResponse response;
  response.set("ETag", std::string(asset->etag))
      .set("Cache-Control", std::string(caching(asset->path)));
  if (etag_matches(if_none_match, asset->etag)) {
    response.status = 304;
    return response;
  }
  response.set("Content-Type", std::string(asset->type));
  response.fixed_body = asset->bytes;
  return response;
}

}  // namespace chieng::server
