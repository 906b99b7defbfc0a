// EVE events of the network side: alerts from the detector, findings from the sensor. One a worker,
// on its thread.
#pragma once

#include <string>
#include <string_view>

#include "agent/events/eve_header.h"
#include "agent/events/event_out.h"
#include "agent/events/explain.h"
#include "core/inspect/inspector.h"

namespace chieng::agent {

// out and catalogue have to outlive it.
class EveWriter final : public AlertSink, public SensorObserver {
 public:
  EveWriter(EventOut& out, const Catalogue& catalogue);

  void on_alert(const Alert& alert) override;
  void on_transaction(const FlowView& flow, const Transaction& tx,
                      const PacketView* packet) override;
  void on_file(const FlowView& flow, const Transaction* tx, const FileView& file,
               const PacketView* packet) override;
  void on_flow_end(const FlowView& flow) override;
  void on_arp(const PacketView& packet) override;
  void on_packet_events(const PacketView& packet, const FlowView* flow) override;
  void on_app_event(const FlowView& flow, const Transaction* tx, std::string_view event,
                    std::string_view layer, const PacketView* packet) override;

 private:
  void header(JsonWriter& json, EveHeader h);
  void write_alert_tail(JsonWriter& json, const Alert& alert);
  void write_payload(JsonWriter& json, const Alert& alert);
  void packet_event(const PacketView& packet, const FlowView* flow, std::string_view name);
  [[nodiscard]] std::string_view type_of(AppProto proto);
  [[nodiscard]] Timestamp time_of(const FlowView& flow, const PacketView* packet) const;

  EventOut& out_;
  const Catalogue& catalogue_;
  CommunityIds community_;
  ExplainWriter explain_;
  std::string name_;  // an event type or event name while it is written
};

}  // namespace chieng::agent
