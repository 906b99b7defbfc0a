// Evaluates what rules ask of packet, flow and remembered state, and does what they leave behind.
#pragma once

#include <vector>

#include "core/inspect/inspector.h"
#include "rules/suricata/shared_state.h"
#include "rules/suricata/signature.h"
#include "rules/suricata/state.h"

namespace chieng::suricata {

// What is being evaluated: a packet, or one side of a flow.
struct Subject {
  const Inspection& in;
  Direction direction;
  Addresses addresses;
  const FrameView* frame = nullptr;  // of a rule over frames
};

[[nodiscard]] Addresses addresses_of(const PacketView& packet);
[[nodiscard]] Addresses addresses_of(const FlowView& flow, Direction direction);

// State by name and address that conditions read and change. `names`: from a set's numbers to the
// worker's, and to those that workers share.
class RuleMemory {
 public:
  explicit RuleMemory(SharedState& shared) : shared_(shared) {}
  void use_names(const std::vector<std::string>& names);
  [[nodiscard]] bool holds(const Condition& condition, const Subject& subject);
  void apply(const Condition& condition, const Subject& subject);  // set, unset, toggle
  void set_variable(FlowView& flow, const std::string& name, std::string_view value);
  void show_packet_variables(FlowView& flow, std::string_view json) const;
  void set_entropy(FlowView& flow, std::string_view buffer, double bits);

 private:
  [[nodiscard]] FlowMemory& memory_for_change(FlowView& flow) const;
  [[nodiscard]] std::uint32_t global(std::uint32_t local) const { return names_[local]; }
  [[nodiscard]] AddressBits::Key key(const HostBits& bits, const Addresses& a) const;
  [[nodiscard]] bool bits_hold(const NamedBits& bits, const FlowView* flow) const;
  [[nodiscard]] bool integer_holds(const FlowInt& f, FlowView* flow);
  [[nodiscard]] bool variable_holds(const FlowVariable& v, const FlowView* flow) const;

  SharedState& shared_;
  NameTable table_;
  std::vector<std::uint32_t> names_, shared_names_;
};

}  // namespace chieng::suricata
