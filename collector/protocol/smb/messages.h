// What the framing and the two versions of the protocol share.
#pragma once

#include <optional>
#include <string>

#include "core/bytes/bytes.h"
#include "core/inspect/catalogue.h"

namespace chieng::collector::smb {

// File data inside a message: where they stand and to which file they belong.
struct Chunk {
  std::string file;
  std::uint64_t offset = 0;  // in the file
  std::size_t begin = 0;     // in the message
  std::uint64_t length = 0;
};

// One version's messages. The framing gives each message once: as a chunk where transfer() says
// that it is one (then its data go to the session piece by piece), otherwise whole.
class Messages {
 public:
  virtual ~Messages() = default;
  // head: at least 128 bytes of the message, or all of it. Nothing, and nothing done, where it is
  // no transfer of file data.
  virtual std::optional<Chunk> transfer(Direction d, Bytes head) = 0;
  // May be cut off at the framing's limit.
  virtual void message(Direction d, Bytes message) = 0;
};

// The part of a message that its header points to; empty where it is not inside.
[[nodiscard]] inline Bytes part_of(Bytes message, std::size_t offset, std::size_t length) {
  if (offset > message.size() || length > message.size() - offset) return {};
  return message.subspan(offset, length);
}

// From Windows' count of 100 ns since 1601; 0 where it lies before 1970.
[[nodiscard]] inline std::int64_t unix_seconds(std::uint64_t filetime) {
  constexpr std::uint64_t kEpoch = 11'644'473'600;
  const std::uint64_t seconds = filetime / 10'000'000;
  return seconds > kEpoch ? static_cast<std::int64_t>(seconds - kEpoch) : 0;
}

}  // namespace chieng::collector::smb
