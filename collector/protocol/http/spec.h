// What HTTP/1 offers to rules, and the numbers by which its parts speak of it.
#pragma once

#include <cstdint>

#include "core/inspect/catalogue.h"

namespace chieng::collector::http {

// How far a side of a transaction is: what is complete.
enum class Progress : std::uint8_t { none, line, headers, body, trailer, complete };

// Position in kSpec.buffers.
enum class Buffer : std::uint8_t {
  method,
  uri,
  uri_raw,
  protocol,
  request_line,
  response_line,
  start,
  header,
  header_raw,
  header_names,
  request_header,
  response_header,
  host,
  host_raw,
  cookie,
  user_agent,
  referer,
  accept,
  accept_enc,
  accept_lang,
  content_type,
  content_len,
  connection,
  server,
  location,
  stat_code,
  stat_msg,
  request_body,
  response_body,
  file_data,
  file_name,
  file_md5,
  file_sha1,
  file_sha256,
};

#define CHIENG_HTTP_EVENTS(X)                                                                                               \
  X(unknown_error)                                                                                                          \
  X(gzip_decompression_failed)                                                                                              \
  X(request_field_missing_colon)                                                                                            \
  X(response_field_missing_colon)                                                                                           \
  X(invalid_request_chunk_len) X(invalid_response_chunk_len) X(invalid_transfer_encoding_value_in_request) X(               \
      invalid_transfer_encoding_value_in_response) X(invalid_content_length_field_in_request)                               \
      X(invalid_content_length_field_in_response) X(duplicate_content_length_field_in_request) X(                           \
          duplicate_content_length_field_in_response) X(100_continue_already_seen)                                          \
          X(unable_to_match_response_to_request) X(invalid_server_port_in_request) X(                                       \
              invalid_authority_port) X(request_header_invalid) X(response_header_invalid)                                  \
              X(missing_host_header) X(host_header_ambiguous) X(invalid_request_field_folding) X(                           \
                  invalid_response_field_folding) X(request_field_too_long) X(response_field_too_long)                      \
                  X(request_line_invalid) X(request_body_unexpected) X(response_body_unexpected) X(                         \
                      request_server_port_tcp_port_mismatch) X(request_uri_host_invalid)                                    \
                      X(request_header_host_invalid) X(request_auth_unrecognized) X(                                        \
                          request_header_repetition) X(response_header_repetition) X(double_encoded_uri)                    \
                          X(uri_delim_non_compliant) X(method_delim_non_compliant) X(                                       \
                              request_line_leading_whitespace) X(too_many_encoding_layers)                                  \
                              X(abnormal_ce_header) X(response_multipart_byteranges) X(                                     \
                                  response_abnormal_transfer_encoding) X(response_chunked_old_proto)                        \
                                  X(response_invalid_protocol) X(response_invalid_status) X(                                \
                                      request_line_incomplete) X(request_line_missing_protocol)                             \
                                      X(request_too_many_headers) X(response_too_many_headers) X(                           \
                                          request_chunk_extension) X(response_chunk_extension)                              \
                                          X(compression_bomb) X(compression_bomb_limit_reached) X(                          \
                                              lzma_memlimit_reached) X(multipart_generic_error)                             \
                                              X(multipart_no_filedata) X(multipart_invalid_header) X(                       \
                                                  too_many_warnings) X(range_invalid)                                       \
                                                  X(file_name_too_long) X(failed_protocol_change) X(                        \
                                                      protocol_contains_extra_data) X(content_length_extra_data_start)      \
                                                      X(content_length_extra_data_end) X(                                   \
                                                          switching_proto_with_content_length)                              \
                                                          X(deformed_eol) X(parser_state_error) X(                          \
                                                              missing_outbound_transaction_data)                            \
                                                              X(missing_inbound_transaction_data) X(                        \
                                                                  zero_length_data_chunks)                                  \
                                                                  X(request_line_unknown_method) X(                         \
                                                                      request_line_unknown_method_no_protocol)              \
                                                                      X(request_line_unknown_method_invalid_protocol)       \
                                                                          X(invalid_gap) X(                                 \
                                                                              connection_already_open)                      \
                                                                              X(request_invalid_lws_after_name)             \
                                                                                  X(response_invalid_lws_after_name)        \
                                                                                      X(response_header_name_not_token)     \
                                                                                          X(response_line_invalid_protocol) \
                                                                                              X(response_line_invalid_response_status)

// Position in kSpec.events.
enum class Event : std::uint16_t {
#define CHIENG_HTTP_EVENT(name) e_##name,
  CHIENG_HTTP_EVENTS(CHIENG_HTTP_EVENT)
#undef CHIENG_HTTP_EVENT
};

extern const ProtocolSpec kSpec;

}  // namespace chieng::collector::http
