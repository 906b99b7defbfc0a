// Reads SSH's version exchange and the packets in front of the encryption (RFC 4253 sections 4.2, 6
// and 7).
#pragma once

#include <array>
#include <string>
#include <vector>

#include "collector/protocol/parser.h"
#include "collector/protocol/ssh/transaction.h"

namespace chieng::collector::ssh {

// Keeps, each direction, a banner line (kMaxBanner) or one KEXINIT packet (kMaxKexinit); other
// packets are stepped over.
class SshParser final : public Parser {
 public:
  static constexpr std::size_t kMaxBanner = 256;
  static constexpr std::size_t kMaxKexinit = 65535;

  SshParser(ParserHost& host, AppProto proto);
  void data(Direction d, Bytes data) override;
  void gap(Direction d, std::uint64_t bytes) override;
  void end(Direction d) override;

 private:
  enum class Stage : std::uint8_t { banner, rest_of_line, header, body, done };
  struct Side {
    Stage stage = Stage::banner;
    std::string line;
    std::array<std::byte, 6> header{};  // length, padding length and the message's number
    std::size_t header_bytes = 0;
    std::uint64_t header_at = 0;  // in the stream
    std::uint64_t left = 0;       // of the current packet
    bool keep = false;            // its body is wanted
    std::vector<std::byte> body;
  };
  void banner(Direction d, Bytes& data);
  bool take_banner(Direction d, std::string_view line);
  void rest_of_line(Direction d, Bytes& data);
  void after_banner(Direction d);
  void header(Direction d, Bytes& data);
  void body(Direction d, Bytes& data);
  void frames(Direction d, std::uint64_t length);
  void end_packet(Direction d);
  void new_keys(Direction d);
  void event(Event e, Direction d) { host_.event(tx_, static_cast<std::uint16_t>(e), d); }
  void give_up(Direction d);

  ParserHost& host_;
  SshTransaction* tx_;  // null once both sides are complete: it is no longer ours
  std::array<Side, 2> sides_;
  std::uint64_t end_ = 0;  // of the present data, in the stream
};

}  // namespace chieng::collector::ssh
