#include "core/config/yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>
#include <unordered_set>

namespace chieng {
namespace {

// yaml-cpp makes empty documents without end of some broken texts.
constexpr std::size_t kDocuments = 10'000;

// Thrown through yaml-cpp's parser where a bound of ours is reached; ends in parse_yaml().
struct Refused {
  YAML::Mark mark;
  std::string text;
};

std::size_t count_nodes(const YamlNode& node) {
  std::size_t n = 1;
  for (const YamlNode& item : node.items) n += count_nodes(item);
  for (const YamlMember& member : node.members) n += count_nodes(member.second);
  return n;
}

int depth_of(const YamlNode& node) {
  int deepest = 0;
  for (const YamlNode& item : node.items) deepest = std::max(deepest, depth_of(item));
  for (const YamlMember& m : node.members) deepest = std::max(deepest, depth_of(m.second));
  return deepest + 1;
}

// Builds the tree from the parser's events, so that the bounds hold while it reads and not only
// afterwards.
class Builder : public YAML::EventHandler {
 public:
  explicit Builder(const YamlLimits& limits) : limits_(limits) {}

  [[nodiscard]] std::vector<YamlNode> take() { return std::move(documents_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_.size() >= kDocuments)
      throw Refused{mark, fmt::format("more than {} documents", kDocuments)};
    anchors_.clear();
    anchored_ = 0;
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(node_at(mark, YamlNode::Kind::null), anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto known = anchors_.find(anchor);
    if (known == anchors_.end()) throw Refused{mark, "an alias inside of what it stands for"};
    count(mark, count_nodes(known->second));
    if (static_cast<int>(open_.size()) + depth_of(known->second) > limits_.depth)
      throw Refused{mark, fmt::format("nested deeper than {}", limits_.depth)};
    YamlNode copy = known->second;
    place(std::move(copy));
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    YamlNode node = node_at(mark, YamlNode::Kind::scalar);
    node.quoted = tag == "!";
    const bool plain_null = !node.quoted && (value.empty() || value == "~" || value == "null" ||
                                             value == "Null" || value == "NULL");
    if (plain_null) node.kind = YamlNode::Kind::null;
    node.scalar = value;
    add(std::move(node), anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, YamlNode::Kind::sequence, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, YamlNode::Kind::map, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    YamlNode node;
    YAML::anchor_t anchor = 0;
    std::optional<YamlMember> member;  // a key that waits for its value
    std::unordered_set<std::string> keys;
  };

  static YamlNode node_at(const YAML::Mark& mark, YamlNode::Kind kind) {
    YamlNode node;
    node.kind = kind;
    node.line = mark.line + 1;
    node.column = mark.column + 1;
    return node;
  }
  void count(const YAML::Mark& mark, std::size_t nodes) {
    nodes_ += nodes;
    if (nodes_ > limits_.nodes)
      throw Refused{mark, fmt::format("more than {} values", limits_.nodes)};
  }
  void open(const YAML::Mark& mark, YamlNode::Kind kind, YAML::anchor_t anchor) {
    count(mark, 1);
    if (static_cast<int>(open_.size()) >= limits_.depth)
      throw Refused{mark, fmt::format("nested deeper than {}", limits_.depth)};
    open_.push_back({node_at(mark, kind), anchor, std::nullopt, {}});
  }
  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    remember(done.node, done.anchor);
    place(std::move(done.node));
  }
  void add(YamlNode node, YAML::anchor_t anchor) {
    count(YAML::Mark::null_mark(), 1);
    remember(node, anchor);
    place(std::move(node));
  }
  // Anchored values are kept twice, so they count twice.
  void remember(const YamlNode& node, YAML::anchor_t anchor) {
    if (anchor == 0) return;
    anchored_ += count_nodes(node);
    if (anchored_ > limits_.nodes)
      throw Refused{YAML::Mark::null_mark(), fmt::format("more than {} values", limits_.nodes)};
    anchors_[anchor] = node;
  }
  void place(YamlNode node) {
    if (open_.empty()) {
      documents_.push_back(std::move(node));
      return;
    }
    Open& parent = open_.back();
    if (parent.node.kind == YamlNode::Kind::sequence) {
      parent.node.items.push_back(std::move(node));
    } else if (parent.member) {
      parent.member->second = std::move(node);
      parent.node.members.push_back(std::move(*parent.member));
      parent.member.reset();
    } else {
      begin_member(parent, node);
    }
  }
  static void begin_member(Open& map, const YamlNode& key) {
    YAML::Mark mark;
    mark.line = key.line - 1;
    mark.column = key.column - 1;
    if (!key.is_scalar() && !key.is_null()) throw Refused{mark, "a key has to be plain text"};
    if (!map.keys.insert(key.scalar).second)
      throw Refused{mark, fmt::format("key \"{}\" stands twice", key.scalar)};
    map.member = YamlMember{key.scalar, {}};
  }

  const YamlLimits& limits_;
  std::vector<YamlNode> documents_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, YamlNode> anchors_;
  std::size_t nodes_ = 0, anchored_ = 0;
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
  const auto place = [&](const YAML::Mark& mark) {
    return fmt::format("{}:{}:{}", name, mark.line + 1, mark.column + 1);
  };
  try {
    std::istringstream in{std::string(text)};
    YAML::Parser parser(in);
    Builder builder(limits);
    while (parser.HandleNextDocument(builder)) {
    }
    return builder.take();
  } catch (const Refused& refused) {
    return fail(ErrorCode::parse, refused.text, place(refused.mark));
  } catch (const YAML::Exception& e) {
    return fail(ErrorCode::parse, e.msg, place(e.mark));
  } catch (const std::exception& e) {
    return fail(ErrorCode::parse, e.what(), std::string(name));
  }
}

}  // namespace chieng
