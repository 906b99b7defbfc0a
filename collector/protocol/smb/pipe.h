// Remote calls through a named pipe.
#pragma once

#include <array>
#include <functional>
#include <vector>

#include "collector/protocol/smb/transaction.h"

namespace chieng::collector::smb {

// One open pipe. Holds at most a fragment (64 KiB) a direction; at most kMostCalls calls wait, with
// kMostStub bytes together.
class Pipe {
 public:
  static constexpr std::size_t kMostCalls = 64, kMostStub = std::size_t{1} << 20;
  using Begin = std::function<SmbTransaction&()>;         // a transaction for a new call
  using Complete = std::function<void(SmbTransaction&)>;  // of a call that is over

  // False: what was given is no DCERPC.
  bool data(Direction d, Bytes data, const Begin& begin, const Complete& complete);
  // Gives up calls without a response: to_server is complete all the same.
  void end();

 private:
  void pdu(Direction d, const dcerpc::Header& header, Bytes pdu, const Begin& begin,
           const Complete& complete);
  [[nodiscard]] SmbTransaction* find(Direction d, const dcerpc::Header& header) const;
  SmbTransaction& open(const dcerpc::Header& header, const Begin& begin, const Complete& complete);
  void over(SmbTransaction& tx, const Complete& complete);

  dcerpc::Contexts contexts_;
  std::array<std::vector<std::byte>, 2> held_;
  std::vector<SmbTransaction*> calls_;
  std::size_t stub_ = 0;
};

}  // namespace chieng::collector::smb
