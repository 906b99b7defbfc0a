// A file on its way in one direction: chunks by offset, put in order.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "collector/protocol/smb/transaction.h"

namespace chieng::collector::smb {

// Holds at most kMostQueued bytes in kMostChunks pieces that came too early, besides what the
// transaction keeps for rules.
class FileTransfer {
 public:
  static constexpr std::size_t kMostQueued = 512 * 1024, kMostChunks = 64;

  FileTransfer(ParserHost& host, SmbTransaction& tx) : host_(host), tx_(tx) {}

  [[nodiscard]] SmbTransaction& tx() { return tx_; }
  // A chunk begins at that offset: what is wrong with it.
  [[nodiscard]] std::optional<Event> begin(std::uint64_t offset) const;
  // What was wrong: pieces that came too early are too many.
  std::optional<Event> data(std::uint64_t offset, Bytes data);
  void gap(std::uint64_t offset, std::uint64_t bytes);
  void finish(FileView::State state);

 private:
  [[nodiscard]] Transfer& transfer() { return std::get<Transfer>(tx_.detail); }
  void keep_early(std::uint64_t offset, Bytes data);
  void append(Bytes data);
  void lose(std::uint64_t bytes);
  void drain();

  ParserHost& host_;
  SmbTransaction& tx_;
  std::uint64_t at_ = 0;  // everything before it was seen, or lost
  std::map<std::uint64_t, std::string> early_;
  std::size_t queued_ = 0;
};

}  // namespace chieng::collector::smb
