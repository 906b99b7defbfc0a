#include "collector/log/tail_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "core/hash/digest.h"

namespace chieng::collector {
namespace {

constexpr std::size_t most_siblings = 256;

Status fill(OpenFile& file, const std::string& name) {
  struct stat info{};
  if (::fstat(file.fd.get(), &info) != 0)
    return fail_errno(fmt::format("{} cannot be examined", name), errno);
  if (!S_ISREG(info.st_mode))
    return fail(ErrorCode::invalid_argument, fmt::format("{} is not a regular file", name));
  file.device = info.st_dev;
  file.inode = info.st_ino;
  file.size = static_cast<std::uint64_t>(info.st_size);
  file.modified = std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec;
  return {};
}

bool compressed(const std::string& name) {
  constexpr std::array<std::string_view, 5> suffixes{".gz", ".xz", ".bz2", ".zst", ".lz4"};
  return std::ranges::any_of(suffixes, [&](auto suffix) { return name.ends_with(suffix); });
}

// ".1", "-20260102", ".2026-01-02T03": what a rotation appends.
bool rotation_suffix(std::string_view suffix) {
  return suffix.find_first_of(".-_") == 0 && suffix.find_first_of("0123456789") != suffix.npos &&
         suffix.find_first_not_of("0123456789.-_:T") == suffix.npos;
}

struct Sibling {
  std::filesystem::path path;
  std::int64_t modified = 0;
  bool continues = false;
  bool rotated = false;  // by its name
};

}  // namespace

Result<OpenFile> open_file(const std::filesystem::path& path) {
  OpenFile out;
  out.fd.reset(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY));
  if (!out.fd && errno == ENOENT) return out;
  if (!out.fd && errno == ELOOP)
    return fail(
        ErrorCode::invalid_argument,
        fmt::format("{} is a symbolic link: name the file that it points to", path.string()));
  if (!out.fd) return fail_errno(fmt::format("{} cannot be opened", path.string()), errno);
  CHIENG_CHECK(fill(out, path.string()));
  return out;
}

Status refresh(OpenFile& file) {
  return fill(file, "a followed file");
}

std::optional<std::uint64_t> fingerprint_of(const OpenFile& file, std::uint32_t size) {
  std::array<char, fingerprint_bytes> head{};
  if (size > head.size()) return std::nullopt;
  std::size_t have = 0;
  while (have < size) {
    const ssize_t got =
        ::pread(file.fd.get(), head.data() + have, size - have, static_cast<off_t>(have));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return std::nullopt;
    have += static_cast<std::size_t>(got);
  }
  const std::string hash =
      digest(DigestKind::sha256, as_bytes(std::string_view(head.data(), size)));
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < 8; ++i) out = out << 8 | static_cast<std::uint8_t>(hash[i]);
  return out;
}

bool continues(const OpenFile& file, const TailPosition& position) {
  if (file.size < position.offset) return false;
  return position.fingerprint_size == 0 ||
         fingerprint_of(file, position.fingerprint_size) == position.fingerprint;
}

std::vector<std::filesystem::path> rotated_siblings(const std::filesystem::path& path,
                                                    const TailPosition& position) {
  std::vector<Sibling> found;
  std::error_code error;
  const std::string base = path.filename().string();
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  for (std::filesystem::directory_iterator at(folder, error), end;
       !error && at != end && found.size() < most_siblings; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (name == base || !name.starts_with(base) || compressed(name)) continue;
    auto file = open_file(at->path());
    if (!file || !*file) continue;
    // Without a fingerprint only the number tells a file; with one, its beginning does, whatever
    // the number.
    const bool same = file->device == position.device && file->inode == position.inode;
    const bool held = (same || position.fingerprint_size > 0) && continues(*file, position);
    found.push_back({at->path(), file->modified, held,
                     rotation_suffix(std::string_view(name).substr(base.size()))});
  }
  std::ranges::sort(found, [](const Sibling& a, const Sibling& b) {
    return a.modified != b.modified ? a.modified < b.modified : a.path > b.path;
  });
  const auto first = std::ranges::find_if(found, &Sibling::continues);
  std::vector<std::filesystem::path> out;
  for (auto at = first; at != found.end(); ++at)
    if (at == first || at->rotated) out.push_back(at->path);
  return out;
}

}  // namespace chieng::collector
