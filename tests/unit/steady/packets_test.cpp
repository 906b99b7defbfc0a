// Packets of flows that are known cost no call to malloc, with and without events; what a new
// transaction costs is counted and bounded.
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/events/event_out.h"
#include "agent/pipeline/catalogue.h"
#include "agent/pipeline/network_pipeline.h"
#include "tests/unit/collector/frames.h"
#include "tests/unit/collector/protocol/http/coded.h"
#include "tests/unit/steady/allocations.h"

namespace chieng::agent {
namespace {

using namespace collector::test;
using test::allocations;

class NoSink final : public EventSink {
 public:
  void emit(const Envelope&, std::string_view json) override { bytes += json.size(); }
  std::uint64_t bytes = 0;
};

// Made beforehand, so that only what the pipeline does is counted.
class Traffic {
 public:
  void tcp_packet(bool client, unsigned flags, std::string_view data = {}) {
    const Ends e = client ? ends : ends.reversed();
    std::uint32_t& own = client ? next_[0] : next_[1];
    packets_.push_back(
        ethernet(ipv4(e, 6, tcp(e, own, client ? next_[1] : next_[0], flags, data, 65535))));
    own += static_cast<std::uint32_t>(data.size());
    if ((flags & (tcp_flag::syn | tcp_flag::fin)) != 0) ++own;
  }
  void handshake() {
    tcp_packet(true, tcp_flag::syn);
    tcp_packet(false, tcp_flag::syn | tcp_flag::ack);
    tcp_packet(true, tcp_flag::ack);
  }
  // Data and its acknowledgement.
  void say(bool client, std::string_view data) {
    tcp_packet(client, tcp_flag::ack, data);
    tcp_packet(!client, tcp_flag::ack);
  }
  void datagram(bool client, std::string_view data) {
    const Ends e = client ? ends : ends.reversed();
    packets_.push_back(ethernet(ipv4(e, 17, udp(e, data))));
  }
  void swap_last_two() { std::swap(packets_.back(), packets_[packets_.size() - 2]); }

  [[nodiscard]] const std::vector<std::string>& packets() const { return packets_; }

  Ends ends;

 private:
  std::array<std::uint32_t, 2> next_{1000, 5000};
  std::vector<std::string> packets_;
};

enum class Beside { nothing, rules, events };

// Looks at everything, and remembers nothing.
class Rules final : public Inspector {
 public:
  void inspect(const Inspection& i) override {
    for (const StreamChunk& c : i.chunks) bytes += c.data.size();
    if (i.flow == nullptr) return;
    for (const Transaction* tx : i.flow->transactions())
      for (unsigned b = 0; b < 4; ++b)
        if (const auto slice = tx->buffer(b, i.direction, 0)) bytes += slice->data.size();
  }
  std::uint64_t bytes = 0;
};

class Steady : public testing::TestWithParam<Beside> {
 protected:
  void SetUp() override {
    if (!test::allocations_are_counted()) GTEST_SKIP() << "a sanitizer's malloc is not counted";
  }
  // Calls to malloc for the packets behind the first `warm`.
  std::uint64_t cost(const Traffic& traffic, std::size_t warm) {
    collector::SensorSettings settings;
    settings.files = {.md5 = false, .sha1 = false, .sha256 = false};
    if (GetParam() == Beside::events) {
      EventOut out({}, sink_);
      NetworkPipeline pipeline(settings, nullptr, out);
      return cost_of(pipeline, traffic, warm);
    }
    Rules rules;
    collector::Sensor sensor(settings, catalogue(), GetParam() == Beside::rules ? &rules : nullptr,
                             nullptr);
    return cost_of(sensor, traffic, warm);
  }

  template <class Fed>
  static std::uint64_t cost_of(Fed& fed, const Traffic& traffic, std::size_t warm) {
    std::int64_t time = 1'000'000;
    const auto& packets = traffic.packets();
    for (std::size_t i = 0; i < warm; ++i) fed.packet(frame(packets[i], time += 100));
    const std::uint64_t before = allocations();
    for (std::size_t i = warm; i < packets.size(); ++i) fed.packet(frame(packets[i], time += 100));
    const std::uint64_t after = allocations();
    fed.finish();
    return after - before;
  }

  NoSink sink_;
};

TEST_P(Steady, UnknownStream) {
  Traffic t;
  t.handshake();
  for (int i = 0; i < 600; ++i) {
    t.say(i % 3 != 0, std::string(i % 2 == 0 ? 1400 : 3, '\x91'));
    if (i % 5 == 0) {  // out of order
      t.tcp_packet(true, tcp_flag::ack, std::string(700, 'a'));
      t.tcp_packet(true, tcp_flag::ack, std::string(700, 'b'));
      t.swap_last_two();
      t.tcp_packet(false, tcp_flag::ack);
    }
  }
  EXPECT_EQ(cost(t, 100), 0u);
}

TEST_P(Steady, LongHttpBody) {
  Traffic t;
  t.handshake();
  t.say(true, "GET /large HTTP/1.1\r\nHost: example.org\r\n\r\n");
  t.say(false, "HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
  for (int i = 0; i < 700; ++i) t.say(false, std::string(1400, 'x'));
  EXPECT_EQ(cost(t, 300), 0u);
}

TEST_P(Steady, PackedHttpBody) {
  std::string text;
  for (int i = 0; i < 40'000; ++i) text += "line " + std::to_string(i * 7919) + "\r\n";
  const std::string packed = gzip(text);
  Traffic t;
  t.handshake();
  t.say(true, "GET /packed HTTP/1.1\r\nHost: example.org\r\n\r\n");
  t.say(false, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " +
                   std::to_string(packed.size()) + "\r\n\r\n");
  for (std::size_t at = 0; at + 1400 < packed.size(); at += 1400)
    t.say(false, std::string_view(packed).substr(at, 1400));
  ASSERT_GT(t.packets().size(), 250u);
  EXPECT_EQ(cost(t, 150), 0u);
}

TEST_P(Steady, EncryptedStream) {
  Traffic t;
  t.handshake();
  const std::string hello =
      hex("16030100 2f 0100002b 0303") + std::string(32, 'r') + hex("00 0002 1301 0100 0000");
  t.say(true, hello);
  const std::string record = hex("170303 0578") + std::string(1400, '\xe1');
  for (int i = 0; i < 400; ++i) t.say(i % 4 == 0, record);
  EXPECT_EQ(cost(t, 100), 0u);
}

TEST_P(Steady, UnknownDatagrams) {
  Traffic t;
  t.ends.dst_port = 9999;
  for (int i = 0; i < 400; ++i) t.datagram(i % 2 == 0, std::string(100, '\x07'));
  EXPECT_EQ(cost(t, 20), 0u);
}

std::string name_query(std::uint16_t id) {
  return be16(id) + hex("0100 0001 0000 0000 0000 03777777 076578616d706c65 036f7267 00 0001 0001");
}

TEST_P(Steady, NamesLookedUp) {
  Traffic t;
  t.ends.dst_port = 53;
  for (std::uint16_t i = 0; i < 400; ++i) {
    const std::string query = name_query(i);
    t.datagram(true, query);
    t.datagram(false, be16(i) + hex("8180 0001 0001 0000 0000") + query.substr(12) +
                          hex("c00c 0001 0001 0000003c 0004 0a010203"));
  }
  EXPECT_EQ(cost(t, 100), 0u);
}

TEST_P(Steady, RequestsOfOneConnection) {
  Traffic t;
  t.handshake();
  for (int i = 0; i < 300; ++i) {
    t.say(true, "GET /page/" + std::to_string(i % 10) +
                    " HTTP/1.1\r\nHost: example.org\r\nUser-Agent: test\r\nAccept: */*\r\n\r\n");
    t.say(false,
          "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 12\r\n\r\nhello, "
          "world");
  }
  const std::uint64_t calls = cost(t, 203);
  RecordProperty("calls", std::to_string(calls));
  EXPECT_LE(calls, 250u * 4u);
}

INSTANTIATE_TEST_SUITE_P(Beside, Steady,
                         testing::Values(Beside::nothing, Beside::rules, Beside::events),
                         [](const auto& one) {
                           return one.param == Beside::nothing ? "Nothing"
                                  : one.param == Beside::rules ? "Rules"
                                                               : "Events";
                         });

}  // namespace
}  // namespace chieng::agent
