// What NFS offers to rules, and the numbers by which its parts speak of it.
#pragma once

#include <cstdint>

#include "core/inspect/catalogue.h"

namespace chieng::collector::nfs {

// Of the client's side: its call was seen; nothing more belongs to it. Of the server's: answered.
inline constexpr std::uint8_t kCalled = 1, kCallsDone = 2, kAnswered = 1;

enum class Buffer : std::uint8_t { file_data, file_name, file_md5, file_sha1, file_sha256 };
enum class Integer : std::uint8_t { procedure, procedure_name, version, filesize };
enum class Event : std::uint16_t { malformed_data, too_many_transactions };
enum class Frame : std::uint8_t {
  rpc_pdu,
  rpc_hdr,
  rpc_data,
  rpc_creds,
  nfs_pdu,
  nfs_status,
  nfs4_pdu,
  nfs4_hdr,
  nfs4_ops,
  nfs4_status
};

extern const ProtocolSpec kSpec;

}  // namespace chieng::collector::nfs
