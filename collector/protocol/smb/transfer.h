// A file on its way in one direction: chunks by offset, put in order.
#pragma once

#include <optional>

#include "collector/protocol/file_support/piece_order.h"
#include "collector/protocol/smb/transaction.h"

namespace chieng::collector::smb {

// Holds what PieceOrder holds, besides what the transaction keeps for rules.
class FileTransfer final : private PieceOrder::Sink {
 public:
  FileTransfer(ParserHost& host, SmbTransaction& tx) : host_(host), tx_(tx) {}

  [[nodiscard]] SmbTransaction& tx() { return tx_; }
  // A chunk begins at that offset: what is wrong with it.
  [[nodiscard]] std::optional<Event> begin(std::uint64_t offset) const;
  // What was wrong: pieces that came too early are too many.
  std::optional<Event> data(std::uint64_t offset, Bytes data);
  void gap(std::uint64_t offset, std::uint64_t bytes) { order_.gap(offset, bytes, *this); }
  void finish(FileView::State state);

 private:
  [[nodiscard]] Transfer& transfer() { return std::get<Transfer>(tx_.detail); }
  void append(Bytes data) override;
  void lose(std::uint64_t bytes) override;

  ParserHost& host_;
  SmbTransaction& tx_;
  PieceOrder order_;
};

}  // namespace chieng::collector::smb
