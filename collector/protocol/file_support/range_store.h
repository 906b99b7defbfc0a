// Files that come in parts, in any order and over several connections, as download managers and
// updaters fetch them (Content-Range): put together for hashes and rules.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "collector/protocol/file_support/tracked_file.h"
#include "collector/protocol/file_support/window.h"

namespace chieng::collector {

// A file from its parts. Content is kept only in the window, and where a part in front is missing.
struct RangeFile {
  RangeFile(std::string name, Direction direction, const FileSettings& settings,
            WindowSettings window_settings)
      : tracked(std::move(name), direction, settings), window(window_settings) {}
  TrackedFile tracked;
  InspectionWindow window;
};

// Of one worker. Bounded: kMostFiles files under way, kMostWaiting bytes that wait for the part in
// front of them; beyond either, the file that was longest without new data goes.
class RangeStore {
 public:
  static constexpr std::size_t kMostFiles = 256, kMostWaiting = std::size_t{32} << 20;

  struct Source {
    std::string_view host, path;
    std::uint64_t size = 0;  // of the whole
    std::uint64_t offset = 0;
    Bytes data;
  };
  // The whole file, once its last missing byte has come; null before.
  [[nodiscard]] std::unique_ptr<RangeFile> add(const Source& source, Direction direction,
                                               const FileSettings& settings, WindowSettings window);
  [[nodiscard]] std::size_t size() const { return files_.size(); }

 private:
  struct Entry {
    std::string key;
    std::uint64_t next = 0;  // the first byte that is missing
    std::map<std::uint64_t, std::string> waiting;
    std::size_t waiting_bytes = 0;
    std::unique_ptr<RangeFile> file;
  };
  using List = std::list<Entry>;  // the one with the latest data first

  void append(Entry& entry, std::uint64_t offset, Bytes data);
  void drain(Entry& entry);
  void drop(List::iterator at);
  void make_room();

  List files_;
  std::unordered_map<std::string_view, List::iterator> by_key_;
  std::size_t waiting_ = 0;
};

}  // namespace chieng::collector
