// What TLS offers to rules, and the numbers by which its parts speak of it.
#pragma once

#include <cstdint>

#include "core/inspect/catalogue.h"

namespace chieng::collector::tls {

// Progress of either side. hello: its hello is in; certificate: it has sent its certificates or
// will not send any.
enum class Progress : std::uint8_t { none, hello, certificate, complete };

enum class Buffer : std::uint8_t {
  sni,
  cert_subject,
  cert_issuer,
  cert_serial,
  cert_fingerprint,
  certs,
  alternative_name,
  alpn,
  random,
  random_time,
  random_bytes,
  ja3_hash,
  ja3_string,
  ja3s_hash,
  ja3s_string,
  ja4_hash
};
enum class Integer : std::uint8_t { version, chain_length, not_before, not_after, in_time };
// Of Integer::in_time: the certificate's period against the time of the packet that brought it.
enum class Period : std::uint8_t { early, valid, expired };

#define CHIENG_TLS_EVENTS(X)                                                                       \
  X(invalid_sslv2_header)                                                                          \
  X(invalid_tls_header)                                                                            \
  X(invalid_record_version)                                                                        \
  X(invalid_record_type) X(invalid_record_length) X(invalid_handshake_message)                     \
      X(heartbeat_message) X(invalid_heartbeat_message) X(overflow_heartbeat_message)              \
          X(dataleak_heartbeat_mismatch) X(handshake_invalid_length) X(multiple_sni_extensions)    \
              X(invalid_sni_type) X(invalid_sni_length) X(too_many_records_in_packet)              \
                  X(invalid_alert_message) X(invalid_certificate) X(certificate_missing_element)   \
                      X(certificate_unknown_element) X(certificate_invalid_string) X(              \
                          certificate_invalid_length) X(certificate_invalid_version)               \
                          X(certificate_invalid_serial) X(certificate_invalid_algorithmidentifier) \
                              X(certificate_invalid_x509name) X(certificate_invalid_date)          \
                                  X(certificate_invalid_extensions) X(certificate_invalid_der)     \
                                      X(certificate_invalid_subject) X(certificate_invalid_issuer) \
                                          X(certificate_invalid_validity)                          \
                                              X(error_message_encountered) X(invalid_ssl_record)

#define CHIENG_TLS_EVENT(name) name,
enum class Event : std::uint16_t { CHIENG_TLS_EVENTS(CHIENG_TLS_EVENT) };
#undef CHIENG_TLS_EVENT

extern const ProtocolSpec kSpec;

}  // namespace chieng::collector::tls
