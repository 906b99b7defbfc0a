// What the server believes of an agent's own words: signs of life, an event's place in time, and
// the group of an alert. Input: four stamps of eight bytes and a byte of settings, then the JSON.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "core/bytes/reader.h"
#include "server/correlate/grouping.h"
#include "server/ingest/ingest.h"
#include "server/ingest/plausible.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chieng;
  using namespace chieng::server;
  Reader in(as_bytes(data, size));
  const auto stamp = [&] { return Timestamp{static_cast<std::int64_t>(in.u64())}; };
  StoredEvent event;
  event.envelope.event_time = stamp();
  event.envelope.observed_time = stamp();
  event.envelope.first = stamp();
  event.envelope.last = stamp();
  const std::int64_t offset = stamp().micros;
  const std::uint8_t how = in.u8();
  event.envelope.count = how;
  event.received = Timestamp::from_seconds(1'795'000'000);
  const Placement placed = place(event.envelope, event.received, offset,
                                 how & 1 ? ClockQuality::suspect : ClockQuality::good);
  if (placed.placed > event.received) std::abort();
  event.placed = placed.placed;
  event.flags = placed.flags;
  event.json = as_text(in.rest());
  const AgentFacts facts = facts_of_beat(event.json);
  if (facts.version.size() > 128 || facts.rules_hash.size() > 128) std::abort();
  const auto hit = group_hit(event);
  if (!hit || hit->group_id.size() != 32 || hit->rule.severity < 1 || hit->rule.severity > 4)
    std::abort();
  return 0;
}
