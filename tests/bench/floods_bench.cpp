// What very many flows cost, each in a process of its own so that its memory is its own: a million
// at once, a flood of connections that never come about, a flood of fragments.
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <string>

#include "collector/protocol/parser.h"
#include "collector/sensor.h"
#include "tests/unit/collector/frames.h"

namespace {

using namespace chieng;
using namespace chieng::collector;
using namespace chieng::collector::test;

struct Inspected final : Inspector {
  void inspect(const Inspection& i) override {
    for (const StreamChunk& c : i.chunks) bytes += c.data.size();
  }
  std::uint64_t bytes = 0;
};

// A sensor, and frames made by changing a few bytes of a template: what is timed is the sensor.
class Run {
 public:
  explicit Run(const SensorSettings& settings)
      : catalogue_(protocol_specs(), packet_event_names()),
        sensor(settings, catalogue_, &inspected, nullptr) {}

  static constexpr std::size_t kSource = 26, kDestination = 30, kPorts = 34, kId = 18;
  void packet(std::string_view bytes) {
    now_ += 1;
    sensor.packet(frame(bytes, now_));
  }
  static void put32(std::string& bytes, std::size_t at, std::uint32_t value) {
    value = __builtin_bswap32(value);
    std::memcpy(bytes.data() + at, &value, sizeof value);
  }
  static void put16(std::string& bytes, std::size_t at, std::uint16_t value) {
    value = __builtin_bswap16(value);
    std::memcpy(bytes.data() + at, &value, sizeof value);
  }

 private:
  Catalogue catalogue_;
  std::int64_t now_ = 1'700'000'000'000'000;

 public:
  Inspected inspected;
  Sensor sensor;
};

SensorSettings settings() {
  SensorSettings out;
  out.stream.checksum_validation = false;
  out.files = {};
  return out;
}

double megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1000;
}

// Half are TCP connections with data both ways, half UDP conversations.
void million_flows() {
  constexpr std::uint32_t flows = 1'000'000;
  SensorSettings s = settings();
  s.flow.capacity = flows;
  Run run(s);
  Ends client;
  const Ends server = client.reversed();
  std::array<std::string, 5> connection{
      ethernet(ipv4(client, 6, tcp(client, 999, 0, tcp_flag::syn))),
      ethernet(ipv4(server, 6, tcp(server, 4999, 1000, tcp_flag::syn | tcp_flag::ack))),
      ethernet(ipv4(client, 6, tcp(client, 1000, 5000, tcp_flag::ack))),
      ethernet(ipv4(client, 6, tcp(client, 1000, 5000, tcp_flag::ack, std::string(60, '\x91')))),
      ethernet(ipv4(server, 6, tcp(server, 5000, 1060, tcp_flag::ack, std::string(60, '\x92'))))};
  Ends asks = client;
  asks.dst_port = 9999;
  std::array<std::string, 2> exchange{
      ethernet(ipv4(asks, 17, udp(asks, std::string(60, '\x07')))),
      ethernet(ipv4(asks.reversed(), 17, udp(asks.reversed(), std::string(60, '\x07'))))};
  const double before = megabytes();
  const auto begin = std::chrono::steady_clock::now();
  const auto from = [&](std::string& packet, bool to_server, std::uint32_t address) {
    Run::put32(packet, to_server ? Run::kSource : Run::kDestination, address);
    run.packet(packet);
  };
  for (std::uint32_t i = 0; i < flows; i += 2) {
    for (std::size_t p = 0; p < connection.size(); ++p)
      from(connection[p], p == 0 || p == 2 || p == 3, 0x0b000000 + i);
    for (std::size_t p = 0; p < exchange.size(); ++p) from(exchange[p], p == 0, 0x0b000001 + i);
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const SensorCounters& c = run.sensor.counters();
  fmt::print(
      "one million flows: {} at once, peak {:.0f} MB (target 600; {:.0f} before), {:.2f} Mpps\n",
      c.flows_active, megabytes(), before, static_cast<double>(c.packets) / seconds / 1e6);
}

// One connection goes on during the flood: how much of it was inspected.
class Conversation {
 public:
  explicit Conversation(Run& run) : run_(run) {
    ends_.src = hex("0a0a0a0a");
    const Ends back = ends_.reversed();
    run.packet(ethernet(ipv4(ends_, 6, tcp(ends_, 999, 0, tcp_flag::syn))));
    run.packet(ethernet(ipv4(back, 6, tcp(back, 4999, 1000, tcp_flag::syn | tcp_flag::ack))));
    run.packet(ethernet(ipv4(ends_, 6, tcp(ends_, 1000, 5000, tcp_flag::ack))));
  }
  void talk() {
    run_.packet(ethernet(ipv4(ends_, 6,
                              tcp(ends_, 1000 + static_cast<std::uint32_t>(said_), 5000,
                                  tcp_flag::ack, std::string(100, 'q')))));
    said_ += 100;
  }
  void report(std::string_view name, std::uint64_t packets, double seconds, std::uint64_t lost) {
    run_.sensor.finish();
    fmt::print(
        "{}: {} packets, {:.2f} Mpps, peak {:.0f} MB, {} given up (counted), of the conversation "
        "beside it {} of {} bytes inspected\n",
        name, packets, static_cast<double>(packets) / seconds / 1e6, megabytes(), lost,
        run_.inspected.bytes, said_);
  }

 private:
  Run& run_;
  Ends ends_;
  std::uint64_t said_ = 0;
};

template <class Each>
double timed(std::uint32_t count, Conversation& beside, Each each) {
  const auto begin = std::chrono::steady_clock::now();
  for (std::uint32_t i = 0; i < count; ++i) {
    each(i);
    if (i % 10'000 == 0) beside.talk();
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void syn_flood() {
  constexpr std::uint32_t addresses = 5'000'000;
  Run run(settings());
  Conversation beside(run);
  std::string syn = ethernet(ipv4(Ends{}, 6, tcp(Ends{}, 1, 0, tcp_flag::syn)));
  const double seconds = timed(addresses, beside, [&](std::uint32_t i) {
    Run::put32(syn, Run::kSource, 0x0b000000 + i);
    run.packet(syn);
  });
  beside.report("SYN flood of 5 million addresses", addresses, seconds,
                run.sensor.counters().flows_evicted);
}

void fragment_flood() {
  constexpr std::uint32_t fragments = 2'000'000;
  Run run(settings());
  Conversation beside(run);
  std::string first = ethernet(ipv4(Ends{}, 17, std::string(1400, 'f'), 1, 0x2000));
  const double seconds = timed(fragments, beside, [&](std::uint32_t i) {
    Run::put32(first, Run::kSource, 0x0b000000 + i / 60'000);
    Run::put16(first, Run::kId, static_cast<std::uint16_t>(i % 60'000));
    run.packet(first);
  });
  beside.report("flood of first fragments", fragments, seconds,
                run.sensor.counters().fragments_dropped);
}

}  // namespace

int main() {
  for (const auto run : {million_flows, syn_flood, fragment_flood}) {
    std::fflush(stdout);
    if (fork() == 0) {
      run();
      std::fflush(stdout);
      _exit(0);
    }
    int status = 0;
    if (wait(&status) < 0 || status != 0) return 1;
  }
  return 0;
}
