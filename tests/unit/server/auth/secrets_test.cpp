#include "server/auth/secrets.h"

#include <gtest/gtest.h>

#include <chrono>
#include <set>

namespace chieng::server {
namespace {

TEST(Secrets, a_password_matches_its_own_hash_only) {
  const auto hash = hash_password("mật khẩu đủ dài");
  ASSERT_TRUE(hash);
  EXPECT_TRUE(hash->starts_with("$argon2id$"));
  EXPECT_TRUE(password_matches("mật khẩu đủ dài", *hash));
  EXPECT_FALSE(password_matches("mật khẩu đủ dàI", *hash));
  EXPECT_FALSE(password_matches("", *hash));
  EXPECT_NE(*hash_password("mật khẩu đủ dài"), *hash);
}

TEST(Secrets, an_unknown_account_takes_as_long_as_a_wrong_password) {
  const auto hash = hash_password("the right password");
  ASSERT_TRUE(hash);
  (void)password_matches("warm up", "");
  const auto time_of = [](const std::string& against) {
    const auto start = std::chrono::steady_clock::now();
    EXPECT_FALSE(password_matches("a wrong password", against));
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  double known = 0, unknown = 0;
  for (int i = 0; i < 5; ++i) {
    known += time_of(*hash);
    unknown += time_of("");
  }
  EXPECT_GT(unknown, known / 3);
  EXPECT_LT(unknown, known * 3);
}

TEST(Secrets, policy_counts_characters_and_refuses_the_name) {
  EXPECT_FALSE(check_password_policy("elevenchars", "an"));
  EXPECT_TRUE(check_password_policy("twelve-chars", "an"));
  EXPECT_FALSE(check_password_policy("đủđủđủđủđủđ", "an")) << "11 characters, 22 bytes";
  EXPECT_TRUE(check_password_policy("đủđủđủđủđủđủ", "an"));
  EXPECT_FALSE(check_password_policy("aaaaaaaaaaaaaaaa", "an"));
  EXPECT_FALSE(check_password_policy("my-QuanTri-password", "quantri"));
  EXPECT_FALSE(check_password_policy(std::string(257, 'x') + "y", "an"));
}

TEST(Secrets, secrets_are_long_and_never_the_same) {
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const auto secret = random_secret();
    EXPECT_EQ(secret.size(), 43U);
    EXPECT_TRUE(seen.insert(secret).second);
  }
}

TEST(Secrets, one_time_passwords_meet_the_policy_and_can_be_read_out) {
  const auto password = one_time_password();
  EXPECT_EQ(password.size(), 24U);
  EXPECT_TRUE(check_password_policy(password, "admin"));
  EXPECT_EQ(password.find_first_of("0o1li"), std::string::npos);
}

TEST(Secrets, tokens_have_the_prefix_and_only_their_hash_is_kept) {
  const auto token = make_api_token();
  EXPECT_TRUE(token.text.starts_with("chg_"));
  EXPECT_EQ(token.hash, secret_hash(token.text));
  EXPECT_EQ(token.hash.find(token.text), std::string::npos);
}

TEST(Secrets, comparison_in_constant_time_still_compares) {
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "ab"));
  EXPECT_FALSE(equal_in_constant_time("", "a"));
}

}  // namespace
}  // namespace chieng::server
