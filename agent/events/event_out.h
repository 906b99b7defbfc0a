// What all writers of events share: the options, one reused buffer, masking, counting, and the way
// out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/events/json_mask.h"
#include "core/config/settings.h"
#include "core/event/json_writer.h"
#include "core/event/privacy.h"
#include "core/event/sink.h"

namespace chieng::agent {

struct EventOptions {
  std::vector<std::string> types;  // event types to write; empty: all
  bool anomaly_applayer = true, anomaly_decode = true, anomaly_stream = true;
  bool explain = true;
  bool references = true;  // of network rules
  bool payload = false, payload_printable = false,
       packet = false;  // never where privacy is enabled
  std::uint16_t community_seed = 0;
  PrivacyPolicy privacy;

  [[nodiscard]] bool wants(std::string_view type) const;
};

// masked: what the caller demands (run always masks); otherwise privacy.mask decides.
[[nodiscard]] Result<EventOptions> make_event_options(const Settings& settings, bool masked);

struct EventCounters {
  std::uint64_t events = 0, alerts = 0;
};

// One a worker; owned by it. The buffers grow to the largest event and stay. sink has to outlive
// it.
class EventOut {
 public:
  EventOut(EventOptions options, EventSink& sink);
  EventOut(const EventOut&) = delete;
  EventOut& operator=(const EventOut&) = delete;

  [[nodiscard]] const EventOptions& options() const { return options_; }
  [[nodiscard]] const EventCounters& counters() const { return counters_; }
  void set_rule_set(std::string hash) { envelope_.rule_set = std::move(hash); }

  // A new event: an open object. One at a time, ended by end().
  [[nodiscard]] JsonWriter begin();
  void end(JsonWriter& json, EventClass event_class, Timestamp event_time);
  // The last event as it went out; until the next one begins.
  [[nodiscard]] std::string_view last() const { return last_; }

 private:
  EventOptions options_;
  EventSink& sink_;
  JsonMask mask_;
  Envelope envelope_;
  EventCounters counters_;
  std::string buffer_;
  std::string_view last_;
};

}  // namespace chieng::agent
