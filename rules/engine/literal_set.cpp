#include "rules/engine/literal_set.h"

#include <fmt/format.h>
#include <hs.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <limits>
#include <map>

#include "core/hash/digest.h"
#include "rules/engine/database_cache.h"

namespace chieng::matching {
namespace {

struct DatabaseDeleter {
  void operator()(hs_database_t* p) const { hs_free_database(p); }
};
struct ScratchDeleter {
  void operator()(hs_scratch_t* p) const { hs_free_scratch(p); }
};

// Without a literal this short, Hyperscan skips through the data in larger strides, by tables that
// are a third slower on sets of this size (measured): one that hardly occurs keeps it from that.
constexpr std::size_t kStrideOne = 2, kManyPatterns = 100;
constexpr std::string_view kSeldom = "\x9d\xf3";
constexpr unsigned kNobody = std::numeric_limits<unsigned>::max();

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
  state_->stamps.resize(std::max(state_->stamps.size(), set.patterns()), 0);
  return {};
}

LiteralSet::LiteralSet() = default;
LiteralSet::~LiteralSet() = default;
LiteralSet::LiteralSet(LiteralSet&&) noexcept = default;
LiteralSet& LiteralSet::operator=(LiteralSet&&) noexcept = default;

void LiteralSet::add(std::string_view bytes, bool nocase, std::uint32_t rule, LiteralEnds ends) {
  std::string text(bytes);
  if (nocase)
    std::ranges::transform(text, text.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  patterns_.push_back({std::move(text), nocase, ends});
  given_.push_back(rule);
}

namespace {

struct Expressions {
  std::vector<std::string> texts;
  std::vector<unsigned> flags, ids;
  void add(std::string_view bytes, bool nocase, unsigned id) {
    texts.push_back(escaped(bytes));
    flags.push_back(nocase ? HS_FLAG_CASELESS : 0);
    ids.push_back(id);
  }
};

// Of everything that the compiled database depends on.
std::string cache_key(const Expressions& e) {
  hs_platform_info platform{};
  (void)hs_populate_platform(&platform);
  std::string all = fmt::format("{} {} {:x}\n", hs_version(), platform.tune, platform.cpu_features);
  for (std::size_t i = 0; i < e.texts.size(); ++i)
    fmt::format_to(std::back_inserter(all), "{} {} {}\n", e.ids[i], e.flags[i], e.texts[i]);
  return digest_hex(DigestKind::sha256, as_bytes(all));
}

Result<hs_database_t*> compile(const Expressions& e) {
  std::vector<const char*> pointers;
  for (const std::string& text : e.texts) pointers.push_back(text.c_str());
  hs_database_t* out = nullptr;
  hs_compile_error_t* error = nullptr;
  const hs_error_t rc = hs_compile_multi(pointers.data(), e.flags.data(), e.ids.data(),
                                         static_cast<unsigned>(pointers.size()), HS_MODE_BLOCK,
                                         nullptr, &out, &error);
  if (rc == HS_SUCCESS) return out;
  std::string text =
      error != nullptr && error->message != nullptr ? error->message : "no reason given";
  hs_free_compile_error(error);
  return fail(ErrorCode::internal,
              fmt::format("Hyperscan did not compile {} literals: {}", pointers.size(), text));
}

hs_database_t* read_back(const DatabaseCache& cache, const std::string& key) {
  const auto kept = cache.find(key);
  hs_database_t* out = nullptr;
  if (kept) (void)hs_deserialize_database(kept->data(), kept->size(), &out);
  return out;
}

void keep(const DatabaseCache& cache, const std::string& key, const hs_database_t* database) {
  char* bytes = nullptr;
  std::size_t size = 0;
  if (hs_serialize_database(database, &bytes, &size) != HS_SUCCESS) return;
  cache.keep(key, {bytes, size});
  std::free(bytes);
}

}  // namespace

Status LiteralSet::build(const DatabaseCache* cache) {
  std::map<Pattern, std::vector<std::uint32_t>> merged;
  for (std::size_t i = 0; i < patterns_.size(); ++i)
    merged[std::move(patterns_[i])].push_back(given_[i]);
  patterns_ = {};
  given_ = {};
  if (merged.empty()) return {};

  Expressions expressions;
  std::size_t shortest = std::numeric_limits<std::size_t>::max();
  for (const auto& [pattern, rules] : merged) {
    expressions.add(pattern.bytes, pattern.nocase, static_cast<unsigned>(ends_.size()));
    shortest = std::min(shortest, pattern.bytes.size());
    ends_.push_back(pattern.ends);
    first_.push_back(static_cast<std::uint32_t>(rules_.size()));
    rules_.insert(rules_.end(), rules.begin(), rules.end());
  }
  first_.push_back(static_cast<std::uint32_t>(rules_.size()));
  if (shortest > kStrideOne && ends_.size() >= kManyPatterns)
    expressions.add(kSeldom, false, kNobody);

  const std::string key = cache != nullptr ? cache_key(expressions) : std::string();
  database_ = std::make_unique<Database>();
  if (cache != nullptr) database_->database.reset(read_back(*cache, key));
  if (database_->database) return {};
  CHIENG_TRY(hs_database_t* const made, compile(expressions));
  database_->database.reset(made);
  if (cache != nullptr) keep(*cache, key, made);
  return {};
}

void LiteralSet::scan(Bytes data, ScanScratch& scratch, std::vector<std::uint32_t>& out) const {
  if (!database_ || data.empty()) return;
  struct Call {
    const LiteralSet& set;
    ScanScratch::State& state;
    std::vector<std::uint32_t>& out;
  } call{*this, *scratch.state_, out};
  ++call.state.scan;
  const auto found = [](unsigned id, unsigned long long, unsigned long long to, unsigned,
                        void* context) -> int {
    Call& c = *static_cast<Call*>(context);
    if (id == kNobody || c.state.stamps[id] == c.state.scan) return 0;
    const LiteralEnds& ends = c.set.ends_[id];
    if (to < ends.least || to > ends.most) return 0;
    c.state.stamps[id] = c.state.scan;
    const auto rules = c.set.rules_.begin();
    c.out.insert(c.out.end(), rules + c.set.first_[id], rules + c.set.first_[id + 1]);
    return 0;
  };
  const std::size_t size = std::min<std::size_t>(data.size(), std::numeric_limits<unsigned>::max());
  (void)hs_scan(database_->database.get(), reinterpret_cast<const char*>(data.data()),
                static_cast<unsigned>(size), 0, call.state.scratch.get(), found, &call);
}

}  // namespace chieng::matching
