// dataset.
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
  std::string_view file;
};

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
      out.file = value;
    } else if (key != "save" && key != "memcap" && key != "hashsize") {
      return fail(ErrorCode::unsupported,
                  fmt::format("dataset: \"{}\" is not supported yet", parts[i]));
    }
  }
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
    if (!options.file.empty()) CHIENG_CHECK(fresh->values->load(b.context().folder / options.file));
    known = std::move(fresh);
  }
  if (!b.in_sticky_buffer())
    return fail(ErrorCode::parse, "dataset has to follow the name of a buffer");
  auto step = std::make_shared<DatasetStep>(*known);
  step->op = *op;
  b.add({DatasetCheck{std::move(step)}, false, 0});
  return {};
}

constexpr std::array kKeywords = {Keyword{"dataset", Value::required, parse_dataset}};

}  // namespace

std::span<const Keyword> dataset() {
  return kKeywords;
}

}  // namespace chieng::suricata::keywords
