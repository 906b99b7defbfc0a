// What detection needs of an X.509 certificate, read with OpenSSL.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "collector/protocol/tls/spec.h"
#include "core/bytes/bytes.h"

namespace chieng::collector::tls {

struct Certificate {
  std::string subject, issuer;  // "C=US, O=Example, CN=example.org", in the order of the encoding
  std::string serial;           // "01:0A"
  std::string fingerprint;      // SHA-1, "aa:bb"
  std::vector<std::string> alternative_names;  // DNS names and addresses; kMaxNames of them
  std::int64_t not_before = 0, not_after = 0;  // seconds since 1970
};
inline constexpr std::size_t kMaxNames = 256;

// The error: the anomaly that it is.
[[nodiscard]] std::expected<Certificate, Event> parse_certificate(Bytes der);
// Whether these bytes are built as a certificate is, which costs far less than reading it.
[[nodiscard]] bool is_certificate(Bytes der);

}  // namespace chieng::collector::tls
