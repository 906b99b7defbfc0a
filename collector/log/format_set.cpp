#include <fmt/format.h>

#include <algorithm>

#include "collector/log/builtin_formats.h"
#include "collector/log/format_table.h"
#include "collector/log/formats.h"
#include "core/file/file.h"

namespace chieng::collector {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_table = std::size_t{4} << 20;

Status add_text(std::string_view name, std::string_view text, FormatTable& table) {
  CHIENG_TRY(const auto documents, parse_yaml(text, name));
  for (const YamlNode& document : documents)
    if (!document.is_null()) CHIENG_CHECK(add_format(document, name, table));
  return {};
}

Status add_builtin(FormatTable& table) {
  for (const BuiltinFormat& file : builtin_formats())
    CHIENG_CHECK(add_text(file.name, file.text, table));
  return {};
}

Result<std::vector<fs::path>> table_files(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return std::vector<fs::path>{path};
  std::vector<fs::path> out;
  for (fs::directory_iterator at(path, error), end; !error && at != end; at.increment(error))
    if (at->path().extension() == ".yml" || at->path().extension() == ".yaml")
      out.push_back(at->path());
  if (error)
    return fail(ErrorCode::io,
                fmt::format("{} cannot be read: {}", path.string(), error.message()));
  std::ranges::sort(out);
  return out;
}

// The table's own examples: a table that does not do what it says is refused.
Result<std::shared_ptr<const FormatSet>> finished(std::unique_ptr<FormatTable> table) {
  auto set = std::make_shared<const FormatSet>(std::move(table));
  for (const Format& format : set->table().formats) {
    for (const Example& example : format.examples) {
      LineParser parser(set, {.format = {}, .reference = Timestamp::from_seconds(1'770'000'000)});
      const LogEvent& event = parser.parse(example.line);
      const std::string src = event.src_ip ? to_string(*event.src_ip) : event.src_host;
      const bool right = event.pattern == example.pattern &&
                         (example.src.empty() || example.src == src) &&
                         (example.user.empty() || example.user == event.user);
      if (!right)
        return fail(
            ErrorCode::parse,
            fmt::format("example of {}: \"{}\" is read as \"{}\" with peer \"{}\" and user \"{}\"",
                        example.pattern, example.line, event.pattern, src, event.user),
            fmt::format("{}, line {}", format.service, example.at));
    }
  }
  return set;
}

}  // namespace

FormatSet::FormatSet(std::unique_ptr<const FormatTable> table) : table_(std::move(table)) {}
FormatSet::~FormatSet() = default;

Result<std::shared_ptr<const FormatSet>> FormatSet::builtin() {
  return load({}, true);
}

Result<std::shared_ptr<const FormatSet>> FormatSet::load(std::span<const fs::path> paths,
                                                         bool with_builtin) {
  auto table = std::make_unique<FormatTable>();
  if (with_builtin) CHIENG_CHECK(add_builtin(*table));
  for (const fs::path& path : paths) {
    CHIENG_TRY(const auto files, table_files(path));
    for (const fs::path& file : files) {
      CHIENG_TRY(const std::string text, read_file(file, largest_table));
      CHIENG_CHECK(add_text(file.string(), text, *table));
    }
  }
  return finished(std::move(table));
}

Result<std::shared_ptr<const FormatSet>> FormatSet::from_texts(std::span<const Text> texts) {
  auto table = std::make_unique<FormatTable>();
  for (const Text& text : texts) CHIENG_CHECK(add_text(text.name, text.text, *table));
  return finished(std::move(table));
}

std::vector<std::string> FormatSet::names() const {
  std::vector<std::string> out;
  for (const Format& format : table_->formats) out.push_back(format.service);
  std::ranges::sort(out);
  return out;
}

bool FormatSet::has(std::string_view service) const {
  return table_->find(service) != nullptr;
}

}  // namespace chieng::collector
