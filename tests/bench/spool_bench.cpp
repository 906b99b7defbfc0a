// What the spool takes: events of 400 bytes, groups of 1 to 512 with one fdatasync each; reading;
// opening with a backlog.
#include <benchmark/benchmark.h>
#include <stdlib.h>

#include <filesystem>
#include <string>

#include "transport/spool/spool.h"

namespace {

using namespace chieng;

struct Folder {
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "chieng-bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

SpoolSettings settings(bool sync) {
  SpoolSettings s;
  s.free_space_floor = 0;
  s.sync_to_disk = sync;
  return s;
}

const std::string& event_json() {
  static const std::string json =
      "{\"event_type\":\"alert\",\"pad\":\"" + std::string(370, 'x') + "\"}";
  return json;
}

void fill(SpoolWriter& writer, std::uint64_t bytes) {
  Envelope envelope;
  for (std::uint64_t done = 0; done < bytes; done += event_json().size()) {
    if (!writer.append(envelope, event_json())) std::abort();
    if (writer.unsynced_bytes() > (1U << 20) && !writer.sync()) std::abort();
  }
  if (!writer.sync()) std::abort();
}

void append(benchmark::State& state) {
  const Folder folder;
  auto writer = SpoolWriter::open(folder.path, settings(state.range(1) != 0));
  Envelope envelope;
  envelope.event_class = EventClass::metadata;
  for (auto _ : state) {
    for (std::int64_t i = 0; i < state.range(0); ++i)
      if (!writer->append(envelope, event_json())) std::abort();
    if (!writer->sync()) std::abort();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetBytesProcessed(state.iterations() * state.range(0) *
                          static_cast<std::int64_t>(event_json().size()));
}
BENCHMARK(append)->ArgsProduct({{1, 16, 64, 512}, {0, 1}})->ArgNames({"group", "fdatasync"});

void read(benchmark::State& state) {
  const Folder folder;
  auto writer = SpoolWriter::open(folder.path, settings(false));
  fill(*writer, 64U << 20);
  std::int64_t records = 0;
  for (auto _ : state) {
    auto reader = SpoolReader::open(folder.path);
    for (std::uint64_t at = 1;;) {
      const auto part = reader->read(EventClass::alert, at, 65'536);
      if (part->next == at) break;
      records += static_cast<std::int64_t>(part->records.size());
      at = part->next;
    }
  }
  state.SetItemsProcessed(records);
}
BENCHMARK(read)->Unit(benchmark::kMillisecond);

void open_with_backlog(benchmark::State& state) {
  const Folder folder;
  {
    auto writer = SpoolWriter::open(folder.path, settings(false));
    fill(*writer, static_cast<std::uint64_t>(state.range(0)) << 20);
  }
  for (auto _ : state) {
    auto reader = SpoolReader::open(folder.path);
    const auto last = reader->range(EventClass::alert).next - 1;
    benchmark::DoNotOptimize(reader->read(EventClass::alert, last, 4096));
  }
}
BENCHMARK(open_with_backlog)->Arg(16)->Arg(512)->ArgName("MiB")->Unit(benchmark::kMicrosecond);

}  // namespace
