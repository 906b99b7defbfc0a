// A call with its reply, or the calls that carry a file.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "collector/protocol/file_support/piece_order.h"
#include "collector/protocol/file_support/tracked_file.h"
#include "collector/protocol/file_support/window.h"
#include "collector/protocol/nfs/rpc.h"
#include "collector/protocol/nfs/spec.h"
#include "core/inspect/transaction.h"

namespace chieng::collector::nfs {

// A file that is read or written. At most kMostData bytes are kept for rules, and what PieceOrder
// holds.
struct TransferredFile {
  static constexpr std::uint64_t kMostData = 100'000;

  TransferredFile(std::string name, Direction d, const FileSettings& settings)
      : direction(d), tracked(std::move(name), d, settings), window({kMostData, 32 * 1024, 4096}) {}

  Direction direction;
  std::string handle;
  TrackedFile tracked;
  InspectionWindow window;
  PieceOrder order;
  std::optional<std::uint64_t> end;  // where it ends, once that was said
  bool last = false;
  std::uint32_t last_xid = 0, chunks = 0;
  std::uint32_t call = 0;  // the last WRITE's xid
};

class NfsTransaction final : public Transaction, private PieceOrder::Sink {
 public:
  NfsTransaction(AppProto proto, std::uint64_t id, bool datagrams)
      : Transaction(proto, id), datagrams_(datagrams) {}

  [[nodiscard]] std::optional<BufferSlice> buffer(unsigned local, Direction d,
                                                  std::uint32_t instance) const override;
  [[nodiscard]] std::optional<std::uint64_t> integer(unsigned local, Direction d,
                                                     std::uint32_t instance) const override;
  [[nodiscard]] std::optional<FileView> file(std::uint32_t number) const override;
  void write(JsonWriter& out) const override;
  // In TCP, who acknowledges the reply completes it.
  [[nodiscard]] Direction event_direction() const override {
    return datagrams_ ? Direction::to_client : Direction::to_server;
  }

  void file_data(std::uint64_t offset, Bytes data);
  void file_gap(std::uint64_t offset, std::uint64_t bytes);
  void finish_file(ParserHost& host, FileView::State state);
  void finish() {
    set_progress(Direction::to_server, kCallsDone);
    set_progress(Direction::to_client, kAnswered);
  }

  std::uint32_t xid = 0, version = 0, procedure = 0, status = 0;
  bool denied = false;
  Credentials credentials;
  std::string name, to;               // to: of RENAME
  std::optional<std::uint32_t> hash;  // of the file handle
  std::unique_ptr<TransferredFile> transfer;

 private:
  void append(Bytes data) override;
  void lose(std::uint64_t bytes) override;
  void write_rpc(JsonWriter& out) const;
  void write_transfer(JsonWriter& out) const;

  bool datagrams_;
};

}  // namespace chieng::collector::nfs
