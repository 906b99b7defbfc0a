// Messages of SMB 1 ([MS-CIFS] section 2.2, [MS-SMB] section 2.2).
#pragma once

#include "collector/protocol/smb/messages.h"
#include "collector/protocol/smb/session.h"
#include "core/bytes/reader.h"

namespace chieng::collector::smb {

struct Header1 {
  static constexpr std::size_t kSize = 32;
  std::uint8_t command = 0, flags = 0;
  std::uint16_t flags2 = 0, tree = 0, user = 0, multiplex = 0;
  std::uint32_t process = 0;
  Status status;
  [[nodiscard]] bool is_response() const { return (flags & 0x80) != 0; }
  [[nodiscard]] bool is_unicode() const { return (flags2 & 0x8000) != 0; }
  [[nodiscard]] std::uint64_t key() const { return std::uint64_t{process} << 16 | multiplex; }
};
[[nodiscard]] std::optional<Header1> read_header1(Bytes message);

// One command's parameter words and data bytes; commands may be chained (AndX).
struct Block {
  std::uint8_t command = 0;
  std::uint8_t word_count = 0;
  Bytes words, data;
  std::size_t data_at = 0;  // of data in the message
};

class Messages1 final : public Messages {
 public:
  explicit Messages1(Session& session) : session_(session) {}
  std::optional<Chunk> transfer(Direction d, Bytes head) override;
  void message(Direction d, Bytes message) override;

 private:
  void request(const Header1& header, const Block& block, Bytes message);
  void response(const Header1& header, const Block& block, Bytes message);
  void negotiate(const Header1& header, const Block& block);
  void negotiated(const Header1& header, const Block& block, SmbTransaction& tx);
  void session_setup(const Header1& header, const Block& block);
  void set_up(const Header1& header, const Block& block, SmbTransaction& tx);
  void tree_connect(const Header1& header, const Block& block);
  void connected(const Header1& header, const Block& block, SmbTransaction& tx);
  void create(const Header1& header, const Block& block);
  void created(const Block& block, SmbTransaction& tx);
  void transact(const Header1& header, const Block& block, Bytes message);
  void transacted(const Header1& header, const Block& block, Bytes message, const Pending& pending);
  void set_by_transaction(const Header1& header, const Block& block, Bytes message);
  void write(const Header1& header, const Block& block, Bytes message);
  void was_read(const Header1& header, const Block& block, Bytes message, const Pending& pending);
  SmbTransaction& begin(const Header1& header, std::uint8_t command);
  [[nodiscard]] Origin origin(const Header1& header, std::uint8_t command) const;
  void wait(const Header1& header, std::uint8_t command, SmbTransaction* tx, std::string file = {},
            std::uint64_t offset = 0, std::uint16_t level = 0);

  Session& session_;
};

}  // namespace chieng::collector::smb
