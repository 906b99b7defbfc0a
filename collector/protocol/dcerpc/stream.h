// DCERPC over TCP (version 5).
#pragma once

#include <vector>

#include "collector/protocol/dcerpc/transaction.h"
#include "collector/protocol/parser.h"

namespace chieng::collector::dcerpc {

// Calls that still miss a side; each is a live transaction, which the flow keeps as long. At most
// kMost: the oldest is given up. They hold at most kMostStub bytes together.
class OpenCalls {
 public:
  static constexpr std::size_t kMost = 256, kMostStub = std::size_t{4} << 20;

  void add(DcerpcTransaction* tx);
  // The youngest for which test holds; null where there is none.
  template <class Test>
  [[nodiscard]] DcerpcTransaction* find(Test test) const {
    for (std::size_t i = open_.size(); i-- > 0;)
      if (test(*open_[i])) return open_[i];
    return nullptr;
  }
  // Adds a fragment; the call is forgotten once both sides are done.
  void add(DcerpcTransaction& tx, Direction d, const Header& header, const Fragment& fragment);
  void mark(DcerpcTransaction& tx, Direction d, PduType type, bool little);
  void end(Direction d);  // nothing follows in that direction

 private:
  void settle(DcerpcTransaction& tx);
  std::vector<DcerpcTransaction*> open_;
  std::size_t held_ = 0;
};

// Holds at most a fragment (64 KiB) and a segment a direction, besides the calls.
class StreamParser final : public Parser {
 public:
  StreamParser(ParserHost& host, AppProto proto) : host_(host), proto_(proto) {}
  void data(Direction d, Bytes data) override;
  void gap(Direction d, std::uint64_t bytes) override;
  void end(Direction d) override;

 private:
  void frames(Direction d, const Header& header, std::uint64_t at);
  void pdu(Direction d, const Header& header, Bytes pdu);
  void bind(const Header& header, Bytes pdu);
  void answer_bind(const Header& header, Bytes pdu);
  void fragment(Direction d, const Header& header, Bytes pdu);
  DcerpcTransaction& call_of(Direction d, const Header& header);
  DcerpcTransaction& open(std::uint32_t call_id);

  ParserHost& host_;
  AppProto proto_;
  std::array<std::vector<std::byte>, 2> held_;
  std::array<std::uint64_t, 2> framed_{};  // where the last fragment with frames ends
  std::array<std::uint64_t, 2> skip_{};    // bytes left of a fragment that is not whole
  std::array<bool, 2> lost_{};             // where the next fragment begins is not known
  Contexts contexts_;
  OpenCalls calls_;
};

}  // namespace chieng::collector::dcerpc
