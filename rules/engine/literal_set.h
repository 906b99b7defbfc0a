// Many literals searched for at once with Hyperscan: a hit names the rules that the literal stands
// for.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes/bytes.h"
#include "core/error/result.h"

namespace chieng::matching {

class DatabaseCache;
class LiteralSet;

// Hyperscan's working memory of one thread, large enough for every set it was prepared for.
class ScanScratch {
 public:
  ScanScratch();
  ~ScanScratch();
  ScanScratch(ScanScratch&&) noexcept;
  ScanScratch& operator=(ScanScratch&&) noexcept;
  [[nodiscard]] Status prepare(const LiteralSet& set);

 private:
  friend class LiteralSet;
  struct State;
  std::unique_ptr<State> state_;
};

// Where a literal has to end to count, from the start of the data.
struct LiteralEnds {
  std::uint32_t least = 0, most = std::numeric_limits<std::uint32_t>::max();
  friend auto operator<=>(const LiteralEnds&, const LiteralEnds&) = default;
};

// One buffer's literals. Filled, built once, then immutable and shared by threads.
class LiteralSet {
 public:
  LiteralSet();
  ~LiteralSet();
  LiteralSet(LiteralSet&&) noexcept;
  LiteralSet& operator=(LiteralSet&&) noexcept;

  // Equal literals with equal ends share one pattern.
  void add(std::string_view bytes, bool nocase, std::uint32_t rule, LiteralEnds ends = {});
  // cache: null where none is kept.
  [[nodiscard]] Status build(const DatabaseCache* cache = nullptr);
  [[nodiscard]] bool empty() const { return patterns() == 0; }
  [[nodiscard]] std::size_t patterns() const {
    return patterns_.empty() ? ends_.size() : patterns_.size();
  }

  // Appends the rules whose literal occurs, once a pattern and scan.
  void scan(Bytes data, ScanScratch& scratch, std::vector<std::uint32_t>& out) const;

 private:
  friend class ScanScratch;
  struct Pattern {
    std::string bytes;
    bool nocase = false;
    LiteralEnds ends;
    friend auto operator<=>(const Pattern&, const Pattern&) = default;
  };
  struct Database;
  std::vector<Pattern> patterns_;     // only until build()
  std::vector<std::uint32_t> given_;  // the rule of each of them
  // By pattern: where it counts, and its rules from rules_[first_[i]] to rules_[first_[i + 1]].
  std::vector<LiteralEnds> ends_;
  std::vector<std::uint32_t> first_, rules_;
  std::unique_ptr<Database> database_;
};

}  // namespace chieng::matching
