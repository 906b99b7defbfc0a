// Any text as a file of rules: it loads or says why not, and what loaded can be evaluated.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tests/unit/rules/suricata/rule_kit.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chieng;
  using namespace chieng::suricata;
  if (size > 20000) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  LoadReport report;
  LoadOptions options;
  options.include_disabled = true;
  const auto set = load_rules_text(text, "fuzz.rules", test_catalogue(), options, report);
  if (!set) return 0;
  TestSink sink;
  Detector detector(*set, sink);
  TestFlow flow;
  TestTransaction tx(0);
  tx.buffers[0] = {"/a?b=aGVsbG8="};
  tx.set_progress(Direction::to_server, 3);
  flow.list = {&tx};
  PacketView packet;
  packet.src = flow.key.src;
  packet.dst = flow.key.dst;
  packet.proto = ip_proto::tcp;
  packet.ip_version = 4;
  packet.has_ports = true;
  packet.payload = as_bytes(text.substr(0, 300));
  Inspection in;
  in.packet = &packet;
  in.flow = &flow;
  in.app_updated = {true, true};
  in.first_in_direction = true;
  detector.inspect(in);
  return 0;
}
