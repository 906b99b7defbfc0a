#include "agent/pipeline/rule_loading.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <system_error>

#include "core/file/file.h"
#include "core/hash/digest.h"

namespace chieng::agent {
namespace {

namespace fs = std::filesystem;

void sort_in(RuleFiles& out, const fs::path& path) {
  const std::string extension = path.extension().string();
  if (extension == ".rules") out.suricata.push_back(path);
  if (extension == ".yml" || extension == ".yaml") out.sigma.push_back(path);
}

Status add_folder(RuleFiles& out, const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> found;
  fs::recursive_directory_iterator at(folder, error), end;
  for (; !error && at != end; at.increment(error))
    if (at->is_regular_file(error) && !error) found.push_back(at->path());
  if (error)
    return fail(ErrorCode::io, fmt::format("cannot read {}: {}", folder.string(), error.message()));
  std::ranges::sort(found);
  for (const fs::path& path : found) sort_in(out, path);
  return {};
}

// The texts as loaded stand behind the network set's own hash; Sigma's set offers none, so its
// files are digested.
Result<std::string> hash_of(const RuleFiles& files, const LoadedRules& loaded) {
  std::string material = loaded.network ? loaded.network->hash() : std::string{};
  for (const fs::path& path : files.sigma) {
    CHIENG_TRY(const std::string text, read_file(path, std::size_t{16} << 20));
    material += digest_hex(DigestKind::sha256, as_bytes(text));
  }
  return material.empty() ? material : digest_hex(DigestKind::sha256, as_bytes(material));
}

}  // namespace

Result<RuleFiles> find_rule_files(std::span<const std::string> paths) {
  RuleFiles out;
  for (const std::string& path : paths) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (error || !fs::exists(status))
      return fail(ErrorCode::not_found, fmt::format("no rules at {}: {}", path,
                                                    error ? error.message() : "no such file"));
    if (fs::is_directory(status))
      CHIENG_CHECK(add_folder(out, path));
    else
      sort_in(out, path);
  }
  return out;
}

fs::path rule_cache(const Settings& settings) {
  if (const std::string& wish = settings.text("rules.cache"); !wish.empty()) return wish;
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return fs::path(value == nullptr ? "" : value);
  };
  // By the XDG base directory specification a relative path does not count.
  if (const fs::path cache = variable("XDG_CACHE_HOME"); cache.is_absolute())
    return cache / "chieng";
  const fs::path home = variable("HOME");
  return home.is_absolute() ? home / ".cache" / "chieng" : fs::path();
}

Result<LoadedRules> load_all_rules(const RuleFiles& files, const Catalogue& catalogue,
                                   const RuleLoading& options) {
  LoadedRules out;
  if (!files.suricata.empty()) {
    suricata::LoadOptions load;
    load.variables = options.variables;
    load.include_disabled = options.include_disabled;
    load.cache = options.cache;
    CHIENG_TRY(out.network,
               suricata::load_rules(files.suricata, catalogue, load, out.network_report));
  }
  if (!files.sigma.empty()) {
    CHIENG_TRY(out.host, sigma::load_rules(files.sigma, out.host_report));
  }
  CHIENG_TRY(out.hash, hash_of(files, out));
  return out;
}

std::string describe(const suricata::RuleFault& f) {
  std::string out = fmt::format("{}:{}", f.file, f.line);
  if (f.column > 0) out += fmt::format(":{}", f.column);
  if (f.sid != 0) out += fmt::format(": sid {}", f.sid);
  if (!f.option.empty()) out += ": " + f.option;
  out += ": " + f.reason;
  if (!f.hint.empty()) out += " (" + f.hint + ")";
  return out;
}

std::string describe(const sigma::RuleFault& f) {
  std::string out = fmt::format("{}:{}", f.file, f.line);
  if (!f.id.empty()) out += ": " + f.id;
  if (!f.option.empty()) out += ": " + f.option;
  return out + ": " + f.reason;
}

}  // namespace chieng::agent
