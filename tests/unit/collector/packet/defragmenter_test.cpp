#include "collector/packet/defragmenter.h"

#include <gtest/gtest.h>

#include "collector/packet/decoder.h"
#include "tests/unit/collector/frames.h"

namespace chieng::collector {
namespace {

using namespace test;

class Defragment : public testing::Test {
 protected:
  // A piece of the datagram's data; offset in bytes.
  std::optional<std::string> add(std::string_view data, unsigned offset, bool more,
                                 unsigned id = 1) {
    bytes_ = ethernet(ipv4({}, 17, data, id, offset / 8 | (more ? 0x2000u : 0u)));
    decode_frame(frame(bytes_), 1, true, packet_);
    EXPECT_TRUE(packet_.view.is_fragment);
    const std::optional<Bytes> whole = defragmenter_.add(packet_);
    if (!whole) return std::nullopt;
    return std::string(as_text(*whole));
  }
  Defragmenter defragmenter_{DefragSettings{.capacity = 4, .memory = 4096, .timeout = 60}};
  std::string bytes_;
  Decoded packet_;
};

TEST_F(Defragment, PutsPiecesTogetherInAnyOrder) {
  const std::string datagram = udp({}, "0123456789abcdefghij");
  EXPECT_FALSE(add(datagram.substr(16), 16, false));
  EXPECT_FALSE(add(datagram.substr(0, 8), 0, true));
  const auto whole = add(datagram.substr(8, 8), 8, true);
  ASSERT_TRUE(whole);
  Decoded inner;
  decode_inner(packet_.view, Layer::ipv4, as_bytes(*whole), true, inner);
  EXPECT_EQ(as_text(inner.view.payload), "0123456789abcdefghij");
  EXPECT_EQ(inner.view.ip_checksum, ChecksumState::valid);
  EXPECT_EQ(inner.view.l4_checksum, ChecksumState::valid);
}

TEST_F(Defragment, KeepsTheEarlierPieceOfAnOverlap) {
  EXPECT_FALSE(add("AAAAAAAABBBBBBBB", 0, true));
  const auto whole = add("xxxxxxxxCCCC", 8, false);
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->substr(20), "AAAAAAAABBBBBBBBCCCC");
}

TEST_F(Defragment, DatagramsDoNotMix) {
  EXPECT_FALSE(add("AAAAAAAA", 0, true, 1));
  EXPECT_FALSE(add("BBBB", 8, false, 2));
}

TEST_F(Defragment, DropsTheOldestWhenFull) {
  for (unsigned id = 1; id <= 6; ++id) EXPECT_FALSE(add("AAAAAAAA", 0, true, id));
  EXPECT_EQ(defragmenter_.dropped(), 2u);
  EXPECT_FALSE(add("BBBB", 8, false, 1));
  EXPECT_TRUE(add("BBBB", 8, false, 6));
}

TEST_F(Defragment, ForgetsAfterTheTimeout) {
  EXPECT_FALSE(add("AAAAAAAA", 0, true));
  defragmenter_.expire(Timestamp::from_seconds(100));
  EXPECT_EQ(defragmenter_.dropped(), 1u);
  EXPECT_FALSE(add("BBBB", 8, false));
}

}  // namespace
}  // namespace chieng::collector
