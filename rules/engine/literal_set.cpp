#include "rules/engine/literal_set.h"

#include <fmt/format.h>
#include <hs.h>

#include <algorithm>
#include <cctype>
#include <limits>
#include <map>

namespace chieng::matching {
namespace {

struct DatabaseDeleter {
  void operator()(hs_database_t* p) const { hs_free_database(p); }
};
struct ScratchDeleter {
  void operator()(hs_scratch_t* p) const { hs_free_scratch(p); }
};

std::string escaped(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() * 4);
  for (const char c : bytes)
    fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(c));
  return out;
}

}  // namespace

struct ScanScratch::State {
  std::unique_ptr<hs_scratch_t, ScratchDeleter> scratch;
  // A pattern's stamp is that of the scan which reported it last: each is reported once a scan.
  std::vector<std::uint64_t> stamps;
  std::uint64_t scan = 0;
};

ScanScratch::ScanScratch() : state_(std::make_unique<State>()) {}
ScanScratch::~ScanScratch() = default;
ScanScratch::ScanScratch(ScanScratch&&) noexcept = default;
ScanScratch& ScanScratch::operator=(ScanScratch&&) noexcept = default;

struct LiteralSet::Database {
  std::unique_ptr<hs_database_t, DatabaseDeleter> database;
};

Status ScanScratch::prepare(const LiteralSet& set) {
  if (!set.database_) return {};
  hs_scratch_t* raw = state_->scratch.release();
  const hs_error_t rc = hs_alloc_scratch(set.database_->database.get(), &raw);
  state_->scratch.reset(raw);
  if (rc != HS_SUCCESS)
    return fail(ErrorCode::internal,
                fmt::format("Hyperscan gave no scratch memory (error {})", rc));
  state_->stamps.resize(std::max(state_->stamps.size(), set.rules_.size()), 0);
  return {};
}

LiteralSet::LiteralSet() = default;
LiteralSet::~LiteralSet() = default;
LiteralSet::LiteralSet(LiteralSet&&) noexcept = default;
LiteralSet& LiteralSet::operator=(LiteralSet&&) noexcept = default;

void LiteralSet::add(std::string_view bytes, bool nocase, std::uint32_t rule) {
  std::string text(bytes);
  if (nocase)
    std::ranges::transform(text, text.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  patterns_.push_back({std::move(text), nocase});
  rules_.push_back({rule});
}

Status LiteralSet::build() {
  std::map<std::pair<std::string, bool>, std::vector<std::uint32_t>> merged;
  for (std::size_t i = 0; i < patterns_.size(); ++i)
    merged[{std::move(patterns_[i].bytes), patterns_[i].nocase}].push_back(rules_[i].front());
  patterns_.clear();
  rules_.clear();
  if (merged.empty()) return {};

  std::vector<std::string> expressions;
  std::vector<unsigned> flags, ids;
  for (auto& [key, rules] : merged) {
    expressions.push_back(escaped(key.first));
    flags.push_back(key.second ? HS_FLAG_CASELESS : 0);
    ids.push_back(static_cast<unsigned>(rules_.size()));
    rules_.push_back(std::move(rules));
  }
  std::vector<const char*> pointers;
  for (const std::string& e : expressions) pointers.push_back(e.c_str());
  hs_database_t* raw = nullptr;
  hs_compile_error_t* error = nullptr;
  const hs_error_t rc = hs_compile_multi(pointers.data(), flags.data(), ids.data(),
                                         static_cast<unsigned>(pointers.size()), HS_MODE_BLOCK,
                                         nullptr, &raw, &error);
  if (rc != HS_SUCCESS) {
    std::string text =
        error != nullptr && error->message != nullptr ? error->message : "no reason given";
    hs_free_compile_error(error);
    return fail(ErrorCode::internal,
                fmt::format("Hyperscan did not compile {} literals: {}", pointers.size(), text));
  }
  database_ = std::make_unique<Database>();
  database_->database.reset(raw);
  return {};
}

void LiteralSet::scan(Bytes data, ScanScratch& scratch, std::vector<std::uint32_t>& out) const {
  if (!database_ || data.empty()) return;
  struct Call {
    const std::vector<std::vector<std::uint32_t>>& rules;
    ScanScratch::State& state;
    std::vector<std::uint32_t>& out;
  } call{rules_, *scratch.state_, out};
  ++call.state.scan;
  const auto found = [](unsigned id, unsigned long long, unsigned long long, unsigned,
                        void* context) -> int {
    Call& c = *static_cast<Call*>(context);
    if (c.state.stamps[id] == c.state.scan) return 0;
    c.state.stamps[id] = c.state.scan;
    c.out.insert(c.out.end(), c.rules[id].begin(), c.rules[id].end());
    return 0;
  };
  const std::size_t size = std::min<std::size_t>(data.size(), std::numeric_limits<unsigned>::max());
  (void)hs_scan(database_->database.get(), reinterpret_cast<const char*>(data.data()),
                static_cast<unsigned>(size), 0, call.state.scratch.get(), found, &call);
}

}  // namespace chieng::matching
