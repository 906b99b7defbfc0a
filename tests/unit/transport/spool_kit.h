// Folders, events and reading for the spool's tests.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "core/file/file.h"
#include "transport/spool/spool.h"

namespace chieng::test {

class TempFolder {
 public:
  // in_memory: for tests that copy a spool hundreds of times.
  explicit TempFolder(bool in_memory = false) {
    const std::filesystem::path memory = "/dev/shm";
    const bool there = in_memory && ::access(memory.c_str(), W_OK) == 0;
    std::string name =
        ((there ? memory : std::filesystem::temp_directory_path()) / "chieng-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline Envelope event(EventClass lane) {
  Envelope e;
  e.event_class = lane;
  e.event_time = Timestamp::from_seconds(1'790'000'000);
  e.observed_time = e.first = e.last = e.event_time;
  e.rule_set = "abc123";
  return e;
}

inline std::string json(std::uint64_t n, std::size_t padding = 0) {
  return "{\"n\":" + std::to_string(n) + ",\"pad\":\"" + std::string(padding, 'x') + "\"}";
}

inline SpoolSettings small_spool() {
  SpoolSettings s;
  s.segment_bytes = 16'384;
  s.total_bytes = 1U << 20;
  s.free_space_floor = 0;
  s.reserve_bytes = 0;
  s.sync_to_disk = false;  // nobody cuts the power here; what needs real syncs says so
  return s;
}

inline SpoolWriter open_writer(const std::filesystem::path& folder,
                               const SpoolSettings& settings = small_spool()) {
  auto writer = SpoolWriter::open(folder, settings);
  if (!writer) throw std::runtime_error(writer.error().message());
  return std::move(*writer);
}

// Appends count events with the JSON of their sequence, one sync each `group`.
inline void fill(SpoolWriter& writer, EventClass lane, std::size_t count, std::size_t padding = 0,
                 std::size_t group = 8) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto next = writer.stats().next[lane_index(lane)];
    const std::size_t in_group = i % group;
    const auto sequence = writer.append(event(lane), json(next + in_group, padding));
    ASSERT_TRUE(sequence) << sequence.error().message();
    ASSERT_EQ(*sequence, next + in_group);
    if (in_group + 1 == group || i + 1 == count) {
      const auto synced = writer.sync();
      ASSERT_TRUE(synced) << synced.error().message();
    }
  }
}

struct Everything {
  std::vector<std::uint64_t> sequences;
  std::vector<SpoolGap> gaps;
  std::uint64_t next = 1;
};

// All of a lane from a position; checks that records and gaps cover it without overlap and that
// bodies are right.
inline Everything read_all(SpoolReader& reader, EventClass lane, std::uint64_t from = 1,
                           std::size_t max_bytes = 4096) {
  Everything out;
  out.next = from;
  for (;;) {
    const auto part = reader.read(lane, out.next, max_bytes);
    if (!part) {
      ADD_FAILURE() << part.error().message();
      return out;
    }
    std::uint64_t at = out.next;
    if (part->gap) {
      EXPECT_EQ(part->gap->first, at);
      at = part->gap->last + 1;
      out.gaps.push_back(*part->gap);
    }
    for (const SpoolRecord& record : part->records) {
      EXPECT_EQ(record.sequence, at++);
      const auto decoded = decode_record(record);
      EXPECT_TRUE(decoded) << decoded.error().message();
      if (decoded) {
        EXPECT_TRUE(decoded->json.starts_with("{\"n\":" + std::to_string(record.sequence) + ","))
            << decoded->json;
      }
      out.sequences.push_back(record.sequence);
    }
    EXPECT_EQ(part->next, at);
    if (part->next == out.next) return out;
    out.next = part->next;
  }
}

inline SpoolReader open_reader(const std::filesystem::path& folder) {
  auto reader = SpoolReader::open(folder);
  if (!reader) throw std::runtime_error(reader.error().message());
  return std::move(*reader);
}

inline std::vector<std::filesystem::path> segment_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> out;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (parse_segment_name(entry.path().filename().native())) out.push_back(entry.path());
  std::ranges::sort(out);
  return out;
}

}  // namespace chieng::test
