// Messages of SMB 2 and 3 ([MS-SMB2] section 2.2).
#pragma once

#include "collector/protocol/smb/messages.h"
#include "collector/protocol/smb/session.h"
#include "core/bytes/reader.h"

namespace chieng::collector::smb {

struct Header2 {
  static constexpr std::size_t kSize = 64;
  std::uint16_t command = 0;
  std::uint32_t status = 0, flags = 0, next = 0, tree = 0;
  std::uint64_t message = 0, session = 0;
  [[nodiscard]] bool is_response() const { return (flags & 1) != 0; }
  [[nodiscard]] bool is_async() const { return (flags & 2) != 0; }
  [[nodiscard]] bool is_related() const { return (flags & 4) != 0; }
};
[[nodiscard]] std::optional<Header2> read_header2(Bytes message);

class Messages2 final : public Messages {
 public:
  explicit Messages2(Session& session) : session_(session) {}
  std::optional<Chunk> transfer(Direction d, Bytes head) override;
  void message(Direction d, Bytes message) override;

 private:
  void request(const Header2& header, Bytes message);
  void response(const Header2& header, Bytes message);
  void negotiate(const Header2& header, Bytes message);
  void session_setup(const Header2& header, Bytes message);
  void tree_connect(const Header2& header, Bytes message);
  void create(const Header2& header, Bytes message);
  void read(const Header2& header, Bytes message);
  void write(const Header2& header, Bytes message);
  void control(const Header2& header, Bytes message);
  void set_info(const Header2& header, Bytes message);
  void negotiated(const Header2& header, Bytes message, SmbTransaction& tx);
  void connected(const Header2& header, Bytes message, SmbTransaction& tx);
  void created(const Header2& header, Bytes message, const Pending& pending, SmbTransaction& tx);
  void was_read(const Header2& header, Bytes message, const Pending& pending);
  void controlled(const Header2& header, Bytes message, const Pending& pending);
  SmbTransaction& begin(const Header2& header);
  [[nodiscard]] Origin origin(const Header2& header) const;
  void wait(const Header2& header, SmbTransaction* tx);

  Session& session_;
  std::string chain_name_;  // of the last create in a chain of related requests
};

}  // namespace chieng::collector::smb
