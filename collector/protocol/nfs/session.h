// What one flow's NFS messages mean: replies joined to calls, handles to names, reads and writes to
// files.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "collector/protocol/nfs/compound.h"
#include "collector/protocol/nfs/transaction.h"
#include "collector/protocol/parser.h"

namespace chieng::collector::nfs {

// Where a message stands in the stream, for frames.
struct Place {
  std::uint64_t start = 0;  // of the record, its mark included
  std::uint64_t size = 0;   // with the mark
  bool framed = false;      // in one piece
};

// Bounded: kMostCalls that wait for a reply, kMostNames, kMostFiles under way (see
// TransferredFile); beyond, the oldest is done with.
class Session {
 public:
  static constexpr std::size_t kMostCalls = 512, kMostNames = 1024, kMostFiles = 48;

  Session(ParserHost& host, AppProto proto, bool datagrams)
      : host_(host), proto_(proto), datagrams_(datagrams) {}

  // What the beginning of a message says of the rest.
  enum class Head : std::uint8_t { more, whole, bulk };
  [[nodiscard]] Head look(Direction d, Bytes message, Bulk& bulk) const;
  // The message; where it has bulk data, only what is in front of them.
  void message(Direction d, Bytes message, const Place& place);
  // Then its data, and their end. lost: they are not complete.
  void bulk_data(Direction d, Bytes data);
  void bulk_gap(Direction d, std::uint64_t bytes);
  void bulk_end(Direction d);
  void malformed(Direction d);
  void end(Direction d);

 private:
  struct Pending {
    std::uint32_t xid = 0, version = 0, procedure = 0;
    NfsTransaction* tx = nullptr;
    std::string name = {}, handle = {};
    std::uint64_t offset = 0;  // of READ
    bool reads = false;        // by version 4
  };
  struct Chunk {  // of data that are coming
    NfsTransaction* tx = nullptr;
    std::uint64_t offset = 0;
    bool last = false;
  };

  [[nodiscard]] const Pending* pending(std::uint32_t xid) const;
  [[nodiscard]] Head look_at_call(Bytes message, Bulk& bulk) const;
  [[nodiscard]] Head look_at_reply(Bytes message, Bulk& bulk) const;

  void call(Bytes message, const Place& place);
  void call2(const Call& c);
  void call3(const Call& c, Reader in);
  void call4(const Call& c, Bytes body);
  void write(const Call& c, const std::string& handle, std::uint64_t offset, bool last);
  void commit(const std::string& handle, std::uint32_t xid, bool counts);
  void reply(Bytes message, const Place& place);
  void reply3(Pending& p, Reader in);
  void reply4(Pending& p, Bytes body);
  void read_data(NfsTransaction& tx, std::uint64_t offset, std::uint64_t length, bool end);
  void learn_names(Reader in);

  NfsTransaction& open(const Call& c);
  NfsTransaction& begin_file(const Call& c, const std::string& handle, Direction d);
  [[nodiscard]] NfsTransaction* file(const std::string& handle, Direction d);
  void end_file(NfsTransaction& tx, FileView::State state);
  void expect(Pending p);
  void learn(const std::string& handle, const std::string& name);
  [[nodiscard]] std::string name_of(const std::string& handle) const;
  void call_frames(const Call& c, const Place& place);
  void reply_frames(const Reply& r, const Pending* p, const Place& place);

  ParserHost& host_;
  AppProto proto_;
  bool datagrams_;
  std::vector<Pending> pending_;
  std::vector<NfsTransaction*> files_;
  std::array<Chunk, 2> chunks_;
  std::unordered_map<std::string, std::string> names_;  // by handle
};

}  // namespace chieng::collector::nfs
