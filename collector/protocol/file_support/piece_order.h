// Pieces of a file by their offsets, in the order in which the file has them.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/bytes/bytes.h"

namespace chieng::collector {

// Holds at most kMostQueued bytes in kMostPieces pieces that came too early.
class PieceOrder {
 public:
  static constexpr std::size_t kMostQueued = 512 * 1024, kMostPieces = 64;

  class Sink {
   public:
    virtual ~Sink() = default;
    virtual void append(Bytes data) = 0;
    virtual void lose(std::uint64_t bytes) = 0;  // bytes that nobody waits for any longer
  };
  enum class Flaw : std::uint8_t { none, too_many_pieces, too_many_bytes };

  // A flaw: pieces that came too early are too many; what is missing in front is given up.
  [[nodiscard]] Flaw data(std::uint64_t offset, Bytes data, Sink& sink);
  void gap(std::uint64_t offset, std::uint64_t bytes, Sink& sink);
  // Nothing more will come: what waits is handed on, with what is missing in between as lost.
  void flush(Sink& sink);
  [[nodiscard]] std::uint64_t at() const { return at_; }  // everything before it was seen, or lost

 private:
  void keep_early(std::uint64_t offset, Bytes data);
  void append(Bytes data, Sink& sink);
  void lose(std::uint64_t bytes, Sink& sink);
  void drain(Sink& sink);

  std::uint64_t at_ = 0;
  std::map<std::uint64_t, std::string> early_;
  std::size_t queued_ = 0;
};

}  // namespace chieng::collector
