// Classes of event fields for personal data and secrets, and what the agent's writer does with
// each. scan writes fields as they are unless privacy.mask is set; run always masks. See
// docs/event-schema.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

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

// Free text (a URL, a header, a log line, an excerpt) with passwords and 12-digit identity numbers
// replaced by
// "***": values of password-like parameters and JSON members, Authorization and Cookie values,
// userinfo in URLs.
[[nodiscard]] std::string mask_text(std::string_view text);
// Where those secrets stand in the text, in order and apart from one another. The text as sent by
// FTP, POP3, IMAP and SMTP clients (PASS, LOGIN, AUTH) counts too. Appends nothing where there are
// none; ranges is cleared first.
struct TextRange {
  std::size_t begin = 0, end = 0;
  friend bool operator==(const TextRange&, const TextRange&) = default;
};
void find_secrets(std::string_view text, std::vector<TextRange>& ranges);
// One field by its class; the result is what may be written.
[[nodiscard]] std::string apply_privacy(const PrivacyPolicy& policy, FieldClass field,
                                        std::string_view text);

}  // namespace chieng
