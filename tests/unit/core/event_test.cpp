// Envelope, ids, files, queue and catalogue.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <thread>

#include "core/bytes/bytes.h"
#include "core/event/envelope.h"
#include "core/file/file.h"
#include "core/inspect/catalogue.h"
#include "core/threads/bounded_queue.h"

namespace chieng {
namespace {

TEST(Envelope, SurvivesItsBinaryForm) {
  Envelope e;
  e.event_class = EventClass::evidence;
  e.event_time = Timestamp::from_seconds(-5);
  e.observed_time = Timestamp::from_seconds(1795454814);
  e.count = 412;
  e.first = e.last = e.event_time;
  e.rule_set = "ab12";
  std::string bytes;
  encode_envelope(bytes, e);
  bytes += "json";
  auto rest = std::as_bytes(std::span(bytes));
  const auto out = decode_envelope(rest);
  ASSERT_TRUE(out);
  EXPECT_EQ(out->count, 412u);
  EXPECT_EQ(out->event_time, e.event_time);
  EXPECT_EQ(out->rule_set, "ab12");
  EXPECT_EQ(as_text(rest), "json");
  for (std::size_t cut = 0; cut + 4 < bytes.size(); ++cut) {
    auto part = std::as_bytes(std::span(bytes)).first(cut);
    EXPECT_FALSE(decode_envelope(part)) << cut;
  }
}

TEST(EventId, DependsOnEveryPartOfThePosition) {
  const Uuid agent = Uuid::random();
  const EventPosition at{Uuid::random(), 1, EventClass::alert, 7};
  const EventId id = make_event_id(agent, at);
  EXPECT_EQ(make_event_id(agent, at), id);
  EventPosition other = at;
  other.sequence = 8;
  EXPECT_NE(make_event_id(agent, other), id);
  other = at;
  other.epoch = 2;
  EXPECT_NE(make_event_id(agent, other), id);
  other = at;
  other.lane = EventClass::metadata;
  EXPECT_NE(make_event_id(agent, other), id);
  EXPECT_NE(make_event_id(Uuid::random(), at), id);
  EXPECT_EQ(parse_event_id(to_string(id)), id);
  EXPECT_FALSE(parse_event_id("12"));
}

TEST(File, IsReplacedWholeWithItsMode) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("chieng-file-" + to_string(Uuid::random()));
  std::filesystem::create_directory(folder);
  const auto path = folder / "key";
  ASSERT_TRUE(write_file_atomic(path, "one", 0600));
  ASSERT_TRUE(write_file_atomic(path, "two", 0600));
  EXPECT_EQ(*read_file(path), "two");
  struct stat info{};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777u, 0600u);
  EXPECT_EQ(read_file(path, 2).error().code, ErrorCode::limit);
  EXPECT_EQ(read_file(folder / "absent").error().code, ErrorCode::not_found);
  std::filesystem::remove_all(folder);
}

TEST(BoundedQueue, KeepsOrderAndCountsWaiting) {
  BoundedQueue<int> queue(2);
  std::thread producer([&] {
    for (int i = 0; i < 1000; ++i) queue.push(i);
    queue.close();
  });
  int expected = 0;
  while (const auto item = queue.pop()) EXPECT_EQ(*item, expected++);
  producer.join();
  EXPECT_EQ(expected, 1000);
  EXPECT_FALSE(queue.push(1));
}

constexpr std::array<BufferSpec, 2> kBuffers1 = {
    {{.name = "http.uri", .aliases = {"uri"}, .modifier = "http_uri", .pcre_letter = 'U'},
     {.name = "http.method"}}};
constexpr std::array<BufferSpec, 1> kBuffers2 = {{{.name = "http.uri"}}};
constexpr std::array<std::string_view, 1> kEvents = {"bad_line"};
constexpr ProtocolSpec kOne{.name = "http",
                            .rule_names = {"http1", "http"},
                            .buffers = kBuffers1,
                            .event_prefix = "http",
                            .events = kEvents};
constexpr ProtocolSpec kTwo{.name = "http2", .rule_names = {"http2", "http"}, .buffers = kBuffers2};

TEST(Catalogue, JoinsBuffersOfOneName) {
  static constexpr std::array<const ProtocolSpec*, 2> list = {&kOne, &kTwo};
  static constexpr std::array<std::string_view, 1> events = {"decoder.ipv4.pkt_too_small"};
  const Catalogue c(list, events);
  const AppProto one = c.by_name("http"), two = c.by_name("http2");
  EXPECT_EQ(c.rule_protocols("http").size(), 2u);
  EXPECT_EQ(c.rule_protocols("http2"), std::vector{two});
  EXPECT_TRUE(c.rule_protocols("").empty());
  const BufferId uri = *c.buffer("uri");
  EXPECT_EQ(c.buffer_by_modifier("http_uri"), uri);
  EXPECT_EQ(c.buffer_by_pcre_letter('U'), uri);
  EXPECT_EQ(c.local(one, uri), 0);
  EXPECT_EQ(c.local(two, uri), 0);
  EXPECT_EQ(c.local(two, *c.buffer("http.method")), -1);
  EXPECT_FALSE(c.buffer("nope"));
  EXPECT_EQ(c.app_events("http.bad_line").size(), 1u);
  EXPECT_EQ(c.packet_event("decoder.ipv4.pkt_too_small"), 0);
  EXPECT_EQ(c.name(kAppFailed), "failed");
}

}  // namespace
}  // namespace chieng
