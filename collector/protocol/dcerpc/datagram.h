// DCERPC over UDP (version 4).
#pragma once

#include "collector/protocol/dcerpc/stream.h"

namespace chieng::collector::dcerpc {

// The header of the connectionless protocol: C706 section 12.5.
struct DatagramHeader {
  static constexpr std::size_t kSize = 80;
  PduType type = PduType::request;
  std::uint8_t flags = 0;
  bool little = true;
  Uuid interface{}, activity{};
  std::uint32_t version = 0, sequence = 0;
  std::uint16_t opnum = 0, length = 0, fragment = 0;
  [[nodiscard]] bool is_fragmented() const { return (flags & 4) != 0; }
  [[nodiscard]] bool is_last() const { return (flags & 2) != 0; }
};
[[nodiscard]] std::optional<DatagramHeader> read_datagram_header(Bytes data);

// Holds only its open calls.
class DatagramParser final : public Parser {
 public:
  DatagramParser(ParserHost& host, AppProto proto) : host_(host), proto_(proto) {}
  void data(Direction d, Bytes data) override;
  void gap(Direction, std::uint64_t) override {}
  void end(Direction d) override { calls_.end(d); }

 private:
  DcerpcTransaction& call_of(Direction d, const DatagramHeader& header);

  ParserHost& host_;
  AppProto proto_;
  OpenCalls calls_;
};

}  // namespace chieng::collector::dcerpc
