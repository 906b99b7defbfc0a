#include "collector/protocol/sip/transaction.h"

namespace chieng::collector::sip {
namespace {

const std::string* first_of(const std::optional<std::string>& text, std::uint32_t instance) {
  return text && instance == 0 ? &*text : nullptr;
}

const std::string* nth(const std::vector<const std::string*>& list, std::uint32_t instance) {
  return instance < list.size() ? list[instance] : nullptr;
}

// The n-th of those that are there, among the media.
const std::string* of_media(const Sdp& sdp, std::optional<std::string> MediaDescription::* member,
                            std::uint32_t instance) {
  for (const MediaDescription& m : sdp.media)
    if (m.*member && instance-- == 0) return &*(m.*member);
  return nullptr;
}

void collect(const std::vector<std::string>& from, std::vector<const std::string*>& out) {
  for (const std::string& s : from) out.push_back(&s);
}

}  // namespace

SipTransaction::SipTransaction(AppProto proto, std::uint64_t id, Direction direction,
                               Message message)
    : Transaction(proto, id), direction_(direction), message_(std::move(message)) {
  const std::string* type = message_.header("Content-Type");
  if (type != nullptr && type->starts_with("application/sdp")) sdp_ = parse_sdp(message_.body);
  if (sdp_) {
    collect(sdp_->bandwidths, bandwidths_);
    collect(sdp_->attributes, attributes_);
    for (const TimeDescription& t : sdp_->times) collect(t.repeats, repeats_);
    for (const MediaDescription& m : sdp_->media) {
      collect(m.bandwidths, bandwidths_);
      collect(m.attributes, attributes_);
    }
  }
  set_progress(Direction::to_server, 1);
  set_progress(Direction::to_client, 1);
}

const std::string* SipTransaction::text(Buffer which, std::uint32_t instance) const {
  const auto line = [&](bool response, const std::string& s) {
    return message_.response == response && instance == 0 && !message_.first_line.empty() ? &s
                                                                                          : nullptr;
  };
  switch (which) {
    case Buffer::method:
      return line(false, message_.method);
    case Buffer::uri:
      return line(false, message_.uri);
    case Buffer::request_line:
      return line(false, message_.first_line);
    case Buffer::stat_code:
      return line(true, message_.code);
    case Buffer::stat_msg:
      return line(true, message_.reason);
    case Buffer::response_line:
      return line(true, message_.first_line);
    case Buffer::protocol:
      return line(message_.response, message_.version);
    case Buffer::from:
      return message_.header("From", instance);
    case Buffer::to:
      return message_.header("To", instance);
    case Buffer::via:
      return message_.header("Via", instance);
    case Buffer::user_agent:
      return message_.header("User-Agent", instance);
    case Buffer::content_type:
      return message_.header("Content-Type", instance);
    case Buffer::content_length:
      return message_.header("Content-Length", instance);
    default:
      return sdp_ ? sdp_text(which, instance) : nullptr;
  }
}

const std::string* SipTransaction::sdp_text(Buffer which, std::uint32_t instance) const {
  const Sdp& s = *sdp_;
  switch (which) {
    case Buffer::sdp_session_name:
      return first_of(s.name, instance);
    case Buffer::sdp_session_info:
      return first_of(s.info, instance);
    case Buffer::sdp_origin:
      return first_of(s.origin, instance);
    case Buffer::sdp_uri:
      return first_of(s.uri, instance);
    case Buffer::sdp_email:
      return first_of(s.email, instance);
    case Buffer::sdp_phone:
      return first_of(s.phone, instance);
    case Buffer::sdp_connection:
      return first_of(s.connection, instance);
    case Buffer::sdp_bandwidth:
      return nth(bandwidths_, instance);
    case Buffer::sdp_time:
      return instance < s.times.size() ? &s.times[instance].time : nullptr;
    case Buffer::sdp_repeat:
      return nth(repeats_, instance);
    case Buffer::sdp_timezone:
      return first_of(s.timezone, instance);
    case Buffer::sdp_key:
      return first_of(s.key, instance);
    case Buffer::sdp_attribute:
      return nth(attributes_, instance);
    case Buffer::sdp_media:
      return instance < s.media.size() ? &s.media[instance].media : nullptr;
    case Buffer::sdp_media_info:
      return of_media(s, &MediaDescription::info, instance);
    case Buffer::sdp_media_connection:
      return of_media(s, &MediaDescription::connection, instance);
    case Buffer::sdp_media_key:
      return of_media(s, &MediaDescription::key, instance);
    default:
      return nullptr;
  }
}

std::optional<BufferSlice> SipTransaction::buffer(unsigned local, Direction d,
                                                  std::uint32_t instance) const {
  if (d != direction_) return std::nullopt;
  const std::string* found = text(static_cast<Buffer>(local), instance);
  if (found == nullptr) return std::nullopt;
  return BufferSlice{.data = as_bytes(*found)};
}

void SipTransaction::write(JsonWriter& out) const {
  if (message_.first_line.empty()) return;
  out.key("sip").begin_object();
  if (message_.response)
    out.field("version", message_.version)
        .field("code", message_.code)
        .field("reason", message_.reason)
        .field("response_line", message_.first_line);
  else
    out.field("method", message_.method)
        .field("uri", message_.uri)
        .field("version", message_.version)
        .field("request_line", message_.first_line);
  if (sdp_) write_sdp(out, *sdp_);
  out.end_object();
}

}  // namespace chieng::collector::sip
