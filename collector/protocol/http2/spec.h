// What HTTP/2 offers to rules, and the numbers by which its parts speak of it.
#pragma once

#include <cstdint>

#include "core/inspect/catalogue.h"

namespace chieng::collector::http2 {

// How far a side of a transaction is. body: that side has ended; complete: the stream is closed.
enum class Progress : std::uint8_t { none, headers, body, complete };

// Position in kSpec.buffers, and the first of those of DNS over HTTP/2.
enum class Buffer : std::uint8_t {
  method,
  uri,
  uri_raw,
  protocol,
  request_line,
  response_line,
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
  file_md5,
  file_sha1,
  file_sha256,
  header_name,
  count_
};

// Position in kSpec.integers, and the first of those of DNS over HTTP/2. The last ones are the
// values of each setting, by its id from 1 on.
enum class Integer : std::uint8_t {
  frame_type,
  error_code,
  priority,
  window,
  size_update,
  file_size,
  settings,
};

#define CHIENG_HTTP2_EVENTS(X) \
  X(invalid_frame_header)      \
  X(invalid_client_magic)      \
  X(invalid_frame_data)        \
  X(invalid_header)            \
  X(invalid_frame_length)      \
  X(extra_header_data)         \
  X(long_frame_data)           \
  X(stream_id_reuse)           \
  X(invalid_http1_settings)    \
  X(failed_decompression)      \
  X(invalid_range)             \
  X(header_integer_overflow)   \
  X(too_many_streams)          \
  X(authority_host_mismatch)   \
  X(userinfo_in_uri)           \
  X(reassembly_limit_reached)  \
  X(dns_request_too_long)      \
  X(dns_response_too_long)     \
  X(data_stream_zero)          \
  X(too_many_frames)           \
  X(compression_bomb)

// Position in kSpec.events.
enum class Event : std::uint16_t {
#define CHIENG_HTTP2_EVENT(name) name,
  CHIENG_HTTP2_EVENTS(CHIENG_HTTP2_EVENT)
#undef CHIENG_HTTP2_EVENT
};

// Position in kSpec.frames: what frame: of a rule may name.
enum class FrameRange : std::uint8_t { hdr, data, pdu };

extern const ProtocolSpec kSpec;

}  // namespace chieng::collector::http2
