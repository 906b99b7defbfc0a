#include "agent/events/event_out.h"

#include <algorithm>

namespace chieng::agent {

bool EventOptions::wants(std::string_view type) const {
  return types.empty() || std::ranges::find(types, type) != types.end();
}

EventOut::EventOut(EventOptions options, EventSink& sink)
    : options_(std::move(options)), sink_(sink), mask_(options_.privacy) {}

JsonWriter EventOut::begin() {
  buffer_.clear();
  last_ = {};
  JsonWriter json(buffer_);
  json.begin_object();
  return json;
}

void EventOut::end(JsonWriter& json, EventClass event_class, Timestamp event_time) {
  json.end_object();
  envelope_.event_class = event_class;
  envelope_.event_time = envelope_.first = envelope_.last = event_time;
  envelope_.observed_time = now();
  ++counters_.events;
  if (event_class == EventClass::alert) ++counters_.alerts;
  last_ = options_.privacy.enabled ? mask_.apply(buffer_) : std::string_view(buffer_);
  sink_.emit(envelope_, last_);
}

}  // namespace chieng::agent
