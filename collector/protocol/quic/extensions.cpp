#include "collector/protocol/quic/extensions.h"

#include <fmt/core.h>

#include <array>

namespace chieng::collector::quic {
namespace {

// By number (IANA "TLS ExtensionType Values").
constexpr std::array<std::string_view, 60> kNames = {
    "server_name",
    "max_fragment_length",
    "client_certificate_url",
    "trusted_ca_keys",
    "truncated_hmac",
    "status_request",
    "user_mapping",
    "client_authz",
    "server_authz",
    "cert_type",
    "supported_groups",
    "ec_point_formats",
    "srp",
    "signature_algorithms",
    "use_srtp",
    "heartbeat",
    "alpn",
    "status_request_v2",
    "signed_certificate_timestamp",
    "client_certificate_type",
    "server_certificate_type",
    "padding",
    "encrypt_then_mac",
    "extended_master_secret",
    "token_binding",
    "cached_info",
    "tls_lts",
    "compress_certificate",
    "record_size_limit",
    "pwd_protect",
    "pwd_clear",
    "password_salt",
    "ticket_pinning",
    "tls_cert_with_extern_psk",
    "delegated_credentials",
    "session_ticket",
    "tlmsp",
    "tlmsp_proxying",
    "tlmsp_delegate",
    "supported_ekt_ciphers",
    "",
    "pre_shared_key",
    "early_data",
    "supported_versions",
    "cookie",
    "psk_key_exchange_modes",
    "",
    "certificate_authorities",
    "oid_filters",
    "post_handshake_auth",
    "signature_algorithms_cert",
    "key_share",
    "transparency_info",
    "connection_id_deprecated",
    "connection_id",
    "external_id_hash",
    "external_session_id",
    "quic_transport_parameters",
    "ticket_request",
    "dnssec_chain",
};

}  // namespace

std::string_view extension_name(std::uint16_t type) {
  if (type < kNames.size()) return kNames[type];
  if (type == 13172) return "next_protocol_negotiation";
  return type == 65281 ? "renegotiation_info" : "";
}

std::string version_name(std::uint16_t version) {
  switch (version) {
    case 0x0300:
      return "Ssl30";
    case 0x0301:
      return "Tls10";
    case 0x0302:
      return "Tls11";
    case 0x0303:
      return "Tls12";
    case 0x0304:
      return "Tls13";
    default:
      return fmt::format("TlsVersion({} / 0x{:x})", version, version);
  }
}

}  // namespace chieng::collector::quic
