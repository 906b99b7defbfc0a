#include "collector/capture/packet_ring.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace chieng::collector {
namespace {

Frame frame_of(const std::string& bytes, std::int64_t seconds) {
  return {as_bytes(bytes), static_cast<std::uint32_t>(bytes.size() + 4),
          Timestamp::from_seconds(seconds), 1};
}

TEST(PacketRing, KeepsTheNewestOfEveryFlowInTheirOrder) {
  PacketRing ring(10'000);
  constexpr int kAdded = 2000;
  for (int n = 0; n < kAdded; ++n) {
    const std::string bytes(static_cast<std::size_t>(n % 97), static_cast<char>('a' + n % 26));
    ring.add(frame_of(bytes, n), n % 3 == 0 ? 7 : 8);
  }
  std::vector<std::int64_t> of_7, of_8;
  const auto check = [](std::vector<std::int64_t>& seen) {
    return [&seen](const Frame& f) {
      const auto n = f.time.seconds();
      seen.push_back(n);
      EXPECT_EQ(as_text(f.bytes),
                std::string(static_cast<std::size_t>(n % 97), static_cast<char>('a' + n % 26)));
      EXPECT_EQ(f.wire_length, f.bytes.size() + 4);
    };
  };
  ring.find(7, check(of_7));
  ring.find(8, check(of_8));
  EXPECT_EQ(of_7.size() + of_8.size(), ring.packets());
  EXPECT_GT(ring.packets(), 80u) << "about 90 bytes each";
  EXPECT_EQ(std::max(of_7.back(), of_8.back()), kAdded - 1);
  for (std::size_t i = 1; i < of_7.size(); ++i) EXPECT_EQ(of_7[i], of_7[i - 1] + 3);
  ring.find(9, [](const Frame&) { ADD_FAILURE() << "no flow 9 was added"; });
}

TEST(PacketRing, CutsWhatIsLargerThanItsShare) {
  PacketRing ring(4096);
  const std::string large(5000, 'x');
  for (int n = 0; n < 10; ++n) ring.add(frame_of(large, n), 1);
  std::size_t seen = 0;
  ring.find(1, [&](const Frame& f) {
    ++seen;
    EXPECT_LT(f.bytes.size(), 1024u);
    EXPECT_EQ(f.wire_length, 5004u);
  });
  EXPECT_GE(seen, 3u);
}

}  // namespace
}  // namespace chieng::collector
