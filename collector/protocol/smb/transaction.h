// A command with its response, a file's transfer, or a remote call through a pipe.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "collector/protocol/dcerpc/call.h"
#include "collector/protocol/file_support/tracked_file.h"
#include "collector/protocol/file_support/window.h"
#include "collector/protocol/smb/ntlmssp.h"
#include "collector/protocol/smb/spec.h"
#include "core/inspect/transaction.h"

namespace chieng::collector::smb {

struct Negotiate {
  std::vector<std::string> dialects;
  std::string client_guid, server_guid;
  std::optional<std::uint32_t> max_read, max_write;
};
struct NativeNames {
  std::string os, lm;
};
struct SessionSetup {
  Credentials credentials;
  std::optional<NativeNames> request, response;  // SMB 1
};
struct TreeConnect {
  std::string share;
  bool is_pipe = false;
  std::optional<std::uint8_t> type;                              // SMB 2
  std::optional<std::string> service_request, service_response;  // SMB 1
};
struct Create {
  std::string name;
  bool directory = false, delete_on_close = false;
  std::uint32_t disposition = 0;
  std::int64_t created = 0, accessed = 0, modified = 0, changed = 0;  // Unix seconds
  std::uint64_t size = 0;
  std::string fuid;
};
struct Rename {
  std::string from, to, fuid;
};
struct SetDisposition {
  std::string name, fuid;
  bool delete_on_close = false;
};
struct Control {
  std::uint32_t code = 0;
};
// At most kMostData bytes are kept for rules.
struct Transfer {
  static constexpr std::uint64_t kMostData = 256 * 1024;
  std::string name, share, fuid;
  Direction direction;
  TrackedFile tracked;
  InspectionWindow window;
};

struct Status {
  bool nt = true;
  std::uint8_t dos_class = 0;
  std::uint32_t code = 0;
};

class SmbTransaction final : public Transaction {
 public:
  SmbTransaction(AppProto proto, std::uint64_t id, int smb_version, std::uint16_t smb_command)
      : Transaction(proto, id), version(smb_version), command(smb_command) {}

  [[nodiscard]] std::optional<BufferSlice> buffer(unsigned local, Direction d,
                                                  std::uint32_t instance) const override;
  [[nodiscard]] std::optional<std::uint64_t> integer(unsigned local, Direction d,
                                                     std::uint32_t instance) const override;
  void write(JsonWriter& out) const override;
  [[nodiscard]] std::optional<FileView> file(std::uint32_t number) const override;
  [[nodiscard]] bool is_done() const {
    return progress(Direction::to_server) > 0 && progress(Direction::to_client) > 0;
  }

  int version;  // 1, or 2 for SMB 2 and 3
  std::uint16_t command;
  std::string dialect;
  std::optional<Status> status;
  std::uint64_t session = 0;
  std::uint32_t tree = 0;
  std::variant<std::monostate, Negotiate, SessionSetup, TreeConnect, Create, Rename, SetDisposition,
               Control, Transfer, dcerpc::Call>
      detail;

 private:
  [[nodiscard]] std::optional<BufferSlice> file_buffer(Buffer b, Direction d) const;
};

}  // namespace chieng::collector::smb
