// What SMTP offers to rules, and the numbers by which its parts speak of it.
#pragma once

#include <cstdint>

#include "core/inspect/catalogue.h"

namespace chieng::collector::smtp {

// How far the client's side of a transaction is. greeting: HELO or EHLO came, or will not come any
// more; sender: the same of MAIL; envelope: all recipients are known; header: the message's own
// header; complete: the mail is over. The server's side is complete with the client's.
enum class Progress : std::uint8_t { none, greeting, sender, envelope, header, complete };

// Position in kSpec.buffers.
enum class Buffer : std::uint8_t {
  helo,
  mail_from,
  rcpt_to,
  from,
  subject,
  to,
  cc,
  date,
  message_id,
  x_mailer,
  url,
  received,
  body_md5,
  file_data,
  file_name,
  file_md5,
  file_sha1,
  file_sha256,
};

// Position in kSpec.frames. A command is two frames: with its line end, and without.
enum class Frame : std::uint8_t { command_line, data, response_line };

#define CHIENG_SMTP_EVENTS(X)           \
  X(invalid_reply)                      \
  X(unable_to_match_reply_with_request) \
  X(max_command_line_len_exceeded)      \
  X(max_reply_line_len_exceeded)        \
  X(invalid_pipelined_sequence)         \
  X(bdat_chunk_len_exceeded)            \
  X(no_server_welcome_message)          \
  X(tls_rejected)                       \
  X(data_command_rejected)              \
  X(failed_protocol_change)             \
  X(mime_parse_failed)                  \
  X(mime_malformed_msg)                 \
  X(mime_invalid_base64)                \
  X(mime_invalid_qp)                    \
  X(mime_long_line)                     \
  X(mime_long_enc_line)                 \
  X(mime_long_header_name)              \
  X(mime_long_header_value)             \
  X(mime_long_boundary)                 \
  X(mime_long_filename)                 \
  X(duplicate_fields)                   \
  X(unparsable_content)                 \
  X(truncated_line)                     \
  X(invalid_bdat)

// Position in kSpec.events.
#define CHIENG_SMTP_EVENT(name) name,
enum class Event : std::uint16_t { CHIENG_SMTP_EVENTS(CHIENG_SMTP_EVENT) };
#undef CHIENG_SMTP_EVENT

extern const ProtocolSpec kSpec;

}  // namespace chieng::collector::smtp
