#include "rules/engine/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <fmt/format.h>

#include <array>
#include <string>

namespace chieng::matching {
namespace {

// Steps and depth after which a subject is given up: a hostile one must not stall a worker.
constexpr std::uint32_t kMatchLimit = 3500, kDepthLimit = 1500;
constexpr std::uint32_t kGroups = 32;

std::uint32_t options_of(RegexFlags flags) {
  std::uint32_t out = PCRE2_NEVER_UCP | PCRE2_NEVER_BACKSLASH_C;
  out |= flags.utf ? PCRE2_UTF | PCRE2_MATCH_INVALID_UTF : PCRE2_NEVER_UTF;
  if (flags.caseless) out |= PCRE2_CASELESS;
  if (flags.multiline) out |= PCRE2_MULTILINE;
  if (flags.dotall) out |= PCRE2_DOTALL;
  if (flags.extended) out |= PCRE2_EXTENDED;
  if (flags.anchored) out |= PCRE2_ANCHORED;
  if (flags.dollar_end_only) out |= PCRE2_DOLLAR_ENDONLY;
  if (flags.ungreedy) out |= PCRE2_UNGREEDY;
  return out;
}

std::string message_of(int code) {
  std::array<unsigned char, 200> text{};
  const int size = pcre2_get_error_message(code, text.data(), text.size());
  return size < 0 ? fmt::format("error {}", code)
                  : std::string(reinterpret_cast<const char*>(text.data()));
}

struct CodeDeleter {
  void operator()(pcre2_code* p) const { pcre2_code_free(p); }
};
struct MatchDataDeleter {
  void operator()(pcre2_match_data* p) const { pcre2_match_data_free(p); }
};
struct ContextDeleter {
  void operator()(pcre2_match_context* p) const { pcre2_match_context_free(p); }
};

}  // namespace

struct RegexScratch::State {
  std::unique_ptr<pcre2_match_data, MatchDataDeleter> data{
      pcre2_match_data_create(kGroups, nullptr)};
  std::unique_ptr<pcre2_match_context, ContextDeleter> context{pcre2_match_context_create(nullptr)};
  unsigned groups = 0;
};

RegexScratch::RegexScratch() : state_(std::make_unique<State>()) {
  pcre2_set_match_limit(state_->context.get(), kMatchLimit);
  pcre2_set_depth_limit(state_->context.get(), kDepthLimit);
}
RegexScratch::~RegexScratch() = default;
RegexScratch::RegexScratch(RegexScratch&&) noexcept = default;
RegexScratch& RegexScratch::operator=(RegexScratch&&) noexcept = default;

RegexScratch::Group RegexScratch::group(unsigned number) const {
  if (number >= state_->groups) return {};
  const PCRE2_SIZE* at = pcre2_get_ovector_pointer(state_->data.get()) + 2 * std::size_t{number};
  if (at[0] == PCRE2_UNSET || at[1] < at[0]) return {};
  return {true, at[0], at[1]};
}

struct Regex::State {
  std::unique_ptr<pcre2_code, CodeDeleter> code;
};

Regex::Regex(std::unique_ptr<State> state) : state_(std::move(state)) {}
Regex::~Regex() = default;
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;

Result<Regex> Regex::compile(std::string_view pattern, RegexFlags flags) {
  int code = 0;
  PCRE2_SIZE at = 0;
  auto state = std::make_unique<State>();
  state->code.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                                  options_of(flags), &code, &at, nullptr));
  if (!state->code)
    return fail(ErrorCode::parse, fmt::format("the regular expression is wrong at character {}: {}",
                                              at + 1, message_of(code)));
  // Without JIT (not supported for this expression, or forbidden to the process) the interpreter
  // does the work.
  (void)pcre2_jit_compile(state->code.get(), PCRE2_JIT_COMPLETE);
  return Regex(std::move(state));
}

RegexOutcome Regex::find(Bytes subject, std::size_t start, RegexScratch& scratch) const {
  if (start > subject.size()) return RegexOutcome::none;
  static constexpr unsigned char kEmpty = 0;
  const auto* text = subject.empty() ? &kEmpty : reinterpret_cast<PCRE2_SPTR>(subject.data());
  RegexScratch::State& s = *scratch.state_;
  const int rc = pcre2_match(state_->code.get(), text, subject.size(), start, 0, s.data.get(),
                             s.context.get());
  s.groups = rc > 0 ? static_cast<unsigned>(rc) : rc == 0 ? kGroups : 0;
  if (rc >= 0) return RegexOutcome::found;
  return rc == PCRE2_ERROR_NOMATCH ? RegexOutcome::none : RegexOutcome::limit;
}

unsigned Regex::groups() const {
  std::uint32_t count = 0;
  (void)pcre2_pattern_info(state_->code.get(), PCRE2_INFO_CAPTURECOUNT, &count);
  return count;
}

unsigned Regex::group_number(std::string_view name) const {
  const std::string text(name);
  const int n = pcre2_substring_number_from_name(state_->code.get(),
                                                 reinterpret_cast<PCRE2_SPTR>(text.c_str()));
  return n > 0 ? static_cast<unsigned>(n) : 0;
}

}  // namespace chieng::matching
