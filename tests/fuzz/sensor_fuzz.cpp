// Frames through the whole sensor: decoding, defragmentation, flows, reassembly, detection,
// parsers.
#include <cstdint>

#include "collector/protocol/parser.h"
#include "collector/sensor.h"
#include "core/bytes/reader.h"

namespace {

// Touches every byte that it is given.
class Toucher final : public chieng::Inspector {
 public:
  void inspect(const chieng::Inspection& in) override {
    touch(in.packet->payload);
    touch(in.packet->ip_header);
    touch(in.packet->l4_header);
    for (const chieng::StreamChunk& chunk : in.chunks) touch(chunk.data);
  }

 private:
  void touch(chieng::Bytes bytes) {
    for (const std::byte b : bytes) sum_ = sum_ + std::to_integer<unsigned>(b);
  }
  volatile unsigned sum_ = 0;
};

}  // namespace

// A byte of settings and link type; then frames: a byte of time that passed, two of length, the
// bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chieng;
  static const Catalogue catalogue(collector::protocol_specs(), collector::packet_event_names());
  Reader in(as_bytes(data, size));
  const std::uint8_t flags = in.u8();
  static constexpr int links[] = {1, 101, 113, 0};
  collector::SensorSettings settings;
  settings.stream.checksum_validation = false;
  settings.stream.midstream = (flags & 1) != 0;
  settings.stream.async_oneside = (flags & 2) != 0;
  settings.stream.memory = 1 << 16;
  settings.flow.capacity = 16;
  settings.defrag = {.capacity = 4, .memory = 1 << 14, .timeout = 10};
  settings.max_transactions = 8;
  Toucher toucher;
  collector::Sensor sensor(settings, catalogue, &toucher, nullptr);
  Timestamp time = Timestamp::from_seconds(1);
  while (!in.at_end()) {
    time = time + std::int64_t{in.u8()} * 100'000;
    const std::uint16_t length = in.u16();
    const Bytes bytes = in.take(std::min<std::size_t>(length, in.remaining()));
    sensor.packet({bytes, length, time, links[flags >> 2 & 3]});
  }
  sensor.finish();
  if (sensor.counters().memory != 0) __builtin_trap();
  return 0;
}
