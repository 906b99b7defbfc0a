// The members that EVE events have in common: time, flow, packet, addresses, Community ID.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/event/json_writer.h"
#include "core/inspect/flow.h"
#include "core/inspect/inspector.h"
#include "core/inspect/packet.h"

namespace chieng::agent {

// EVE's pkt_src.
[[nodiscard]] std::string_view source_name(PacketSource source);
// EVE's name of an IP protocol; the number as text where it has none.
[[nodiscard]] std::string_view proto_name(std::uint8_t proto);

struct Endpoints {
  IpAddress src, dst;
  std::uint16_t src_port = 0, dst_port = 0;
  bool has_ports = false;
  std::uint8_t proto = 0;

  [[nodiscard]] Endpoints reversed() const;
};
[[nodiscard]] Endpoints endpoints(const PacketView& packet);
[[nodiscard]] Endpoints endpoints(const FlowView& flow,
                                  Direction d);  // of what travels in direction d

// Community IDs cost a digest each; consecutive events are mostly of one flow.
class CommunityIds {
 public:
  explicit CommunityIds(std::uint16_t seed) : seed_(seed) {}
  [[nodiscard]] const std::string& of(const FlowView& flow);

 private:
  std::uint16_t seed_;
  std::uint64_t flow_ = 0;
  FlowKey key_;
  std::string id_;
};

struct EveHeader {
  std::string_view type;
  Timestamp time;
  const FlowView* flow = nullptr;
  const PacketView* packet = nullptr;
  Endpoints ends;
  bool values = false;  // what rules took out of traffic may be shown
};
void write_header(JsonWriter& json, const EveHeader& header, CommunityIds& community);

// app_proto and, where the directions disagree, app_proto_ts and app_proto_tc.
void write_app_proto(JsonWriter& json, const FlowView& flow, const Catalogue& catalogue);

}  // namespace chieng::agent
