#include "rules/suricata/rule_set.h"

#include <fmt/format.h>

#include <map>

#include "core/file/file.h"
#include "core/hash/digest.h"
#include "rules/engine/database_cache.h"
#include "rules/suricata/builder.h"
#include "rules/suricata/compiled_set.h"
#include "rules/suricata/text.h"

namespace chieng::suricata {
namespace {

class Loader {
 public:
  Loader(const Catalogue& catalogue, const LoadOptions& options, LoadReport& report)
      : options_(options),
        report_(report),
        context_{catalogue, HeaderSets(variables(options)), {}, {}, {}, {}, {}, {}} {
    set_->catalogue = &catalogue;
  }

  void load(std::string_view text, std::string_view file, const std::filesystem::path& folder) {
    context_.folder = folder;
    for (const RuleLine& line : rule_lines(text, options_.include_disabled)) {
      ++report_.rules;
      load_rule(line, file);
    }
  }
  void load_classes(const std::filesystem::path& folder) {
    if (const auto text = read_file(folder / "classification.config")) context_.classes.load(*text);
  }

  Result<std::shared_ptr<const RuleSet>> finish() {
    std::string all;
    for (const auto& [name, value] : variables(options_)) all += name + '=' + value + '\n';
    for (Signature& s : rules_) {
      if (s.info.sid == 0) continue;  // replaced by a newer revision
      all += s.info.text_hash;
      set_->rules.push_back(std::move(s));
    }
    set_->hash = digest_hex(DigestKind::sha256, as_bytes(all));
    set_->names = context_.names.all();
    CHIENG_CHECK(compile_set());
    report_.loaded += set_->rules.size();
    return std::make_shared<const RuleSet>(std::move(set_));
  }

 private:
  // Fewer rules compile faster than their cache would be tidied.
  static constexpr std::size_t kWorthKeeping = 1000;

  Status compile_set() {
    if (options_.cache.empty() || set_->rules.size() < kWorthKeeping)
      return compile(*set_, nullptr);
    const auto cache = matching::DatabaseCache::open(options_.cache);
    if (!cache) report_.cache_problem = cache.error().message();
    CHIENG_CHECK(compile(*set_, cache ? &*cache : nullptr));
    if (cache) cache->trim();
    return {};
  }

  static std::map<std::string, std::string, std::less<>> variables(const LoadOptions& options) {
    auto out = default_variables();
    for (const auto& [name, value] : options.variables)
      out[name.starts_with('$') ? name.substr(1) : name] = value;
    return out;
  }

  void load_rule(const RuleLine& line, std::string_view file) {
    RuleFault fault{std::string(file), line.line, 1, guess_sid(line.text), "rule", {}, {}};
    auto raw = lex_rule(line.text);
    if (!raw) return add_fault(std::move(fault), raw.error());
    Signature rule;
    rule.info.source = options_.source;
    rule.info.text = line.text;
    rule.info.file = file;
    rule.info.line = line.line;
    Builder builder(context_, *raw, rule);
    if (const Status built = builder.build(); !built) {
      if (built.error().code == kSkip) {
        ++report_.skipped;
        return;
      }
      fault.option = builder.failed_part();
      if (builder.failed_option() != nullptr) fault.column = builder.failed_option()->column;
      return add_fault(std::move(fault), built.error());
    }
    rule.info.text_hash = digest_hex(DigestKind::sha256, as_bytes(line.text));
    keep(std::move(rule), std::move(fault));
  }

  // One rule a gid and sid: the higher revision stays.
  void keep(Signature rule, RuleFault fault) {
    const auto key = std::pair(rule.info.gid, rule.info.sid);
    const auto [at, fresh] = by_id_.try_emplace(key, rules_.size());
    if (!fresh) {
      Signature& known = rules_[at->second];
      if (rule.info.rev <= known.info.rev) {
        fault.option = "sid";
        return add_fault(std::move(fault),
                         {ErrorCode::exists,
                          fmt::format("sid {} rev {} is loaded already from {}:{}, this is rev {}",
                                      rule.info.sid, known.info.rev, known.info.file,
                                      known.info.line, rule.info.rev),
                          "give the rule a sid of its own or a higher rev"});
      }
      known.info.sid = 0;
      ++report_.skipped;
      at->second = rules_.size();
    }
    rules_.push_back(std::move(rule));
  }

  void add_fault(RuleFault fault, const Error& error) {
    fault.reason = error.text;
    fault.hint = error.context;
    report_.faults.push_back(std::move(fault));
  }

  const LoadOptions& options_;
  LoadReport& report_;
  LoadContext context_;
  std::unique_ptr<CompiledSet> set_ = std::make_unique<CompiledSet>();
  std::vector<Signature> rules_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::size_t> by_id_;
};

}  // namespace

RuleSet::RuleSet(std::unique_ptr<const CompiledSet> compiled) : compiled_(std::move(compiled)) {}
RuleSet::~RuleSet() = default;
const std::string& RuleSet::hash() const {
  return compiled_->hash;
}
std::size_t RuleSet::size() const {
  return compiled_->rules.size();
}
std::vector<const RuleInfo*> RuleSet::rules() const {
  std::vector<const RuleInfo*> out;
  for (const Signature& s : compiled_->rules) out.push_back(&s.info);
  return out;
}

std::array<bool, 3> RuleSet::file_hashes() const {
  std::array<bool, 3> out{};
  for (const Signature& s : compiled_->rules)
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = out[i] || s.file_hashes[i];
  return out;
}

Result<std::shared_ptr<const RuleSet>> load_rules(std::span<const std::filesystem::path> files,
                                                  const Catalogue& catalogue,
                                                  const LoadOptions& options, LoadReport& report) {
  Loader loader(catalogue, options, report);
  for (const auto& file : files) loader.load_classes(file.parent_path());
  for (const auto& file : files) {
    CHIENG_TRY(const std::string text, read_file(file));
    loader.load(text, file.string(), file.parent_path());
  }
  return loader.finish();
}

Result<std::shared_ptr<const RuleSet>> load_rules_text(std::string_view text, std::string_view name,
                                                       const Catalogue& catalogue,
                                                       const LoadOptions& options,
                                                       LoadReport& report) {
  Loader loader(catalogue, options, report);
  loader.load(text, name, {});
  return loader.finish();
}

}  // namespace chieng::suricata
