#include <fmt/format.h>

#include "agent/events/event_out.h"
#include "agent/settings.h"

namespace chieng::agent {

Result<EventOptions> make_event_options(const Settings& s, bool masked) {
  EventOptions out;
  for (const std::string& type : s.texts("eve.types"))
    if (type != "all") out.types.push_back(type);
  out.anomaly_applayer = out.anomaly_decode = out.anomaly_stream = false;
  for (const std::string& layer : s.texts("eve.anomalies")) {
    if (layer == "applayer")
      out.anomaly_applayer = true;
    else if (layer == "decode")
      out.anomaly_decode = true;
    else if (layer == "stream")
      out.anomaly_stream = true;
    else
      return fail(
          ErrorCode::invalid_argument,
          fmt::format("eve.anomalies holds \"{}\"; accepted is any of applayer, decode, stream",
                      layer),
          s.where("eve.anomalies"));
  }
  out.explain = s.boolean("eve.explain");
  out.references = masked || s.boolean("eve.references");  // the centre shows them
  out.payload = s.boolean("eve.payload");
  out.payload_printable = s.boolean("eve.payload_printable");
  out.packet = s.boolean("eve.packet");
  out.community_seed = static_cast<std::uint16_t>(s.integer("community_id.seed"));
  CHIENG_TRY(out.privacy, privacy_policy(s, masked));
  return out;
}

}  // namespace chieng::agent
