// One SIP message: requests and responses are transactions of their own.
#pragma once

#include "collector/protocol/sip/message.h"
#include "collector/protocol/sip/sdp.h"
#include "core/inspect/transaction.h"

namespace chieng::collector::sip {

enum class Buffer : std::uint8_t {
  method,
  uri,
  request_line,
  stat_code,
  stat_msg,
  response_line,
  protocol,
  from,
  to,
  via,
  user_agent,
  content_type,
  content_length,
  sdp_session_name,
  sdp_session_info,
  sdp_origin,
  sdp_uri,
  sdp_email,
  sdp_phone,
  sdp_connection,
  sdp_bandwidth,
  sdp_time,
  sdp_repeat,
  sdp_timezone,
  sdp_key,
  sdp_attribute,
  sdp_media,
  sdp_media_info,
  sdp_media_connection,
  sdp_media_key
};
enum class Event : std::uint16_t { incomplete_data, invalid_data };

extern const ProtocolSpec kSpec;

class SipTransaction final : public Transaction {
 public:
  SipTransaction(AppProto proto, std::uint64_t id, Direction direction, Message message);

  [[nodiscard]] std::optional<BufferSlice> buffer(unsigned local, Direction d,
                                                  std::uint32_t instance) const override;
  void write(JsonWriter& out) const override;
  [[nodiscard]] Direction event_direction() const override { return direction_; }
  [[nodiscard]] bool one_sided() const override { return true; }

 private:
  [[nodiscard]] const std::string* text(Buffer which, std::uint32_t instance) const;
  [[nodiscard]] const std::string* sdp_text(Buffer which, std::uint32_t instance) const;

  Direction direction_;
  Message message_;
  std::optional<Sdp> sdp_;
  // Values of a kind from all places of the description, in its order.
  std::vector<const std::string*> bandwidths_, repeats_, attributes_;
};

}  // namespace chieng::collector::sip
