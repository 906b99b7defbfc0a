// Events about Chiêng itself. They carry a code and parameters; the words are made where they are
// read.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <variant>

#include "agent/events/event_out.h"
#include "agent/pipeline/loss_meter.h"
#include "collector/sensor.h"

namespace chieng::agent {

using HealthValue = std::variant<std::string_view, std::uint64_t>;
struct HealthParam {
  std::string_view name;  // ours: plain ASCII
  HealthValue value;
};
// {"event_type":"health","health":{"code":…,"params":{…}}}
void write_health(EventOut& out, Timestamp time, std::string_view code,
                  std::initializer_list<HealthParam> params);

// One interface: code "capture", with what was lost since the last such event, since the start and
// in the worst minute.
void write_capture_health(EventOut& out, Timestamp time, std::string_view interface,
                          LossMeter& losses);

// {"event_type":"stats","stats":{"capture":…,"decoder":…,"flow":…,"tcp":…,"app_layer":…,"detect":…}}
// capture: null for a file.
void write_stats(EventOut& out, Timestamp time, const collector::SensorCounters& counters,
                 std::uint64_t alerts, const LossCounts* capture);

}  // namespace chieng::agent
