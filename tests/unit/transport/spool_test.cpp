#include "transport/spool/spool.h"

#include <numeric>

#include "tests/unit/transport/spool_kit.h"

namespace chieng {
namespace {

using namespace test;
constexpr auto kAlert = EventClass::alert;
constexpr auto kMetadata = EventClass::metadata;

std::vector<std::uint64_t> numbers(std::uint64_t first, std::uint64_t last) {
  std::vector<std::uint64_t> out(last + 1 - first);
  std::iota(out.begin(), out.end(), first);
  return out;
}

TEST(Spool, ReadsBackWhatWasSynced) {
  const TempFolder folder;
  SpoolSettings settings = small_spool();
  settings.sync_to_disk = true;
  SpoolWriter writer = open_writer(folder.path(), settings);
  fill(writer, kAlert, 100);
  fill(writer, kMetadata, 30);
  SpoolReader reader = open_reader(folder.path());
  EXPECT_EQ(reader.spool(), writer.spool());
  const auto alerts = read_all(reader, kAlert);
  EXPECT_EQ(alerts.sequences, numbers(1, 100));
  EXPECT_TRUE(alerts.gaps.empty());
  EXPECT_EQ(read_all(reader, kMetadata).sequences, numbers(1, 30));
  EXPECT_EQ(read_all(reader, EventClass::health).next, 1U);
}

TEST(Spool, EnvelopeSurvives) {
  const TempFolder folder;
  SpoolWriter writer = open_writer(folder.path());
  Envelope sent = event(EventClass::evidence);
  sent.count = 7;
  sent.last = sent.first + 5;
  ASSERT_TRUE(writer.append(sent, "{}"));
  ASSERT_TRUE(writer.sync());
  SpoolReader reader = open_reader(folder.path());
  const auto read = reader.read(EventClass::evidence, 1, 1000);
  ASSERT_TRUE(read && read->records.size() == 1);
  const auto got = decode_record(read->records[0]);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->json, "{}");
  EXPECT_EQ(got->envelope.count, 7U);
  EXPECT_EQ(got->envelope.last, sent.last);
  EXPECT_EQ(got->envelope.rule_set, "abc123");
}

TEST(Spool, NothingIsSeenBeforeSync) {
  const TempFolder folder;
  SpoolWriter writer = open_writer(folder.path());
  SpoolReader reader = open_reader(folder.path());
  ASSERT_TRUE(writer.append(event(kAlert), json(1)));
  EXPECT_EQ(read_all(reader, kAlert).next, 1U);
  ASSERT_TRUE(writer.sync());
  EXPECT_EQ(read_all(reader, kAlert).sequences, numbers(1, 1));
}

TEST(Spool, ReaderFollowsThroughRotation) {
  const TempFolder folder;
  SpoolWriter writer = open_writer(folder.path());
  SpoolReader reader = open_reader(folder.path());
  std::uint64_t from = 1;
  for (int round = 0; round < 40; ++round) {
    fill(writer, kAlert, 3, 300);
    fill(writer, kMetadata, 9, 500, 4);
    const auto got = read_all(reader, kAlert, from);
    EXPECT_EQ(got.sequences, numbers(from, from + 2));
    from = got.next;
  }
  EXPECT_GT(segment_files(folder.path()).size(), 5U);
  EXPECT_EQ(read_all(reader, kMetadata).sequences, numbers(1, 360));
  EXPECT_EQ(read_all(reader, kMetadata, 200).sequences, numbers(200, 360));
}

TEST(Spool, ReopensAndGoesOn) {
  const TempFolder folder;
  Uuid spool;
  for (std::uint64_t round = 0; round < 5; ++round) {
    SpoolWriter writer = open_writer(folder.path());
    if (round == 0) spool = writer.spool();
    EXPECT_EQ(writer.spool(), spool);
    EXPECT_EQ(writer.stats().next[0], round * 50 + 1);
    fill(writer, kAlert, 50, 200);
    ASSERT_TRUE(writer.append(event(kAlert), json(0)));  // never synced: never taken
  }
  SpoolReader reader = open_reader(folder.path());
  EXPECT_EQ(read_all(reader, kAlert).sequences, numbers(1, 250));
}

TEST(Spool, OneWriterOnly) {
  const TempFolder folder;
  const SpoolWriter writer = open_writer(folder.path());
  const auto second = SpoolWriter::open(folder.path(), small_spool());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::exists);
}

TEST(Spool, NoSpoolYet) {
  const TempFolder folder;
  const auto reader = SpoolReader::open(folder.path());
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().code, ErrorCode::unavailable);
}

TEST(Spool, CheckpointsAreKeptThroughRotationAndReopening) {
  const TempFolder folder;
  {
    SpoolWriter writer = open_writer(folder.path());
    ASSERT_TRUE(writer.checkpoint("/var/log/a", "inode 1 at 10"));
    ASSERT_TRUE(writer.checkpoint("/var/log/b", "inode 2 at 20"));
    EXPECT_FALSE(writer.last_checkpoint("/var/log/a"));  // not durable yet
    ASSERT_TRUE(writer.sync());
    fill(writer, kMetadata, 200, 400);
    ASSERT_TRUE(writer.append(event(kAlert), json(1)));
    ASSERT_TRUE(writer.checkpoint("/var/log/a", "inode 1 at 99"));
    ASSERT_TRUE(writer.checkpoint("/var/log/b", ""));
    ASSERT_TRUE(writer.sync());
    EXPECT_EQ(writer.last_checkpoint("/var/log/a"), "inode 1 at 99");
  }
  SpoolWriter writer = open_writer(folder.path());
  EXPECT_EQ(writer.last_checkpoint("/var/log/a"), "inode 1 at 99");
  EXPECT_EQ(writer.checkpoint_keys(), std::vector<std::string>{"/var/log/a"});
}

TEST(Spool, CheckpointAndEventsBeforeItStandOrFallTogether) {
  const TempFolder folder(true), scratch(true);
  {
    SpoolWriter writer = open_writer(folder.path());
    ASSERT_TRUE(writer.checkpoint("f", "0"));
    fill(writer, kAlert, 1);
    ASSERT_TRUE(writer.append(event(kMetadata), json(1)));
    ASSERT_TRUE(writer.append(event(kAlert), json(2)));
    ASSERT_TRUE(writer.checkpoint("f", "1"));
    ASSERT_TRUE(writer.sync());
  }
  const auto segment = segment_files(folder.path()).front().filename();
  const auto tail = decode_tail(as_bytes(*read_file(folder.path() / "tail")));
  ASSERT_TRUE(tail);
  for (std::uint64_t cut = kSegmentHeaderBytes; cut <= tail->bytes; ++cut) {
    const auto copy = scratch.path() / std::to_string(cut);
    std::filesystem::copy(folder.path(), copy, std::filesystem::copy_options::recursive);
    std::filesystem::remove(copy / "tail");
    std::filesystem::resize_file(copy / segment, cut);
    const SpoolWriter writer = open_writer(copy);
    const auto checkpoint = writer.last_checkpoint("f");
    const auto next = writer.stats().next;
    if (cut + 4 >= tail->bytes) {  // the padding alone is cut
      EXPECT_EQ(checkpoint, "1");
      EXPECT_EQ(next, (LaneNumbers{3, 1, 1, 2}));
    } else if (checkpoint) {
      EXPECT_EQ(*checkpoint, "0") << cut;
      EXPECT_EQ(next, (LaneNumbers{2, 1, 1, 1})) << cut;
    } else {
      EXPECT_EQ(next, (LaneNumbers{1, 1, 1, 1})) << cut;
    }
    std::filesystem::remove_all(copy);
  }
}

TEST(Spool, AcknowledgedSegmentsGo) {
  const TempFolder folder;
  SpoolSettings settings = small_spool();
  settings.retain_acknowledged_bytes = 0;
  SpoolWriter writer = open_writer(folder.path(), settings);
  fill(writer, kAlert, 200, 500);
  const std::size_t before = segment_files(folder.path()).size();
  ASSERT_TRUE(writer.acknowledge(kAlert, 120));
  const std::size_t half = segment_files(folder.path()).size();
  EXPECT_LT(half, before);
  SpoolReader reader = open_reader(folder.path());
  EXPECT_EQ(read_all(reader, kAlert, 121).sequences, numbers(121, 200));
  EXPECT_LE(reader.range(kAlert).oldest, 121U);
  ASSERT_TRUE(writer.acknowledge(kAlert, 200));
  EXPECT_EQ(segment_files(folder.path()).size(), 1U);
  ASSERT_TRUE(writer.acknowledge(kAlert, 5));  // going back is ignored
  EXPECT_EQ(writer.stats().acknowledged[0], 200U);
}

TEST(Spool, AcknowledgedSegmentsAreRetainedWithinTheirBudget) {
  const TempFolder folder;
  SpoolSettings settings = small_spool();
  settings.retain_acknowledged_bytes = 50'000;
  SpoolWriter writer = open_writer(folder.path(), settings);
  fill(writer, kAlert, 200, 500);
  ASSERT_TRUE(writer.acknowledge(kAlert, 200));
  const std::size_t kept = segment_files(folder.path()).size();
  EXPECT_GT(kept, 2U);
  EXPECT_LE(kept, 5U);
  SpoolReader reader = open_reader(folder.path());  // a restored server asks from the start
  const auto all = read_all(reader, kAlert);
  ASSERT_EQ(all.gaps.size(), 1U);
  EXPECT_EQ(all.gaps[0].reason, GapReason::absent);
  EXPECT_EQ(all.gaps[0].last + all.sequences.size(), 200U);
}

TEST(Spool, SegmentsOfAnotherLaneDoNotHideALane) {
  const TempFolder folder;
  SpoolWriter writer = open_writer(folder.path());
  fill(writer, kAlert, 1);
  fill(writer, kMetadata, 300, 500);
  fill(writer, kAlert, 2);
  SpoolReader reader = open_reader(folder.path());
  EXPECT_EQ(read_all(reader, kAlert).sequences, numbers(1, 3));
}

TEST(Spool, EventTooLargeIsRefusedAndCostsNothing) {
  const TempFolder folder;
  SpoolWriter writer = open_writer(folder.path());
  const auto refused = writer.append(event(kAlert), std::string(kMaxRecordBody, 'x'));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::limit);
  fill(writer, kAlert, 1, 150'000);  // larger than a segment
  fill(writer, kAlert, 3);
  SpoolReader reader = open_reader(folder.path());
  EXPECT_EQ(read_all(reader, kAlert).sequences, numbers(1, 4));
}

TEST(Spool, ZstdRecords) {
  const TempFolder folder;
  SpoolSettings settings = small_spool();
  settings.codec = Codec::zstd;
  SpoolWriter writer = open_writer(folder.path(), settings);
  fill(writer, kAlert, 10, 5000);
  EXPECT_LT(writer.stats().live_bytes[0], 10'000U);
  SpoolReader reader = open_reader(folder.path());
  EXPECT_EQ(read_all(reader, kAlert).sequences, numbers(1, 10));
}

TEST(AckChannel, CarriesPositionsAndNeverBlocks) {
  auto channel = AckChannel::make();
  ASSERT_TRUE(channel);
  const Ack sent{Uuid::random(), 3, EventClass::health, 42};
  ASSERT_TRUE(channel->sender.send(sent));
  const auto got = channel->receiver.receive();
  ASSERT_TRUE(got);
  EXPECT_EQ(got->spool, sent.spool);
  EXPECT_EQ(got->epoch, 3U);
  EXPECT_EQ(got->lane, EventClass::health);
  EXPECT_EQ(got->sequence, 42U);
  EXPECT_FALSE(channel->receiver.receive());
  int taken = 0;
  while (taken < 1'000'000 && channel->sender.send(sent)) ++taken;
  EXPECT_LT(taken, 1'000'000);  // full: refused, not blocked
  channel->receiver = AckReceiver(UniqueFd());
  EXPECT_FALSE(channel->sender.send(sent));  // nobody there: no signal either
}

}  // namespace
}  // namespace chieng
