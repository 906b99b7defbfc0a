// Who logs on: NTLMSSP messages ([MS-NLMP]) and Kerberos tickets (RFC 4120) inside the security
// blobs of session setups.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/bytes/bytes.h"

namespace chieng::collector::smb {

struct Ntlmssp {
  std::string domain, user, host;
  std::string version;  // "10.0 build 10586 rev 15"; empty where it is not said
};
struct Kerberos {
  std::string realm;
  std::vector<std::string> snames;  // at most kMostNames
  static constexpr std::size_t kMostNames = 16;
};

struct Credentials {
  std::optional<Ntlmssp> ntlmssp;
  std::optional<Kerberos> kerberos;
  bool malformed_ntlmssp = false;
};
// From a security blob, with SPNEGO around it or without.
[[nodiscard]] Credentials read_credentials(Bytes blob);

}  // namespace chieng::collector::smb
