// COMPOUND of NFS 4 (RFC 7530 and 5661 section 16): what its operations say that matters.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/bytes/reader.h"

namespace chieng::collector::nfs {

enum Operation : std::uint32_t {
  op_close = 4,
  op_commit = 5,
  op_create = 6,
  op_getattr = 9,
  op_getfh = 10,
  op_lock = 12,
  op_lookup = 15,
  op_open = 18,
  op_putfh = 22,
  op_read = 25,
  op_remove = 28,
  op_rename = 29,
  op_write = 38,
  op_exchange_id = 42
};

// File data in a message: where they begin and how long they are.
struct Bulk {
  std::size_t begin = 0;
  std::uint64_t length = 0;
};

struct Compound {
  struct Read {
    std::string handle;
    std::uint64_t offset = 0;
  };
  struct Write {
    std::string handle;
    std::uint64_t offset = 0;
    bool stable = false;  // on disk at once: no COMMIT follows
    Bulk data;
  };
  std::optional<Read> read;
  std::optional<Write> write;
  std::optional<std::string> closes, commits;  // handles
  std::uint32_t main = 0;                      // op_create, op_remove or op_rename; 0: none
  std::string main_handle, name, to;           // of that
  std::string found_name;                      // of the file whose handle is asked for
};
enum class Outcome : std::uint8_t { done, more, stopped };

// body: from the tag on; offsets in it. Stops at the data of a write, and at operations that cannot
// be skipped: what was found so far stays. more: the bytes ended in front of the last operation.
[[nodiscard]] Outcome read_compound(Bytes body, Compound& out);

struct CompoundReply {
  std::uint32_t status = 0;
  std::optional<std::string> handle;  // of the last GETFH
  bool end_of_file = false;           // of data
  std::optional<Bulk> data;           // of READ
};
// Stops at a read's data.
[[nodiscard]] Outcome read_compound_reply(Bytes body, CompoundReply& out);

}  // namespace chieng::collector::nfs
