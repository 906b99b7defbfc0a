// Classes of event fields for personal data and secrets, and what the agent's writer does with each.
// scan writes fields as they are unless privacy.mask is set; run always masks. See docs/event-schema.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace chieng {

enum class FieldClass : std::uint8_t { plain, personal, content, credential };
enum class PrivacyAction : std::uint8_t { keep, mask, hash, drop };

struct PrivacyPolicy {
  bool enabled = false;  // false: every field as it is
  PrivacyAction personal = PrivacyAction::keep;
  PrivacyAction content = PrivacyAction::mask;  // mask: secrets inside free text are replaced
  // credentials are always dropped when enabled: written as "***"
  std::string hash_key;  // for keyed hashes; never logged
};

// Free text (a URL, a header, a log line, an excerpt) with passwords and 12-digit identity numbers replaced by
// "***": values of password-like parameters and JSON members, Authorization and Cookie values, userinfo in URLs.
[[nodiscard]] std::string mask_text(std::string_view text);
// One field by its class; the result is what may be written.
[[nodiscard]] std::string apply_privacy(const PrivacyPolicy& policy, FieldClass field, std::string_view text);

}  // namespace chieng
