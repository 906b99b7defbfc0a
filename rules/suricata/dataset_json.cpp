#include "rules/suricata/dataset_json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "rules/suricata/text.h"

namespace chieng::suricata {
namespace {

// The member at a dotted path; null where it is not there.
nlohmann::json* member(nlohmann::json& from, std::string_view path) {
  nlohmann::json* here = &from;
  for (const std::string_view part : split(path, '.')) {
    if (!here->is_object()) return nullptr;
    const auto at = here->find(std::string(part));
    if (at == here->end()) return nullptr;
    here = &*at;
  }
  return here;
}

void remove(nlohmann::json& from, std::string_view path) {
  const auto dot = path.rfind('.');
  nlohmann::json* parent =
      dot == std::string_view::npos ? &from : member(from, path.substr(0, dot));
  if (parent != nullptr) parent->erase(std::string(path.substr(dot + 1)));
}

}  // namespace

Status JsonValues::add(nlohmann::json& object) {
  const nlohmann::json* value = member(object, file_.value_key);
  if (value == nullptr || !value->is_string()) return {};  // an entry of another kind
  CHIENG_TRY(std::string key,
             dataset_value(set_.type_, value->get_ref<const std::string&>(), false));
  if (set_.values_.contains(key)) return {};  // the first one counts
  if (file_.remove_key) remove(object, file_.value_key);
  using nlohmann::json;
  set_.objects_[key] = object.dump(-1, ' ', false, json::error_handler_t::replace);
  return set_.insert(std::move(key), file_);
}

Status JsonValues::load(std::string_view text) {
  auto document = nlohmann::json::parse(text, nullptr, false);
  if (document.is_discarded())
    return fail(ErrorCode::parse, fmt::format("{} is not JSON", file_.path.string()));
  nlohmann::json* list = &document;
  if (!file_.array_key.empty()) list = member(document, file_.array_key);
  if (list != nullptr && list->is_array()) {
    for (nlohmann::json& object : *list) CHIENG_CHECK(add(object));
    return {};
  }
  if (file_.format == DatasetFormat::ndjson && document.is_object()) return add(document);
  return fail(ErrorCode::parse,
              fmt::format("{} has no list of objects{}{}", file_.path.string(),
                          file_.array_key.empty() ? "" : " at ", file_.array_key),
              "name the list's place by array_key");
}

}  // namespace chieng::suricata
