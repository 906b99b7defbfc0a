#include "transport/keys/keys.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "core/file/file.h"
#include "tests/unit/transport/spool_kit.h"
#include "transport/keys/server_identity.h"

namespace chieng {
namespace {

using test::TempFolder;

TEST(Keys, SaveAndLoad) {
  const TempFolder folder;
  const auto path = folder.path() / "agent.key";
  const KeyPair made = KeyPair::generate();
  ASSERT_TRUE(made.save(path));
  struct stat info{};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  const auto loaded = KeyPair::load(path);
  ASSERT_TRUE(loaded) << loaded.error().message();
  EXPECT_EQ(loaded->public_key, made.public_key);
  EXPECT_EQ(loaded->secret_key.bytes, made.secret_key.bytes);
  EXPECT_EQ(made.save(path).error().code, ErrorCode::exists);
  EXPECT_EQ(KeyPair::load_or_create(path)->public_key, made.public_key);
}

TEST(Keys, ReadableByOthersIsRefused) {
  const TempFolder folder;
  const auto path = folder.path() / "agent.key";
  ASSERT_TRUE(KeyPair::generate().save(path));
  for (const mode_t mode : {0640U, 0604U, 0620U}) {
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    EXPECT_EQ(KeyPair::load(path).error().code, ErrorCode::permission) << mode;
    EXPECT_EQ(KeyPair::load_or_create(path).error().code, ErrorCode::permission);
  }
}

TEST(Keys, DamagedFilesAreRefused) {
  const TempFolder folder;
  const auto path = folder.path() / "agent.key";
  ASSERT_TRUE(KeyPair::generate().save(path));
  const std::string good = *read_file(path);
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = bad[i] == 'A' ? 'B' : 'A';
    ASSERT_TRUE(write_file_atomic(path, bad, 0600));
    EXPECT_FALSE(KeyPair::load(path)) << i;
    ASSERT_TRUE(write_file_atomic(path, good.substr(0, i), 0600));
    EXPECT_FALSE(KeyPair::load(path)) << i;
  }
}

TEST(Keys, Z85) {
  const PublicKey key = KeyPair::generate().public_key;
  EXPECT_EQ(parse_public_key(to_z85(key)), key);
  EXPECT_FALSE(parse_public_key("short"));
  EXPECT_FALSE(parse_public_key(std::string(40, '\x01')));
  EXPECT_FALSE(parse_public_key(std::string(40, '#')));  // each group is above 2^32
  EXPECT_EQ(fingerprint(key).size(), 8U);
}

TEST(ServerIdentity, SurvivesAndIsRefusedWhenDamaged) {
  const TempFolder folder;
  const auto path = folder.path() / "identity";
  const auto made = ServerIdentity::load_or_create(path);
  ASSERT_TRUE(made);
  ASSERT_TRUE((ServerIdentity{made->server, 12}).save(path));
  const auto loaded = ServerIdentity::load_or_create(path);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->server, made->server);
  EXPECT_EQ(loaded->generation, 12U);
  for (const std::string bad :
       {"", "chieng-server 1\n", "chieng-server 1\nuuid zz\ngeneration 1\n"}) {
    ASSERT_TRUE(write_file_atomic(path, bad));
    EXPECT_EQ(ServerIdentity::load_or_create(path).error().code, ErrorCode::corrupt);
  }
}

}  // namespace
}  // namespace chieng
