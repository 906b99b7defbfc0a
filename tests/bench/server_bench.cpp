// The server's way of an alert: append (durable, one commit a batch, as the ingest writer makes
// them) and apply (groups, sightings, position). 100,000 alerts of 1 KB in 1, 1,000 or 50,000
// groups.
#include <benchmark/benchmark.h>
#include <fmt/core.h>
#include <stdlib.h>

#include <filesystem>
#include <string>

#include "server/correlate/correlator.h"
#include "server/store/sqlite_store.h"
#include "server/store/system_access.h"

namespace {

using namespace chieng;
using namespace chieng::server;

constexpr std::uint64_t kAlerts = 100'000, kCommit = 4000;

struct Folder {
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "chieng-bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

// Every group has a source of its own on the Internet: the dearest kind, it is also a sighting.
std::string alert_json(std::uint64_t n, std::uint64_t groups, Timestamp t) {
  const std::uint64_t g = n % groups;
  return fmt::format(
      R"({{"timestamp":"{}","flow_id":{},"in_iface":"eth0","event_type":"alert","src_ip":"9.{}.{}.{}",)"
      R"("src_port":{},"dest_ip":"192.168.1.10","dest_port":80,"proto":"TCP","community_id":"1:{:027}=",)"
      R"("alert":{{"engine":"suricata","action":"allowed","gid":1,"signature_id":9700001,"rev":3,)"
      R"("signature":"Web server: path traversal in a request","category":"Web Application Attack",)"
      R"("severity":1,"metadata":{{"author":["chieng"],"created_at":["2026_01_01"]}}}},)"
      R"("http":{{"hostname":"www.example.gov.vn","url":"/cgi-bin/../../../../etc/passwd?n={}",)"
      R"("http_user_agent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36","http_method":"GET",)"
      R"("protocol":"HTTP/1.1","status":404,"length":{}}},"app_proto":"http",)"
      R"("explain":{{"matched":[{{"buffer":"http_uri","offset":9,"length":12,"bytes":"{:064x}"}},)"
      R"({{"buffer":"http_method","offset":0,"length":3,"bytes":"474554"}}]}},)"
      R"("flow":{{"pkts_toserver":{},"pkts_toclient":4,"bytes_toserver":{},"bytes_toclient":1480,"start":"{}"}}}})",
      to_iso(t), n * 7919, g >> 16, (g >> 8) & 255, g & 255, 1024 + n % 60000, n * 104729, n,
      n % 1500, n * 15485863, 3 + n % 9, 400 + n % 700, to_iso(t));
}

struct Server {
  Server() : store(*open_store({folder.path})) {
    const auto made = store->add_agency(Scope::all(system_access()), {"bench", "bench"},
                                        {Uuid{}, std::nullopt, "Bench", "", ""});
    if (!made) std::abort();
    agency = *made;
  }
  std::vector<AgentBatch> batches(std::uint64_t groups) const {
    std::vector<AgentBatch> out;
    const Timestamp start = now();
    for (std::uint64_t n = 0; n < kAlerts; ++n) {
      if (n % kCommit == 0) {
        out.emplace_back();
        out.back().agent = agent;
        out.back().agency = agency;
        out.back().spool = spool;
        out.back().received = start;
      }
      const Timestamp t = start + (static_cast<std::int64_t>(n) - 100'000) * 1000;
      IncomingEvent event;
      event.sequence = n + 1;
      event.envelope.event_time = event.envelope.observed_time = t;
      event.envelope.first = event.envelope.last = event.placed = t;
      event.json = alert_json(n, groups, t);
      out.back().events.push_back(std::move(event));
    }
    return out;
  }
  void append(const std::vector<AgentBatch>& all) {
    for (const AgentBatch& one : all)
      if (!store->append(std::span(&one, 1))) std::abort();
  }

  Folder folder;
  std::unique_ptr<Store> store;
  Uuid agency, agent = Uuid::random(), spool = Uuid::random();
};

void rate(benchmark::State& state) {
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kAlerts));
}

void append(benchmark::State& state) {
  for (auto _ : state) {
    state.PauseTiming();
    auto server = std::make_unique<Server>();
    const auto all = server->batches(static_cast<std::uint64_t>(state.range(0)));
    state.ResumeTiming();
    server->append(all);
    state.PauseTiming();
    server.reset();
    state.ResumeTiming();
  }
  rate(state);
}
BENCHMARK(append)->Arg(1)->Arg(1000)->Arg(50'000)->Iterations(1)->MeasureProcessCPUTime()->Unit(
    benchmark::kMillisecond);

void apply(benchmark::State& state) {
  for (auto _ : state) {
    state.PauseTiming();
    auto server = std::make_unique<Server>();
    server->append(server->batches(static_cast<std::uint64_t>(state.range(0))));
    state.ResumeTiming();
    for (std::size_t done = 1; done != 0;) {
      const auto step = Correlator::step(*server->store);
      if (!step) std::abort();
      done = *step;
    }
    state.PauseTiming();
    server.reset();
    state.ResumeTiming();
  }
  rate(state);
}
BENCHMARK(apply)->Arg(1)->Arg(1000)->Arg(50'000)->Iterations(1)->MeasureProcessCPUTime()->Unit(
    benchmark::kMillisecond);

}  // namespace
