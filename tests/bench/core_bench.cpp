// What every event and frame costs in core: JSON, CRC, Community ID.
#include <benchmark/benchmark.h>

#include "core/event/json_writer.h"
#include "core/hash/crc32c.h"
#include "core/net/flow_key.h"

namespace {

void json_event(benchmark::State& state) {
  std::string out;
  const chieng::IpAddress a = *chieng::parse_address("203.0.113.7");
  for (auto _ : state) {
    out.clear();
    chieng::JsonWriter json(out);
    json.begin_object()
        .field("timestamp", chieng::Timestamp{1795454814123456})
        .field("src_ip", a)
        .field("src_port", 40000);
    json.key("http")
        .begin_object()
        .field("url", "/a/b/c?x=1&y=2")
        .field("hostname", "cong.xa.example")
        .end_object()
        .end_object();
    benchmark::DoNotOptimize(out.data());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * out.size()));
}
BENCHMARK(json_event);

void crc(benchmark::State& state) {
  const std::string data(static_cast<std::size_t>(state.range(0)), 'x');
  for (auto _ : state) benchmark::DoNotOptimize(chieng::crc32c(chieng::as_bytes(data)));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(crc)->Arg(64)->Arg(600)->Arg(65536);

void flow_id(benchmark::State& state) {
  const chieng::IpAddress a = *chieng::parse_address("203.0.113.7");
  const chieng::IpAddress b = *chieng::parse_address("192.168.1.10");
  for (auto _ : state) benchmark::DoNotOptimize(chieng::community_id(a, b, 40000, 80, 6, true));
}
BENCHMARK(flow_id);

}  // namespace
