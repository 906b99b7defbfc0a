// What one SMB connection has said so far, for every version of the protocol: trees, open files,
// pipes, requests without an answer. Owned by the parser.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "collector/protocol/parser.h"
#include "collector/protocol/smb/pipe.h"
#include "collector/protocol/smb/transaction.h"
#include "collector/protocol/smb/transfer.h"

namespace chieng::collector::smb {

// The header's members that transactions show, of either version.
struct Origin {
  int version = 2;
  std::uint16_t command = 0;
  std::uint64_t session = 0;
  std::uint32_t tree = 0;
  std::optional<Status> status = {};  // responses
};

struct Tree {
  std::string name;
  bool is_pipe = false;
};

// A request that waits for its response. tx: null where it is no transaction of its own.
struct Pending {
  std::uint16_t command = 0;
  SmbTransaction* tx = nullptr;
  std::uint32_t tree = 0;
  std::string file = {};  // its identifier as sent
  std::uint64_t offset = 0;
  std::uint16_t level = 0;  // what a request asks for, where it matters
};

struct OpenFile {
  std::string name;
  std::unique_ptr<Pipe> pipe;
  std::array<std::unique_ptr<FileTransfer>, 2> transfers;  // by direction of the data
};

// Bounded: kMostTrees, kMostFiles, kMostPending, kMostTransfers (each with Transfer::kMostData for
// rules), and what pipes and transfers hold.
class Session {
 public:
  static constexpr std::size_t kMostTrees = 256, kMostFiles = 1024, kMostPending = 512,
                               kMostTransfers = 48;
  static constexpr std::uint32_t kMostSize = std::uint32_t{16} << 20;  // of a read or write

  Session(ParserHost& host, AppProto proto) : host_(host), proto_(proto) {}

  [[nodiscard]] ParserHost& host() { return host_; }
  SmbTransaction& begin(const Origin& origin);
  // Both sides are complete.
  void complete(SmbTransaction& tx, const Origin& response);
  void event(SmbTransaction& tx, Event e, Direction d);
  // A flaw that belongs to no transaction.
  void flaw(Event e, Direction d, int version);

  void add_pending(std::uint64_t key, Pending pending);
  // Takes it out; nothing where the request was not seen.
  std::optional<Pending> take_pending(std::uint64_t key);
  void forget(const SmbTransaction& tx);  // it was answered otherwise
  [[nodiscard]] Pending* find_pending(std::uint64_t key);

  void set_tree(std::uint32_t id, Tree tree);
  [[nodiscard]] const Tree* tree(std::uint32_t id) const;
  void set_file_name(const std::string& id, std::string name);
  [[nodiscard]] std::string file_name(const std::string& id) const;  // "<unknown>"

  // Whether what travels to or from a file is a remote call. data: the first bytes of it.
  [[nodiscard]] bool is_pipe(std::uint32_t tree, const std::string& file, Bytes data) const;
  // False: it was none.
  bool pipe_data(Direction d, const std::string& file, const Origin& origin, Bytes data);

  // A chunk of a file begins.
  void begin_chunk(Direction d, const std::string& file, const std::string& shown,
                   const Origin& origin, std::uint64_t offset);
  void file_data(Direction d, const std::string& file, std::uint64_t offset, Bytes data);
  void file_gap(Direction d, const std::string& file, std::uint64_t offset, std::uint64_t bytes);
  void transfer_event(Direction d, const std::string& file, Event e);
  void set_transfer_status(Direction d, const std::string& file, const Status& status);
  void end_transfer(Direction d, const std::string& file, FileView::State state);
  void close(const std::string& file);
  // Nothing follows in that direction.
  void end(Direction d);

  std::string dialect = "unknown";
  SmbTransaction* negotiation = nullptr;      // without an answer
  std::uint32_t max_read = 0, max_write = 0;  // as agreed on; 0: not known

 private:
  [[nodiscard]] FileTransfer* transfer(Direction d, const std::string& file);
  OpenFile& open_file(const std::string& id);

  ParserHost& host_;
  AppProto proto_;
  std::map<std::uint64_t, Pending> pending_;
  std::map<std::uint32_t, Tree> trees_;
  std::map<std::string, OpenFile> files_;
  std::size_t transfers_ = 0;
};

}  // namespace chieng::collector::smb
