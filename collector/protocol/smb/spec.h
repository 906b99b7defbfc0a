// What SMB declares to rules.
#pragma once

#include "core/inspect/catalogue.h"

namespace chieng::collector::smb {

enum class Buffer : std::uint8_t {
  named_pipe,
  share,
  ntlmssp_user,
  ntlmssp_domain,
  stub_data,
  interfaces,
  file_data,
  file_name,
  file_md5,
  file_sha1,
  file_sha256
};
enum class Integer : std::uint8_t { version, opnum, filesize };

enum class Event : std::uint16_t {
  internal_error,
  malformed_data,
  record_overflow,
  malformed_ntlmssp_request,
  malformed_ntlmssp_response,
  duplicate_negotiate,
  negotiate_malformed_dialects,
  file_overlap,
  request_to_client,
  response_to_server,
  negotiate_max_read_size_too_large,
  read_request_too_large,
  read_response_too_large,
  read_queue_size_exceeded,
  read_queue_cnt_exceeded,
  negotiate_max_write_size_too_large,
  write_request_too_large,
  write_queue_size_exceeded,
  write_queue_cnt_exceeded,
  too_many_transactions
};

// Those of a message of a version are in the order of these three.
enum class Frame : std::uint8_t {
  nbss_pdu,
  nbss_hdr,
  nbss_data,
  smb1_pdu,
  smb1_hdr,
  smb1_data,
  smb2_pdu,
  smb2_hdr,
  smb2_data,
  smb3_pdu,
  smb3_hdr,
  smb3_data
};

extern const ProtocolSpec kSpec;

}  // namespace chieng::collector::smb
