// Many literals searched for at once with Hyperscan: a hit names the rules that the literal stands
// for.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes/bytes.h"
#include "core/error/result.h"

namespace chieng::matching {

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

// One buffer's literals. Filled, built once, then immutable and shared by threads.
class LiteralSet {
 public:
  LiteralSet();
  ~LiteralSet();
  LiteralSet(LiteralSet&&) noexcept;
  LiteralSet& operator=(LiteralSet&&) noexcept;

  // Equal literals share one pattern.
  void add(std::string_view bytes, bool nocase, std::uint32_t rule);
  [[nodiscard]] Status build();
  [[nodiscard]] bool empty() const { return rules_.empty(); }
  [[nodiscard]] std::size_t patterns() const { return rules_.size(); }

  // Appends the rules whose literal occurs, once a pattern and scan.
  void scan(Bytes data, ScanScratch& scratch, std::vector<std::uint32_t>& out) const;

 private:
  friend class ScanScratch;
  struct Pattern {
    std::string bytes;
    bool nocase = false;
  };
  struct Database;
  std::vector<Pattern> patterns_;                  // only until build()
  std::vector<std::vector<std::uint32_t>> rules_;  // by pattern
  std::unique_ptr<Database> database_;
};

}  // namespace chieng::matching
