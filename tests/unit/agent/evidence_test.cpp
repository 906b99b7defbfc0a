#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "agent/pipeline/evidence_store.h"
#include "core/file/file.h"
#include "core/hash/digest.h"

namespace chieng::agent {
namespace {

namespace fs = std::filesystem;

class EvidenceTest : public testing::Test {
 protected:
  EvidenceTest()
      : folder_(fs::temp_directory_path() / ("chieng-evidence-" + std::to_string(getpid()))) {
    fs::remove_all(folder_);
  }
  ~EvidenceTest() override { fs::remove_all(folder_); }

  static Capsule capsule(std::uint8_t severity, std::int64_t second, std::size_t bytes = 10'000) {
    return {.time = Timestamp::from_seconds(1'700'000'000 + second),
            .severity = severity,
            .gid = 1,
            .sid = 77,
            .rev = 3,
            .flow = static_cast<std::uint64_t>(second),
            .rule_text = "alert …",
            .rule_hash = "ab",
            .event = R"({"event_type":"alert"})",
            .pcapng = std::string(bytes, 'p'),
            .packets = 4};
  }
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& entry : fs::directory_iterator(folder_))
      if (entry.path().extension() == ".pcapng")
        out.push_back(entry.path().filename().string().substr(0, 21));
    std::ranges::sort(out);
    return out;
  }
  fs::path folder_;
};

TEST_F(EvidenceTest, FactsStandBesideThePackets) {
  auto store = EvidenceStore::open(folder_, 1 << 20);
  ASSERT_TRUE(store);
  (*store)->write(capsule(2, 5));
  EXPECT_EQ((*store)->problem(), "");
  int files = 0;
  for (const auto& entry : fs::directory_iterator(folder_)) {
    ++files;
    if (entry.path().extension() != ".json") continue;
    const auto facts = nlohmann::json::parse(read_file(entry.path(), 1 << 20).value_or(""));
    const auto packets =
        read_file(folder_ / facts["packets"]["file"].get<std::string>(), 1 << 20).value_or("");
    EXPECT_EQ(facts["packets"]["sha256"], digest_hex(DigestKind::sha256, as_bytes(packets)));
    EXPECT_EQ(facts["rule"]["rev"], 3);
    EXPECT_EQ(facts["rule"]["sha256"], "ab");
    EXPECT_EQ(facts["alert"]["event_type"], "alert");
  }
  EXPECT_EQ(files, 2);
}

TEST_F(EvidenceTest, TheLeastSevereAndThenTheOldestGoFirst) {
  using Names = std::vector<std::string>;
  auto store = EvidenceStore::open(folder_, 33'000);  // three of them
  ASSERT_TRUE(store);
  (*store)->write(capsule(3, 1));
  (*store)->write(capsule(2, 2));
  (*store)->write(capsule(3, 3));
  (*store)->write(capsule(1, 4));
  EXPECT_EQ(names(),
            (Names{"1-0001700000004000000", "2-0001700000002000000", "3-0001700000003000000"}));
  // What an earlier run left counts.
  store = EvidenceStore::open(folder_, 33'000);
  ASSERT_TRUE(store);
  (*store)->write(capsule(2, 5));
  EXPECT_EQ(names(),
            (Names{"1-0001700000004000000", "2-0001700000002000000", "2-0001700000005000000"}));
  (*store)->write(capsule(3, 6));
  EXPECT_EQ((*store)->counts().refused, 1u);
  (*store)->write(capsule(2, 7));
  EXPECT_EQ(names(),
            (Names{"1-0001700000004000000", "2-0001700000005000000", "2-0001700000007000000"}));
}

TEST_F(EvidenceTest, OnceAnHourForEachGroup) {
  auto store = EvidenceStore::open(folder_, 1 << 20);
  ASSERT_TRUE(store);
  const auto at = [](std::int64_t s) { return Timestamp::from_seconds(1'700'000'000 + s); };
  EXPECT_TRUE((*store)->wants("a", at(0)));
  EXPECT_FALSE((*store)->wants("a", at(1)));
  EXPECT_TRUE((*store)->wants("b", at(1)));
  EXPECT_TRUE((*store)->wants("a", at(3600)));
}

}  // namespace
}  // namespace chieng::agent
