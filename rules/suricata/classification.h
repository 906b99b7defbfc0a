// Class types of rules: the category that people read and the priority.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace chieng::suricata {

struct RuleClass {
  std::string text;
  std::uint8_t priority = 3;
};

class Classification {
 public:
  Classification();  // the usual ones
  // classification.config: "config classification: name,text,priority"; other lines are passed
  // over.
  void load(std::string_view text);
  [[nodiscard]] const RuleClass* find(std::string_view name) const;

 private:
  std::map<std::string, RuleClass, std::less<>> classes_;
};

}  // namespace chieng::suricata
