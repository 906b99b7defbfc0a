// The segments of a spool's folder, by id, with their headers read when they are asked for.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <vector>

#include "core/error/result.h"
#include "transport/spool/format.h"

namespace chieng {

class SegmentList {
 public:
  SegmentList(std::filesystem::path folder, Uuid spool, std::uint64_t epoch)
      : folder_(std::move(folder)), spool_(spool), epoch_(epoch) {}

  [[nodiscard]] Status refresh();  // lists the folder again
  [[nodiscard]] const std::vector<std::uint64_t>& ids() const { return ids_; }
  [[nodiscard]] std::size_t size() const { return ids_.size(); }
  [[nodiscard]] std::filesystem::path path(std::uint64_t id) const {
    return folder_ / segment_name(id);
  }
  // nullptr: unreadable, damaged, or of another spool.
  [[nodiscard]] const SegmentHeader* header(std::size_t index) const;
  // The segment to start from to find a sequence of a lane; 0 where it is older than all.
  [[nodiscard]] std::size_t locate(std::size_t lane, std::uint64_t sequence) const;

  void add(const SegmentHeader& header);
  void remove(std::size_t index);
  void truncate(std::uint64_t last_id);  // forgets ids above it

 private:
  std::filesystem::path folder_;
  Uuid spool_;
  std::uint64_t epoch_;
  std::vector<std::uint64_t> ids_;  // ascending
  mutable std::map<std::uint64_t, std::optional<SegmentHeader>> headers_;
};

}  // namespace chieng
