// Inside of SpoolWriter, cut into files by task: recovery.cpp opens, writer.cpp appends and syncs,
// room.cpp frees space.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/file/file.h"
#include "transport/spool/scanner.h"
#include "transport/spool/segment_list.h"
#include "transport/spool/small_files.h"
#include "transport/spool/writer.h"

namespace chieng {

using Checkpoints = std::map<std::string, std::string, std::less<>>;

struct SpoolWriter::State {
  State(std::filesystem::path f, const SpoolSettings& s, const SpoolState& id)
      : folder(f), settings(s), state(id), segments(std::move(f), id.spool, id.epoch) {}

  const std::filesystem::path folder;
  const SpoolSettings settings;
  UniqueFd lock;
  SpoolState state;
  StateFile state_file;
  TailFile tail_file;
  SegmentList segments;
  std::map<std::uint64_t, std::uint64_t> sizes;  // of each segment on disk

  struct Active {  // the segment being written
    UniqueFd fd;
    SegmentHeader header;
    std::uint64_t offset = 0;  // durable
    std::uint64_t allocated = 0;
  } active;
  LaneNumbers durable_next{};   // next of what is synced
  LaneNumbers written_bytes{};  // of records ever synced

  struct Group {  // since the last sync
    std::string bytes;
    std::size_t last_header_at = 0;
    RecordHeader last_header;
    LaneNumbers next{};
    LaneNumbers lane_bytes{};
    std::vector<std::pair<std::string, std::string>> checkpoints;
    std::size_t most_important = kEventClasses;  // lane
  } group;
  Checkpoints checkpoints;  // durable

  std::size_t shed_from = kEventClasses;  // lanes from this one on are refused until there is room
  std::vector<SpoolEviction> evictions;
  std::uint64_t syncs = 0, refused = 0, write_errors = 0;

  // recovery.cpp
  [[nodiscard]] Status recover();
  void adopt_last_segment(const std::optional<SpoolTail>& tail, bool& start_new);
  void load_checkpoints(std::size_t index);
  void take_checkpoints(const Checkpoints& found);

  // writer.cpp
  void begin_group();
  void add_record(const RecordHeader& header, std::string_view body);
  [[nodiscard]] std::string end_group();
  [[nodiscard]] Status rotate();
  [[nodiscard]] Status create_segment(const SegmentHeader& header, std::uint64_t room);
  [[nodiscard]] Status write_group(std::string_view bytes);
  void commit_group();

  // room.cpp
  [[nodiscard]] std::uint64_t disk_bytes() const;
  [[nodiscard]] std::uint64_t live_bytes(std::size_t lane) const;
  [[nodiscard]] std::uint64_t gone(std::size_t lane) const;  // acknowledged or evicted up to here
  [[nodiscard]] std::uint64_t end_of(std::size_t index,
                                     std::size_t lane) const;  // first sequence after the segment's
  [[nodiscard]] bool fully_gone(std::size_t index) const;
  [[nodiscard]] Status make_room(std::uint64_t bytes, std::size_t most_important);
  // False: nothing to free that is less important than most_important.
  [[nodiscard]] Result<bool> free_something(std::size_t most_important);
  [[nodiscard]] Result<bool> evict_oldest(std::size_t lane);
  [[nodiscard]] Status rewrite_without(std::size_t index);
  [[nodiscard]] Status remove_segment(std::size_t index);
  [[nodiscard]] Status remove_retained();
  bool give_up_reserve();  // false: there was none
  void restore_reserve();
};

}  // namespace chieng
