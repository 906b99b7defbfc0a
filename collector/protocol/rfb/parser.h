// Reads RFB's handshake (RFC 6143 section 7.1 to 7.3 and, for versions 3.3 and 3.7, appendix A).
#pragma once

#include <array>
#include <vector>

#include "collector/protocol/parser.h"
#include "collector/protocol/rfb/transaction.h"
#include "core/bytes/reader.h"

namespace chieng::collector::rfb {

// Keeps, each direction, what its turn has not come for yet: kMaxHeld bytes.
class RfbParser final : public Parser {
 public:
  static constexpr std::size_t kMaxHeld = 8192, kMaxText = 4096;

  RfbParser(ParserHost& host, AppProto proto);
  void data(Direction d, Bytes data) override;
  void gap(Direction d, std::uint64_t bytes) override;
  void end(Direction d) override;

 private:
  // Whose turn it is and with what.
  enum class Stage : std::uint8_t {
    server_version,
    client_version,
    server_choice,  // 3.3: the server decides
    types,
    client_choice,
    challenge,
    response,
    result,
    reason,
    client_init,
    server_init,
    done
  };
  [[nodiscard]] Direction turn() const;
  bool step(Reader& in);  // false: not all of the message is there
  bool version(Reader& in);
  bool choice(std::uint32_t type);
  bool result(Reader& in);
  bool reason(Reader& in);
  bool server_init(Reader& in);
  bool text(Reader& in, std::string& out);
  void fail(Event e);
  void finish();

  ParserHost& host_;
  RfbTransaction* tx_;  // null once it is complete: it is no longer ours
  Stage stage_ = Stage::server_version;
  unsigned minor_ = 8;  // 3, 7 or 8: what both sides go by
  std::array<std::vector<std::byte>, 2> held_;
  std::array<std::uint64_t, 2> ends_{};  // of what is held, in the stream
};

}  // namespace chieng::collector::rfb
