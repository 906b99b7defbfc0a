// Crash, damage and full disks: reliability tests T08-T14 in small.
#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <numeric>
#include <random>

#include "tests/unit/transport/spool_kit.h"
#include "transport/spool/format.h"

namespace chieng {
namespace {

using namespace test;
constexpr auto kAlert = EventClass::alert;
constexpr auto kMetadata = EventClass::metadata;
namespace fs = std::filesystem;

constexpr std::uint64_t kPadding = 7;  // a record whose padding alone is cut is whole

std::uint64_t missing(const Everything& e) {
  std::uint64_t n = 0;
  for (const SpoolGap& gap : e.gaps) n += gap.count();
  return n;
}

SpoolTail tail_of(const fs::path& folder) {
  return *decode_tail(as_bytes(*read_file(folder / "tail")));
}

void flip_bit(const fs::path& file, std::uint64_t offset, unsigned bit) {
  const UniqueFd fd(::open(file.c_str(), O_RDWR));
  char byte = 0;
  ASSERT_EQ(::pread(fd.get(), &byte, 1, static_cast<off_t>(offset)), 1);
  byte = static_cast<char>(byte ^ (1 << bit));
  ASSERT_EQ(::pwrite(fd.get(), &byte, 1, static_cast<off_t>(offset)), 1);
}

void copy_spool(const fs::path& from, const fs::path& to) {
  fs::remove_all(to);
  fs::copy(from, to, fs::copy_options::recursive);
}

// The last segment is cut at every byte of its last three records. What the tail block vouched for
// is reported as missing and its numbers are not used again.
TEST(SpoolDamage, CutAtEveryByteOfTheLastRecords) {
  const TempFolder folder(true), scratch(true);
  std::uint64_t before_last_three = 0;
  {
    SpoolWriter writer = open_writer(folder.path());
    fill(writer, kAlert, 5, 0, 1);
    before_last_three = tail_of(folder.path()).bytes;
    fill(writer, kAlert, 3, 0, 1);
  }
  const SpoolTail tail = tail_of(folder.path());
  const auto copy = scratch.path() / "copy";
  for (std::uint64_t cut = before_last_three; cut < tail.bytes; ++cut) {
    copy_spool(folder.path(), copy);
    fs::resize_file(copy / segment_name(tail.segment), cut);
    SpoolWriter writer = open_writer(copy);
    EXPECT_EQ(writer.stats().next[0], 9U) << cut;
    fill(writer, kAlert, 2);
    SpoolReader reader = open_reader(copy);
    const auto all = read_all(reader, kAlert);
    const std::uint64_t lost = missing(all);
    EXPECT_GE(lost, cut + kPadding < tail.bytes ? 1U : 0U) << cut;
    EXPECT_LE(lost, 3U) << cut;
    EXPECT_EQ(all.sequences.size() + lost, 10U) << cut;
    EXPECT_EQ(all.sequences.back(), 10U);
  }
}

// The same cut where nothing had been vouched for: a write that was cut short leaves no trace.
TEST(SpoolDamage, WriteCutShort) {
  const TempFolder folder(true), scratch(true);
  SpoolTail old_tail;
  {
    SpoolWriter writer = open_writer(folder.path());
    fill(writer, kAlert, 5, 0, 1);
    old_tail = tail_of(folder.path());
    fill(writer, kAlert, 3, 0, 3);
  }
  const SpoolTail tail = tail_of(folder.path());
  std::string old_block;
  encode_tail(old_block, old_tail);
  const auto copy = scratch.path() / "copy";
  for (std::uint64_t cut = old_tail.bytes; cut <= tail.bytes; ++cut) {
    copy_spool(folder.path(), copy);
    fs::resize_file(copy / segment_name(tail.segment), cut);
    ASSERT_TRUE(write_file_atomic(copy / "tail", old_block));
    SpoolWriter writer = open_writer(copy);
    const std::uint64_t next = writer.stats().next[0];
    EXPECT_TRUE(next == 6U || (next == 9U && cut + kPadding >= tail.bytes)) << cut;
    fill(writer, kAlert, 2);
    SpoolReader reader = open_reader(copy);
    const auto all = read_all(reader, kAlert);
    EXPECT_EQ(missing(all), 0U) << cut;
    EXPECT_EQ(all.sequences.size(), next + 1) << cut;
  }
}

TEST(SpoolDamage, ZerosAndOldBlocksBehindTheEnd) {
  const TempFolder folder;
  {
    SpoolWriter writer = open_writer(folder.path());
    fill(writer, kAlert, 10);
  }
  const auto segment = segment_files(folder.path()).front();
  const std::uint64_t end = tail_of(folder.path()).bytes;
  {  // what an older life of these disk blocks may hold: records with good checksums
    const std::string stale = read_file(segment)->substr(128, 400);
    const UniqueFd fd(::open(segment.c_str(), O_RDWR));
    ASSERT_EQ(::pwrite(fd.get(), stale.data(), stale.size(), static_cast<off_t>(end + 64)), 400);
  }
  SpoolWriter writer = open_writer(folder.path());
  EXPECT_EQ(writer.stats().next[0], 11U);
  fill(writer, kAlert, 10);
  SpoolReader reader = open_reader(folder.path());
  const auto all = read_all(reader, kAlert);
  EXPECT_EQ(all.sequences.size(), 20U);
  EXPECT_TRUE(all.gaps.empty());
}

// One bit at every byte: at most one record is lost, it is reported, and nothing damaged is
// delivered.
TEST(SpoolDamage, BitFlipsCostOneRecord) {
  const TempFolder folder(true);
  constexpr std::uint64_t kRecords = 60;
  {
    SpoolWriter writer = open_writer(folder.path());
    fill(writer, kAlert, kRecords, 40, 5);
  }
  const auto segment = segment_files(folder.path()).front();
  const std::uint64_t end = tail_of(folder.path()).bytes;
  std::mt19937 random(20261123);
  for (std::uint64_t at = kSegmentHeaderBytes; at < end; ++at) {
    const unsigned bit = random() % 8;
    flip_bit(segment, at, bit);
    SpoolReader reader = open_reader(folder.path());
    const auto all = read_all(reader, kAlert, 1, 65'536);
    EXPECT_LE(missing(all), 1U) << at;
    EXPECT_EQ(all.sequences.size() + missing(all), kRecords) << at;
    flip_bit(segment, at, bit);
  }
}

TEST(SpoolDamage, DamagedSegmentHeaderIsReadThrough) {
  const TempFolder folder;
  {
    SpoolWriter writer = open_writer(folder.path());
    fill(writer, kAlert, 200, 500);
  }
  const auto segments = segment_files(folder.path());
  ASSERT_GT(segments.size(), 4U);
  for (std::size_t i = 0; i < segments.size(); ++i) {
    flip_bit(segments[i], 60, 3);
    SpoolReader reader = open_reader(folder.path());
    EXPECT_EQ(read_all(reader, kAlert).sequences.size(), 200U) << i;
    EXPECT_EQ(read_all(reader, kAlert, 77).sequences.front(), 77U) << i;
    flip_bit(segments[i], 60, 3);
  }
}

TEST(SpoolDamage, MissingSegmentIsAnExactGap) {
  const TempFolder folder;
  {
    SpoolWriter writer = open_writer(folder.path());
    fill(writer, kAlert, 200, 500);
  }
  const auto segments = segment_files(folder.path());
  const auto third = decode_segment_header(as_bytes(*read_file(segments[2])));
  const auto fourth = decode_segment_header(as_bytes(*read_file(segments[3])));
  fs::remove(segments[2]);
  SpoolReader reader = open_reader(folder.path());
  const auto all = read_all(reader, kAlert);
  ASSERT_EQ(all.gaps.size(), 1U);
  EXPECT_EQ(all.gaps[0],
            (SpoolGap{kAlert, third->next[0], fourth->next[0] - 1, GapReason::damaged}));
  EXPECT_EQ(all.sequences.size() + all.gaps[0].count(), 200U);
}

TEST(SpoolDamage, LastSegmentMissingOrHeaderless) {
  for (const bool remove : {true, false}) {
    const TempFolder folder;
    {
      SpoolWriter writer = open_writer(folder.path());
      fill(writer, kAlert, 100, 500);
    }
    const auto last = segment_files(folder.path()).back();
    if (remove)
      fs::remove(last);
    else
      flip_bit(last, 3, 0);
    SpoolWriter writer = open_writer(folder.path());
    EXPECT_EQ(writer.stats().next[0], 101U);
    fill(writer, kAlert, 5);
    SpoolReader reader = open_reader(folder.path());
    const auto all = read_all(reader, kAlert);
    EXPECT_EQ(all.sequences.size() + missing(all), 105U);
    EXPECT_EQ(missing(all) > 0, remove);
  }
}

TEST(SpoolDamage, StateSlots) {
  const TempFolder folder(true), scratch(true);
  Uuid spool;
  {
    SpoolWriter writer = open_writer(folder.path());
    spool = writer.spool();
    fill(writer, kAlert, 20);
  }
  {
    const SpoolWriter again = open_writer(folder.path());
  }
  const auto copy = scratch.path() / "copy";
  for (const int bad : {1, 2, 3, 4}) {  // slot A, slot B, both, file missing
    copy_spool(folder.path(), copy);
    if (bad & 1) flip_bit(copy / "state", 40, 1);
    if (bad & 2) flip_bit(copy / "state", 256 + 40, 1);
    if (bad == 4) fs::remove(copy / "state");
    SpoolWriter writer = open_writer(copy);
    EXPECT_EQ(writer.spool(), spool) << bad;
    fill(writer, kAlert, 1);
    SpoolReader reader = open_reader(copy);
    EXPECT_EQ(read_all(reader, kAlert).sequences.size(), 21U) << bad;
  }
}

TEST(SpoolDamage, NewerFormatIsLeftAlone) {
  const TempFolder folder;
  {
    SpoolWriter writer = open_writer(folder.path());
    fill(writer, kAlert, 3);
  }
  for (const std::uint64_t slot : {0, 256})
    flip_bit(folder.path() / "state", slot + 4, 1);  // version 1 -> 3
  const auto writer = SpoolWriter::open(folder.path(), small_spool());
  ASSERT_FALSE(writer);
  EXPECT_EQ(writer.error().code, ErrorCode::unsupported);
}

// Killed between making the file of a new segment and writing its header: the segment before it is
// the last one still, with its checkpoints.
TEST(SpoolDamage, ASegmentThatWasNeverBegunHidesNothing) {
  for (const std::size_t size : {0U, 16'384U}) {
    const TempFolder folder;
    {
      SpoolWriter writer = open_writer(folder.path());
      fill(writer, kAlert, 20, 100);
      ASSERT_TRUE(writer.checkpoint("done", "20"));
      ASSERT_TRUE(writer.sync());
    }
    std::filesystem::path last;
    std::uint64_t newest = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
      if (const auto id = parse_segment_name(entry.path().filename().native());
          id && *id >= newest) {
        newest = *id;
        last = entry.path();
      }
    ASSERT_FALSE(last.empty());
    const auto next = last.parent_path() / segment_name(newest + 1);
    ASSERT_TRUE(write_file_atomic(next, std::string(size, '\0'), 0640));
    SpoolWriter writer = open_writer(folder.path());
    EXPECT_EQ(writer.last_checkpoint("done"), "20");
    EXPECT_EQ(writer.stats().next[0], 21U);
    fill(writer, kAlert, 5, 100);
    SpoolReader reader = open_reader(folder.path());
    const auto all = read_all(reader, kAlert);
    EXPECT_TRUE(all.gaps.empty());
    EXPECT_EQ(all.sequences.size(), 25U);
  }
}

TEST(SpoolDamage, KilledWriterLosesNothingThatWasTaken) {
  const TempFolder folder;
  SpoolSettings settings = small_spool();
  settings.sync_to_disk = true;
  settings.total_bytes = 1U << 28;  // on a fast disk the writer fills a small spool: its oldest go
  std::mt19937 random(7);
  std::uint64_t taken = 0;
  for (int round = 0; round < 15; ++round) {
    int pipe_fds[2];
    ASSERT_EQ(::pipe(pipe_fds), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      SpoolWriter writer = open_writer(folder.path(), settings);
      for (;;) {
        std::uint64_t last = 0;
        for (int i = 0; i < 5; ++i) {
          const std::uint64_t next = writer.stats().next[0] + static_cast<std::uint64_t>(i);
          last = *writer.append(event(kAlert), json(next, 100));
        }
        if (!writer.checkpoint("done", std::to_string(last)) || !writer.sync()) ::_exit(1);
        if (::write(pipe_fds[1], &last, sizeof last) != sizeof last) ::_exit(2);
      }
    }
    ::close(pipe_fds[1]);
    std::uint64_t last = 0;  // on a slow disk the first group takes its time
    if (::read(pipe_fds[0], &last, sizeof last) == static_cast<ssize_t>(sizeof last)) taken = last;
    ::usleep(static_cast<useconds_t>(2000 + random() % 20'000));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    while (::read(pipe_fds[0], &last, sizeof last) == static_cast<ssize_t>(sizeof last))
      taken = last;
    ::close(pipe_fds[0]);
    const SpoolWriter writer = open_writer(folder.path(), settings);
    const std::uint64_t next = writer.stats().next[0];
    EXPECT_GT(next, taken);
    EXPECT_EQ(writer.stats().evicted[0], 0U);
    if (next > 1) {
      EXPECT_EQ(writer.last_checkpoint("done"), std::to_string(next - 1));
    }
  }
  EXPECT_GT(taken, 0U);
  SpoolReader reader = open_reader(folder.path());
  const auto all = read_all(reader, kAlert);
  EXPECT_TRUE(all.gaps.empty());
  EXPECT_GE(all.sequences.size(), taken);
}

TEST(SpoolRoom, OldestOfTheLowestClassGoesFirst) {
  const TempFolder folder;
  SpoolSettings settings = small_spool();
  settings.total_bytes = 100'000;
  SpoolWriter writer = open_writer(folder.path(), settings);
  SpoolReader reader = open_reader(folder.path());
  for (int i = 0; i < 60; ++i) {
    fill(writer, kAlert, 1, 100);
    fill(writer, kMetadata, 10, 400);
  }
  EXPECT_LE(writer.stats().disk_bytes, 100'000U + settings.segment_bytes);
  SpoolReader fresh = open_reader(folder.path());
  const auto alerts = read_all(fresh, kAlert);
  EXPECT_EQ(alerts.sequences.size(), 60U);
  EXPECT_TRUE(alerts.gaps.empty());
  const auto metadata = read_all(fresh, kMetadata);
  ASSERT_EQ(metadata.gaps.size(), 1U);
  EXPECT_EQ(metadata.gaps[0].reason, GapReason::evicted);
  EXPECT_EQ(metadata.gaps[0].first, 1U);
  EXPECT_EQ(metadata.gaps[0].last, writer.stats().evicted[3]);
  EXPECT_EQ(metadata.gaps[0].count(), writer.stats().evicted_records[3]);
  EXPECT_EQ(metadata.sequences.size() + metadata.gaps[0].count(), 600U);
  std::uint64_t told = 0;
  for (const SpoolEviction& e : writer.take_evictions()) told += e.last - e.first + 1;
  EXPECT_EQ(told, metadata.gaps[0].count());
}

TEST(SpoolRoom, NothingMoreImportantIsGivenUp) {
  const TempFolder folder;
  SpoolSettings settings = small_spool();
  settings.total_bytes = 60'000;
  SpoolWriter writer = open_writer(folder.path(), settings);
  while (writer.stats().disk_bytes + settings.segment_bytes <= settings.total_bytes)
    fill(writer, kAlert, 5, 500);
  Status synced;
  while (synced && writer.append(event(kMetadata), json(1, 2000))) synced = writer.sync();
  ASSERT_FALSE(synced);
  EXPECT_EQ(synced.error().code, ErrorCode::no_space);
  EXPECT_FALSE(writer.append(event(kMetadata), json(1)));
  EXPECT_EQ(writer.stats().evicted[0], 0U);
  ASSERT_TRUE(writer.append(event(kAlert), json(1, 100)));  // an alert still gets in
  EXPECT_TRUE(writer.sync());
}

TEST(SpoolRoom, LaneBudget) {
  const TempFolder folder;
  SpoolSettings settings = small_spool();
  settings.lane_bytes[3] = 50'000;
  SpoolWriter writer = open_writer(folder.path(), settings);
  fill(writer, kMetadata, 400, 400);
  EXPECT_LE(writer.stats().live_bytes[3], 50'000U);
  SpoolReader reader = open_reader(folder.path());
  const auto all = read_all(reader, kMetadata);
  EXPECT_EQ(all.sequences.size() + missing(all), 400U);
  EXPECT_GT(all.sequences.size(), 50U);
}

TEST(SpoolRoom, FreeSpaceFloor) {
  const TempFolder folder;
  SpoolSettings settings = small_spool();
  settings.free_space_floor = ~0ULL >> 2;  // no disk has so much
  SpoolWriter writer = open_writer(folder.path(), settings);
  Status synced;
  for (int i = 0; i < 100 && synced; ++i) {
    if (!writer.append(event(kMetadata), json(1, 1000))) break;
    synced = writer.sync();
  }
  // Only what is being written is left; older metadata was given up for it.
  EXPECT_LE(segment_files(folder.path()).size(), 3U);
  fill(writer, kAlert, 100, 500, 1);
}

TEST(SpoolRoom, FileSizeLimitIsAnErrorAndNothingIsLost) {
  const TempFolder folder;
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    SpoolWriter writer = open_writer(folder.path());
    for (int i = 0; i < 10; ++i)
      if (!writer.append(event(kAlert), json(static_cast<std::uint64_t>(i) + 1)) || !writer.sync())
        ::_exit(1);
    const rlimit low{1000, RLIM_INFINITY}, high{RLIM_INFINITY, RLIM_INFINITY};
    ::setrlimit(RLIMIT_FSIZE, &low);
    if (!writer.append(event(kAlert), json(11)) || writer.sync()) ::_exit(2);
    ::setrlimit(RLIMIT_FSIZE, &high);
    if (!writer.sync()) ::_exit(3);  // the group was kept
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  ASSERT_EQ(WEXITSTATUS(status), 0);
  SpoolReader reader = open_reader(folder.path());
  const auto all = read_all(reader, kAlert);
  EXPECT_EQ(all.sequences.size(), 11U);
  EXPECT_TRUE(all.gaps.empty());
}

// A real full disk: a small tmpfs in a mount namespace of its own.
TEST(SpoolRoom, FullDisk) {
  const TempFolder folder;
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    if (::unshare(CLONE_NEWNS | (::geteuid() == 0 ? 0 : CLONE_NEWUSER)) != 0) ::_exit(77);
    ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
    if (::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=256k") != 0) ::_exit(77);
    SpoolSettings settings = small_spool();
    settings.reserve_bytes = 32'768;
    SpoolWriter writer = open_writer(folder.path() / "spool", settings);
    for (std::uint64_t i = 0; i < 50; ++i) {
      if (!writer.append(event(kAlert), json(i + 1, 500))) ::_exit(1);
      for (int k = 0; k < 10; ++k)
        if (!writer.append(event(kMetadata), json(i * 10 + static_cast<std::uint64_t>(k) + 1, 800)))
          ::_exit(2);
      if (const auto synced = writer.sync(); !synced) {
        ::fprintf(stderr, "%s\n", synced.error().message().c_str());
        ::_exit(3);
      }
    }
    SpoolReader reader = open_reader(folder.path() / "spool");
    const auto alerts = read_all(reader, kAlert);
    const auto metadata = read_all(reader, kMetadata);
    if (alerts.sequences.size() != 50 || !alerts.gaps.empty()) ::_exit(4);
    if (metadata.sequences.size() + missing(metadata) != 500 || metadata.gaps.empty()) ::_exit(5);
    ::_exit(::testing::Test::HasFailure() ? 6 : 0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "mount namespaces are refused here";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace chieng
