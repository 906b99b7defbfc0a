#include "transport/spool/small_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "core/bytes/reader.h"

namespace chieng {
namespace {

constexpr mode_t kFileMode = 0640;
constexpr int kTornReads = 64;  // the writer copies 64 bytes: it cannot be half done for long

Status write_at(int fd, std::string_view bytes, std::uint64_t offset, const char* what) {
  const ssize_t n = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
  if (n < 0) return fail_errno(std::string("cannot write the spool's ") + what, errno);
  if (static_cast<std::size_t>(n) != bytes.size())
    return fail(ErrorCode::no_space,
                std::string("cannot write the spool's ") + what + ": short write");
  return {};
}

bool newer_format(Bytes slot) {
  Reader in(slot);
  return in.u32le() == 0x54415453 && in.u16le() > 1 && in.ok();
}

}  // namespace

Result<std::optional<SpoolState>> read_spool_state(const std::filesystem::path& folder) {
  const auto file = read_file(folder / "state", 4096);
  std::optional<SpoolState> best;
  if (!file) return best;
  const Bytes bytes = as_bytes(*file);
  for (std::size_t at = 0; at + kStateSlotBytes <= bytes.size() && at <= kStateSlotBytes;
       at += kStateSlotBytes) {
    const Bytes slot = bytes.subspan(at, kStateSlotBytes);
    if (newer_format(slot))
      return fail(ErrorCode::unsupported,
                  "the spool was written by a newer version of this program; install that version "
                  "again, or move the "
                  "folder aside (nothing in it was changed)",
                  folder.string());
    const auto state = decode_state_slot(slot);
    if (state && (!best || state->generation > best->generation)) best = state;
  }
  return best;
}

Status StateFile::open(const std::filesystem::path& folder, bool sync) {
  sync_ = sync;
  const auto path = folder / "state";
  fd_.reset(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kFileMode));
  if (!fd_) return fail_errno("cannot open " + path.string(), errno);
  return {};
}

Status StateFile::write(SpoolState& state) {
  ++state.generation;
  std::string slot;
  encode_state_slot(slot, state);
  CHIENG_CHECK(write_at(fd_.get(), slot, state.generation % 2 * kStateSlotBytes, "state"));
  if (sync_ && ::fdatasync(fd_.get()) != 0)
    return fail_errno("cannot sync the spool's state", errno);
  return {};
}

Status TailFile::open_for_writing(const std::filesystem::path& folder) {
  const auto path = folder / "tail";
  fd_.reset(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kFileMode));
  if (!fd_) return fail_errno("cannot open " + path.string(), errno);
  return {};
}

Status TailFile::open_for_reading(const std::filesystem::path& folder) {
  const auto path = folder / "tail";
  fd_.reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd_) return fail_errno("cannot open " + path.string(), errno);
  return {};
}

Status TailFile::write(const SpoolTail& tail) {
  std::string block;
  encode_tail(block, tail);
  return write_at(fd_.get(), block, 0, "tail");
}

std::optional<SpoolTail> TailFile::read() const {
  char bytes[kTailBytes];
  for (int i = 0; i < kTornReads; ++i) {
    const ssize_t n = ::pread(fd_.get(), bytes, sizeof bytes, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n != static_cast<ssize_t>(sizeof bytes)) return std::nullopt;
    if (const auto tail = decode_tail(as_bytes({bytes, sizeof bytes}))) return tail;
  }
  return std::nullopt;
}

}  // namespace chieng
