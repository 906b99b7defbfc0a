#include "rules/sigma/rule_set.h"

#include "core/config/yaml.h"
#include "core/file/file.h"
#include "rules/sigma/builder.h"
#include "rules/sigma/compiled.h"
#include "rules/sigma/rule_loader.h"

namespace chieng::sigma {
namespace {

constexpr std::size_t largest_file = std::size_t{16} << 20;

std::string id_of(const YamlNode& document) {
  const YamlNode* id = document.find("id");
  return id != nullptr && id->is_scalar() ? id->scalar : std::string{};
}

// The documents of a stream as written, cut at the lines that begin with "---".
std::vector<std::string_view> documents_of(std::string_view text, std::size_t count) {
  if (count <= 1) return {text};
  std::vector<std::string_view> out;
  std::size_t begin = text.starts_with("---") ? 0 : text.npos;
  if (begin == text.npos) {
    out.push_back(text.substr(0, text.find("\n---")));
    begin = out.back().size() < text.size() ? out.back().size() + 1 : text.npos;
  }
  while (begin < text.size()) {
    const std::size_t next = text.find("\n---", begin);
    out.push_back(text.substr(begin, next == text.npos ? next : next - begin));
    begin = next == text.npos ? text.size() : next + 1;
  }
  out.resize(count, text);  // a stream cut in another way: each rule shows the whole
  return out;
}

// "name:12:3" as parse_yaml reports; 0 where there is none.
int line_of(std::string_view context, std::string_view name) {
  if (!context.starts_with(name) || context.size() <= name.size()) return 0;
  return std::atoi(std::string(context.substr(name.size() + 1)).c_str());
}

class Loader {
 public:
  Loader(LoadReport& report, const LoadOptions& options) : report_(report), options_(options) {}

  void load(const std::string& name, std::string_view text) {
    auto documents = parse_yaml(text, name);
    if (!documents) {
      ++report_.rules;
      report_.faults.push_back(
          {name, line_of(documents.error().context, name), "", "yaml", documents.error().text});
      return;
    }
    const auto texts = documents_of(text, documents->size());
    for (std::size_t i = 0; i < documents->size(); ++i)
      if (!(*documents)[i].is_null()) load((*documents)[i], texts[i], name);
  }
  void refuse(const std::string& name, const Error& error) {
    ++report_.rules;
    report_.faults.push_back({name, 0, "", "file", error.text});
  }
  Result<std::shared_ptr<const RuleSet>> finish() { return builder_.finish(); }

 private:
  void load(const YamlNode& document, std::string_view text, const std::string& name) {
    const auto loaded = load_document(document, text, name, options_, builder_);
    if (loaded && !*loaded) return;
    ++report_.rules;
    if (loaded)
      ++report_.loaded;
    else
      report_.faults.push_back(
          {name, document.line, id_of(document), loaded.error().context, loaded.error().text});
  }

  LoadReport& report_;
  const LoadOptions& options_;
  Builder builder_;
};

}  // namespace

Result<std::shared_ptr<const RuleSet>> load_rules(std::span<const std::filesystem::path> files,
                                                  LoadReport& report, const LoadOptions& options) {
  Loader loader(report, options);
  for (const auto& file : files) {
    auto text = read_file(file, largest_file);
    if (text)
      loader.load(file.string(), *text);
    else
      loader.refuse(file.string(), text.error());
  }
  return loader.finish();
}

Result<std::shared_ptr<const RuleSet>> load_rule_texts(std::span<const RuleText> texts,
                                                       LoadReport& report,
                                                       const LoadOptions& options) {
  Loader loader(report, options);
  for (const RuleText& text : texts) loader.load(text.name, text.text);
  return loader.finish();
}

std::size_t rule_count(const RuleSet& rules) {
  return rules.rules.size();
}

}  // namespace chieng::sigma
