#include "collector/protocol/smb/ntlmssp.h"

#include <fmt/core.h>

#include <algorithm>

#include "collector/protocol/smb/text.h"

namespace chieng::collector::smb {
namespace {

constexpr std::string_view kSignature("NTLMSSP\0", 8);
// The OID of Kerberos 5 as GSS-API puts it before a token, and the token's number: AP-REQ.
constexpr std::string_view kKerberosToken("\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x01\x00",
                                          13);
constexpr std::size_t kMostText = 4096;

// A length, a size of the room and an offset from the message's beginning.
std::optional<std::string> field(Reader& in, Bytes message, bool unicode) {
  const std::size_t length = in.u16le();
  in.skip(2);
  const std::size_t offset = in.u32le();
  if (!in.ok()) return std::nullopt;
  if (length == 0) return std::string();
  if (offset > message.size() || length > message.size() - offset) return std::nullopt;
  const Bytes text = message.subspan(offset, std::min(length, kMostText));
  return unicode ? from_utf16(text) : std::string(as_text(text));
}

// An AUTHENTICATE message: [MS-NLMP] 2.2.1.3.
std::optional<Ntlmssp> read_authenticate(Bytes message) {
  constexpr std::uint32_t kUnicode = 1, kVersion = 0x02000000;
  Reader flags_in(message);
  flags_in.skip(60);
  const std::uint32_t flags = flags_in.u32le();
  const bool unicode = !flags_in.ok() || (flags & kUnicode) != 0;
  Reader in(message);
  in.skip(12 + 16);  // signature, type, both responses
  Ntlmssp out;
  const auto domain = field(in, message, unicode);
  const auto user = field(in, message, unicode);
  const auto host = field(in, message, unicode);
  if (!domain || !user || !host) return std::nullopt;
  out.domain = *domain;
  out.user = *user;
  out.host = *host;
  if (!flags_in.ok() || (flags & kVersion) == 0) return out;
  const unsigned major = flags_in.u8(), minor = flags_in.u8(), build = flags_in.u16le();
  flags_in.skip(3);
  const unsigned revision = flags_in.u8();
  if (flags_in.ok())
    out.version = fmt::format("{}.{} build {} rev {}", major, minor, build, revision);
  return out;
}

// The contents of the next DER element; failed where it is not of that tag.
Reader element(Reader& in, std::uint8_t tag) {
  const std::uint8_t found = in.u8();
  std::size_t length = in.u8();
  if ((length & 0x80) != 0) {
    unsigned n = length & 0x7f;
    if (n > 4) n = 0, in.skip(in.remaining() + 1);
    length = 0;
    for (; n > 0; --n) length = length << 8 | in.u8();
  }
  if (found != tag) in.skip(in.remaining() + 1);
  return in.sub(length);
}

// An AP-REQ's ticket: who the service is.
std::optional<Kerberos> read_ap_req(Bytes token) {
  Reader all(token);
  Reader request = element(all, 0x6e);
  Reader fields = element(request, 0x30);
  (void)element(fields, 0xa0);  // version
  (void)element(fields, 0xa1);  // type
  (void)element(fields, 0xa2);  // options
  Reader tagged = element(fields, 0xa3);
  Reader ticket = element(tagged, 0x61);
  Reader inside = element(ticket, 0x30);
  (void)element(inside, 0xa0);  // version
  Reader realm_tag = element(inside, 0xa1);
  Reader realm = element(realm_tag, 0x1b);
  if (!realm.ok()) return std::nullopt;
  Kerberos out;
  out.realm = as_text(realm.rest());
  Reader name_tag = element(inside, 0xa2);
  Reader name = element(name_tag, 0x30);
  (void)element(name, 0xa0);  // type
  Reader list_tag = element(name, 0xa1);
  Reader list = element(list_tag, 0x30);
  while (!list.at_end() && out.snames.size() < Kerberos::kMostNames) {
    Reader one = element(list, 0x1b);
    if (!one.ok()) break;
    out.snames.emplace_back(as_text(one.rest()));
  }
  return out;
}

}  // namespace

Credentials read_credentials(Bytes blob) {
  Credentials out;
  const std::string_view text = as_text(blob);
  if (const auto at = text.find(kSignature); at != std::string_view::npos) {
    const Bytes message = blob.subspan(at);
    Reader in(message.subspan(kSignature.size()));
    if (in.u32le() == 3 && in.ok()) {
      out.ntlmssp = read_authenticate(message);
      out.malformed_ntlmssp = !out.ntlmssp;
    } else {
      out.malformed_ntlmssp = !in.ok();
    }
  } else if (const auto token = text.find(kKerberosToken); token != std::string_view::npos) {
    out.kerberos = read_ap_req(blob.subspan(token + kKerberosToken.size()));
  }
  return out;
}

}  // namespace chieng::collector::smb
