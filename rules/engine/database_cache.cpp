#include "rules/engine/database_cache.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>
#include <vector>

#include "core/file/file.h"
#include "core/hash/digest.h"

namespace chieng::matching {
namespace {

namespace fs = std::filesystem;

// The version changes with what stands in the files; Hyperscan's own is part of the key.
constexpr std::string_view kMagic = "chieng database 1\n";
constexpr std::size_t kDigest = 64;  // hex
constexpr std::string_view kSuffix = ".hsdb";

}  // namespace

Result<DatabaseCache> DatabaseCache::open(fs::path folder) {
  std::error_code error;
  fs::create_directories(folder.parent_path(), error);
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    return fail_errno("cannot make the folder " + folder.string(), errno);
  struct stat facts{};
  if (lstat(folder.c_str(), &facts) != 0)
    return fail_errno("cannot look at " + folder.string(), errno);
  if (!S_ISDIR(facts.st_mode) || facts.st_uid != geteuid() || (facts.st_mode & 022u) != 0)
    return fail(ErrorCode::permission,
                fmt::format("{} is no folder that only this user can write to", folder.string()),
                "remove it, or make it this user's own with mode 0700");
  return DatabaseCache(std::move(folder));
}

fs::path DatabaseCache::file(std::string_view key) const {
  return folder_ / (std::string(key) + std::string(kSuffix));
}

std::optional<std::string> DatabaseCache::find(std::string_view key) const {
  auto text = read_file(file(key));
  if (!text || text->size() < kMagic.size() + kDigest || !text->starts_with(kMagic)) return {};
  const auto digest = std::string_view(*text).substr(kMagic.size(), kDigest);
  const auto body = std::string_view(*text).substr(kMagic.size() + kDigest);
  if (digest_hex(DigestKind::sha256, as_bytes(body)) != digest) return {};
  std::error_code error;  // the time of last use decides which go first
  fs::last_write_time(file(key), fs::file_time_type::clock::now(), error);
  return text->substr(kMagic.size() + kDigest);
}

void DatabaseCache::keep(std::string_view key, std::string_view database) const {
  std::string text(kMagic);
  text += digest_hex(DigestKind::sha256, as_bytes(database));
  text += database;
  (void)write_file_atomic(file(key), text, 0600);
}

void DatabaseCache::trim(std::uint64_t most) const {
  struct Entry {
    fs::file_time_type used;
    std::uint64_t size;
    fs::path path;
  };
  std::vector<Entry> entries;
  std::error_code error;
  for (fs::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
    std::error_code gone;
    if (at->path().extension() != kSuffix) continue;
    const Entry e{at->last_write_time(gone), at->file_size(gone), at->path()};
    if (!gone) entries.push_back(e);
  }
  std::ranges::sort(entries, std::ranges::greater{}, &Entry::used);
  std::uint64_t sum = 0;
  for (const Entry& e : entries) {
    sum += e.size;
    if (sum > most) fs::remove(e.path, error);
  }
}

}  // namespace chieng::matching
