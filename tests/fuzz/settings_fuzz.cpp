// YAML of any text, as a tree and as the settings of a program that has one key of every kind.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "core/bytes/bytes.h"
#include "core/config/settings.h"

namespace {

using namespace chieng;

constexpr SettingSpec kSpecs[] = {
    {"a.on", SettingKind::boolean, "false", "A switch."},
    {"a.number", SettingKind::integer, "5", "A number.", {}, 1, 100},
    {"a.size", SettingKind::size, "64kb", "A size."},
    {"a.time", SettingKind::duration, "30s", "A time.", {}, 1, 3'600'000},
    {"b.name", SettingKind::text, "", "A text."},
    {"b.list", SettingKind::texts, "x, y", "A list."},
    {"tree", SettingKind::tree, "", "A structure."},
};

std::size_t count_nodes(const YamlNode& node, int depth) {
  if (depth > YamlLimits{}.depth) std::abort();
  std::size_t out = 1;
  for (const YamlNode& item : node.items) out += count_nodes(item, depth + 1);
  for (const YamlMember& member : node.members) {
    if (node.find(member.first) != &member.second) std::abort();  // keys are unique
    out += count_nodes(member.second, depth + 1);
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 16 * 1024) return 0;
  const std::string_view text = as_text(as_bytes(data, size));
  const YamlLimits limits{.bytes = 1 << 16, .nodes = 5000, .depth = YamlLimits{}.depth};
  const auto documents = parse_yaml(text, "fuzz.yml", limits);
  if (!documents) return 0;
  std::size_t nodes = 0;
  for (const YamlNode& document : *documents) nodes += count_nodes(document, 0);
  if (nodes > limits.nodes) std::abort();
  Settings settings(kSpecs);
  (void)settings.load(text, "fuzz.yml");
  (void)settings.set("b.list", text);
  (void)settings.set("tree", text);
  (void)settings.set(text, "1");
  const std::int64_t number = settings.integer("a.number");
  if (number < 1 || number > 100 || settings.integer("a.size") < 0) std::abort();
  return 0;
}
