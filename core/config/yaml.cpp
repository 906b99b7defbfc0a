#include "core/config/yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <unordered_set>

namespace chieng {
namespace {

class Converter {
 public:
  Converter(std::string_view name, const YamlLimits& limits) : name_(name), limits_(limits) {}

  Result<YamlNode> convert(const YAML::Node& in, int depth) {
    YamlNode out;
    out.line = in.Mark().line + 1;
    out.column = in.Mark().column + 1;
    if (depth > limits_.depth)
      return complain(out, fmt::format("nested deeper than {}", limits_.depth));
    if (++nodes_ > limits_.nodes)
      return complain(out, fmt::format("more than {} values", limits_.nodes));
    switch (in.Type()) {
      case YAML::NodeType::Undefined:
      case YAML::NodeType::Null:
        return out;
      case YAML::NodeType::Scalar:
        out.kind = YamlNode::Kind::scalar;
        out.quoted = in.Tag() == "!";
        out.scalar = in.Scalar();
        return out;
      case YAML::NodeType::Sequence:
        return sequence(in, std::move(out), depth);
      case YAML::NodeType::Map:
        return map(in, std::move(out), depth);
    }
    return out;
  }

 private:
  Result<YamlNode> sequence(const YAML::Node& in, YamlNode out, int depth) {
    out.kind = YamlNode::Kind::sequence;
    for (const auto& item : in) {
      CHIENG_TRY(YamlNode child, convert(item, depth + 1));
      out.items.push_back(std::move(child));
    }
    return out;
  }

  Result<YamlNode> map(const YAML::Node& in, YamlNode out, int depth) {
    out.kind = YamlNode::Kind::map;
    std::unordered_set<std::string> keys;
    for (const auto& member : in) {
      YamlNode at;
      at.line = member.first.Mark().line + 1;
      at.column = member.first.Mark().column + 1;
      if (!member.first.IsScalar()) return complain(at, "a key has to be plain text");
      if (!keys.insert(member.first.Scalar()).second)
        return complain(at, fmt::format("key \"{}\" stands twice", member.first.Scalar()));
      CHIENG_TRY(YamlNode child, convert(member.second, depth + 1));
      if (child.line <= 0) child.line = at.line;
      out.members.push_back({member.first.Scalar(), std::move(child)});
    }
    return out;
  }

  std::unexpected<Error> complain(const YamlNode& at, std::string text) const {
    return fail(ErrorCode::parse, std::move(text),
                fmt::format("{}:{}:{}", name_, at.line, at.column));
  }

  std::string_view name_;
  const YamlLimits& limits_;
  std::size_t nodes_ = 0;
};

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  const auto at = std::ranges::find(
      members, key, [](const YamlMember& m) -> std::string_view { return m.first; });
  return at == members.end() ? nullptr : &at->second;
}

bool YamlNode::texts(std::vector<std::string>& out) const {
  if (is_scalar()) out.push_back(scalar);
  for (const YamlNode& item : items) {
    if (!item.is_scalar()) return false;
    out.push_back(item.scalar);
  }
  return !is_map();
}

Result<std::vector<YamlNode>> parse_yaml(std::string_view text, std::string_view name,
                                         const YamlLimits& limits) {
  if (text.size() > limits.bytes)
    return fail(ErrorCode::limit, fmt::format("larger than {} bytes", limits.bytes),
                std::string(name));
  try {
    std::vector<YamlNode> out;
    Converter converter(name, limits);
    for (const YAML::Node& document : YAML::LoadAll(std::string(text))) {
      CHIENG_TRY(YamlNode node, converter.convert(document, 0));
      out.push_back(std::move(node));
    }
    return out;
  } catch (const YAML::Exception& e) {
    return fail(ErrorCode::parse, e.msg,
                fmt::format("{}:{}:{}", name, e.mark.line + 1, e.mark.column + 1));
  } catch (const std::exception& e) {
    return fail(ErrorCode::parse, e.what(), std::string(name));
  }
}

}  // namespace chieng
