#include "agent/supervisor/identity.h"

#include <gtest/gtest.h>

#include "core/file/file.h"

namespace chieng::agent {
namespace {

class IdentityWatchTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(folder_);
    std::filesystem::remove(path_);
    identity_.agent = Uuid::random();
    identity_.server = Uuid::random();
    identity_.name = "xa-01";
    identity_.endpoint = "tcp://192.0.2.1:7801";
    const auto keys = KeyPair::load_or_create(folder_ / "agent.key");
    ASSERT_TRUE(keys);
    identity_.server_key = keys->public_key;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // A new watch looks at once; an old one waits for its second to pass.
  [[nodiscard]] bool changed(std::optional<Identity> known) const {
    return IdentityWatch(path_, std::move(known)).changed();
  }

  const std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) / "chieng-identity-watch";
  const std::filesystem::path path_ = folder_ / "identity.json";
  Identity identity_;
};

TEST_F(IdentityWatchTest, TellsTheFirstEnrolmentAndEachLaterOne) {
  EXPECT_FALSE(changed(std::nullopt));
  ASSERT_TRUE(identity_.save(path_));
  EXPECT_TRUE(changed(std::nullopt));
  EXPECT_FALSE(changed(identity_));
  Identity other = identity_;
  other.endpoint = "tcp://192.0.2.2:7801";
  ASSERT_TRUE(other.save(path_));
  EXPECT_TRUE(changed(identity_));
}

TEST_F(IdentityWatchTest, WhatCannotBeUsedIsNoEnrolment) {
  ASSERT_TRUE(write_file_atomic(path_, "{\"agent\":", 0600));
  EXPECT_FALSE(changed(std::nullopt));
  EXPECT_FALSE(changed(identity_));
}

}  // namespace
}  // namespace chieng::agent
