// dataset and datarep.
#include "rules/suricata/dataset.h"

#include <fmt/format.h>

#include <array>

#include "rules/suricata/keywords/keywords.h"
#include "rules/suricata/text.h"

namespace chieng::suricata::keywords {
namespace {

std::optional<DatasetOp> op_of(std::string_view word) {
  if (word == "set") return DatasetOp::set;
  if (word == "unset") return DatasetOp::unset;
  if (word == "isset") return DatasetOp::isset;
  if (word == "isnotset") return DatasetOp::isnotset;
  return std::nullopt;
}

std::optional<DatasetType> type_of(std::string_view word) {
  if (word == "string") return DatasetType::string;
  if (word == "md5") return DatasetType::md5;
  if (word == "sha256") return DatasetType::sha256;
  if (word == "ip" || word == "ipv4" || word == "ipv6") return DatasetType::ip;
  return std::nullopt;
}

struct Options {
  std::optional<DatasetType> type;
  std::string_view name;
  DatasetFile file;
  std::string context_key;
};

Status parse_format(std::string_view value, DatasetFile& out) {
  if (value == "csv")
    out.format = DatasetFormat::csv;
  else if (value == "json")
    out.format = DatasetFormat::json;
  else if (value == "ndjson" || value == "jsonline")
    out.format = DatasetFormat::ndjson;
  else
    return fail(ErrorCode::parse, fmt::format("\"{}\" is not a format of data files", value),
                "use csv, json or ndjson");
  return {};
}

Status parse_options(const std::vector<std::string_view>& parts, Options& out) {
  for (std::size_t i = 2; i < parts.size(); ++i) {
    const auto key = parts[i].substr(0, parts[i].find(' '));
    const auto value = trim(parts[i].substr(key.size()));
    if (key == "type") {
      out.type = type_of(value);
      if (!out.type)
        return fail(ErrorCode::parse, fmt::format("\"{}\" is not a type of data set", value),
                    "use string, md5, sha256 or ip");
    } else if (key == "load" || key == "state") {
      out.name = value;
    } else if (key == "format") {
      CHIENG_CHECK(parse_format(value, out.file));
    } else if (key == "value_key") {
      out.file.value_key = value;
    } else if (key == "array_key") {
      out.file.array_key = value;
    } else if (key == "context_key") {
      out.context_key = value;
    } else if (key == "remove_key") {
      out.file.remove_key = true;
    } else if (key != "save" && key != "memcap" && key != "hashsize") {
      return fail(ErrorCode::unsupported,
                  fmt::format("dataset: \"{}\" is not supported yet", parts[i]));
    }
  }
  if (out.file.format != DatasetFormat::csv && out.file.value_key.empty())
    return fail(ErrorCode::parse, "a data set of JSON objects needs value_key",
                "write format json, value_key name");
  return {};
}

Status parse_dataset(Builder& b, std::string_view v) {
  const auto parts = split(v, ',');
  const auto op = op_of(parts[0]);
  if (!op || parts.size() < 2 || parts[1].empty())
    return fail(ErrorCode::parse, fmt::format("\"{}\" is not an operation and a name", v),
                "write dataset:isset,name,type string,load file;");
  Options options;
  CHIENG_CHECK(parse_options(parts, options));
  auto& known = b.context().datasets[std::string(parts[1])];
  if (!known) {
    if (!options.type)
      return fail(ErrorCode::parse, fmt::format("data set {} has no type", parts[1]));
    auto fresh = std::make_shared<DatasetStep>();
    fresh->values = std::make_shared<DatasetValues>(*options.type);
    if (!options.name.empty()) {
      options.file.path = b.context().folder / options.name;
      CHIENG_CHECK(fresh->values->load(options.file));
    }
    known = std::move(fresh);
  }
  if (!b.in_sticky_buffer())
    return fail(ErrorCode::parse, "dataset has to follow the name of a buffer");
  auto step = std::make_shared<DatasetStep>(*known);
  step->op = *op;
  step->context_key = options.context_key;
  b.add({DatasetCheck{std::move(step)}, false, 0});
  return {};
}

// datarep:name, >, 200, load file, type string
Status parse_datarep(Builder& b, std::string_view v) {
  const auto parts = split(v, ',');
  if (parts.size() < 3 || parts[0].empty() ||
      (parts[1] != ">" && parts[1] != "<" && parts[1] != "=="))
    return fail(ErrorCode::parse, fmt::format("\"{}\" is not a name, a comparison and a number", v),
                "write datarep:name,>,200,load file,type string;");
  Options options;
  for (const std::string_view part : parts) {
    if (part.starts_with("load ")) options.name = trim(part.substr(5));
    if (part.starts_with("type ")) options.type = type_of(trim(part.substr(5)));
  }
  auto& known = b.context().reputations[std::string(parts[0])];
  if (!known) {
    if (!options.type || options.name.empty())
      return fail(ErrorCode::parse,
                  fmt::format("reputation list {} has no type or no file", parts[0]),
                  "write datarep:name,>,200,load file,type string;");
    auto fresh = std::make_shared<Reputations>(*options.type);
    CHIENG_CHECK(fresh->load(b.context().folder / options.name));
    known = std::move(fresh);
  }
  if (!b.in_sticky_buffer())
    return fail(ErrorCode::parse, "datarep has to follow the name of a buffer");
  auto step = std::make_shared<ReputationStep>();
  step->values = known;
  const std::string test = fmt::format("{}{}", parts[1] == "==" ? "" : parts[1], parts[2]);
  CHIENG_TRY(step->match, parse_integer(test, 65535));
  b.add({ReputationCheck{std::move(step)}, false, 0});
  return {};
}

constexpr std::array kKeywords = {Keyword{"dataset", Value::required, parse_dataset},
                                  Keyword{"datarep", Value::required, parse_datarep}};

}  // namespace

std::span<const Keyword> dataset() {
  return kKeywords;
}

}  // namespace chieng::suricata::keywords
