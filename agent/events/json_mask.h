// The last gate of an event: the JSON text of one event with every string treated by its field's
// class. Fields that no list names lose the secrets that stand inside their text, so a new
// protocol's fields are safe before anyone thinks of them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/event/privacy.h"

namespace chieng::agent {

enum class MaskClass : std::uint8_t {
  plain,  // ours or a number in a string's clothes: addresses, times, hashes, the rule's own words
  text,   // secrets inside are replaced
  personal,
  content,
  credential,
};
// By the field's own name and its parent's.
[[nodiscard]] MaskClass mask_class(std::string_view parent, std::string_view key);

// One a writer; keeps its buffers.
class JsonMask {
 public:
  explicit JsonMask(const PrivacyPolicy& policy) : policy_(policy) {}
  // json: what JsonWriter wrote. Valid until the next call.
  [[nodiscard]] std::string_view apply(std::string_view json);

 private:
  struct Level {
    std::string_view key;   // under which this object or array stands
    std::string_view name;  // of the member being read
    bool array = false;
    bool secret_header = false;   // {"name":"Authorization","value":…}
    bool secret_command = false;  // {"command":"PASS","args":[…]}
  };
  void string_value(std::string_view raw);
  [[nodiscard]] MaskClass class_here() const;

  PrivacyPolicy policy_;
  std::vector<Level> levels_;
  std::string out_, text_;
};

}  // namespace chieng::agent
