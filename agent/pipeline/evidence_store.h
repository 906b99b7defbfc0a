// Where evidence is kept: a folder with a pcapng and a JSON file for each capsule, within a budget.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>

#include "core/error/result.h"
#include "core/time/timestamp.h"

namespace chieng::agent {

// The packets around one alert, and what was said of them.
struct Capsule {
  Timestamp time;             // of the alert
  std::uint8_t severity = 3;  // 1 high … 4 low
  std::uint32_t gid = 1, sid = 0, rev = 0;
  std::uint64_t flow = 0;
  std::string rule_text, rule_hash, event;  // event: the alert's JSON, or empty
  std::string pcapng;
  std::size_t packets = 0;
};

// Used by any thread; one a folder. What is grave stays longest: where the budget is used up, the
// least severe capsules go first, the oldest of them before the others, and one that is less severe
// than all that are there is not written.
class EvidenceStore {
 public:
  // The folder is made where it is not there; capsules of earlier runs count and stay.
  [[nodiscard]] static Result<std::shared_ptr<EvidenceStore>> open(std::filesystem::path folder,
                                                                   std::uint64_t budget);
  // Whether a capsule should be made: the first of its group (rule and two addresses) in the hour.
  [[nodiscard]] bool wants(const std::string& group, Timestamp time);
  void write(const Capsule& capsule);

  struct Counts {
    std::uint64_t written = 0, removed = 0, refused = 0;
  };
  [[nodiscard]] Counts counts() const;
  [[nodiscard]] std::string problem() const;  // of the last write; empty when it worked

 private:
  // Ordered as capsules stay: severity, then youngest first. The last one goes first.
  struct Kept {
    std::string rank, name;
    std::uint64_t bytes = 0;
    friend bool operator<(const Kept& a, const Kept& b) {
      return a.rank != b.rank ? a.rank < b.rank : a.name < b.name;
    }
  };
  static constexpr std::size_t kMostGroups = 65'536;

  EvidenceStore(std::filesystem::path folder, std::uint64_t budget)
      : folder_(std::move(folder)), budget_(budget) {}
  void find_kept();
  [[nodiscard]] bool make_room(const Kept& next);
  [[nodiscard]] Status write_files(const Capsule& capsule, const std::string& name);

  const std::filesystem::path folder_;
  const std::uint64_t budget_;
  mutable std::mutex mutex_;                              // guards what follows
  std::unordered_map<std::string, std::int64_t> groups_;  // the hour of its last capsule
  std::set<Kept> kept_;
  std::uint64_t bytes_ = 0;
  Counts counts_;
  std::string problem_;
};

}  // namespace chieng::agent
