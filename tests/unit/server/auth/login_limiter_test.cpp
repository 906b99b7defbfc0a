#include "server/auth/login_limiter.h"

#include <gtest/gtest.h>

namespace chieng::server {
namespace {

constexpr Timestamp kStart = Timestamp::from_seconds(1'800'000'000);
Timestamp after(std::int64_t seconds) {
  return kStart + seconds * 1'000'000;
}

TEST(LoginLimiter, waits_double_after_the_free_attempts) {
  LoginLimiter limiter;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(limiter.begin("an", "192.0.2.1", kStart), 0);
  EXPECT_EQ(limiter.begin("an", "192.0.2.1", kStart), 2);
  EXPECT_EQ(limiter.begin("an", "192.0.2.1", after(1)), 1);
  EXPECT_EQ(limiter.begin("an", "192.0.2.1", after(2)), 0);
  EXPECT_EQ(limiter.begin("an", "192.0.2.1", after(2)), 4);
}

TEST(LoginLimiter, the_wait_has_a_longest) {
  LoginLimiter limiter;
  Timestamp t = kStart;
  std::int64_t longest = 0;
  for (int i = 0; i < 40; ++i) {
    const auto wait = limiter.begin("an", "192.0.2.1", t);
    longest = std::max(longest, wait);
    t = t + wait * 1'000'000;
  }
  EXPECT_EQ(longest, 300);
}

TEST(LoginLimiter, another_address_may_still_try) {
  LoginLimiter limiter;
  for (int i = 0; i < 6; ++i) (void)limiter.begin("an", "192.0.2.1", kStart);
  EXPECT_EQ(limiter.begin("an", "198.51.100.1", kStart), 0);
}

TEST(LoginLimiter, one_password_on_many_accounts_is_slowed_by_address) {
  LoginLimiter limiter;
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(limiter.begin("user" + std::to_string(i), "192.0.2.1", kStart), 0);
  EXPECT_GT(limiter.begin("user20", "192.0.2.1", kStart), 0);
}

TEST(LoginLimiter, one_account_from_many_addresses_is_slowed) {
  LoginLimiter limiter;
  for (int i = 0; i < 50; ++i)
    EXPECT_EQ(limiter.begin("an", "192.0.2." + std::to_string(i), kStart), 0);
  EXPECT_GT(limiter.begin("an", "198.51.100.1", kStart), 0);
}

TEST(LoginLimiter, the_addresses_of_one_ipv6_network_are_one) {
  LoginLimiter limiter;
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(limiter.begin("an", "2001:db8:1:2::" + std::to_string(i + 1), kStart), 0);
  EXPECT_GT(limiter.begin("an", "2001:db8:1:2:ffff::9", kStart), 0);
  EXPECT_EQ(limiter.begin("an", "2001:db8:1:3::1", kStart), 0);
}

TEST(LoginLimiter, success_clears_the_pair_but_not_what_the_address_owes) {
  LoginLimiter limiter;
  for (int i = 0; i < 19; ++i) (void)limiter.begin("user" + std::to_string(i), "192.0.2.1", kStart);
  EXPECT_EQ(limiter.begin("an", "192.0.2.1", kStart), 0);
  limiter.succeeded("an", "192.0.2.1");
  EXPECT_EQ(limiter.begin("binh", "192.0.2.1", kStart), 0);
  EXPECT_GT(limiter.begin("chi", "192.0.2.1", kStart), 0);
}

TEST(LoginLimiter, forgets_after_an_hour) {
  LoginLimiter limiter;
  for (int i = 0; i < 5; ++i) (void)limiter.begin("an", "192.0.2.1", kStart);
  EXPECT_GT(limiter.begin("an", "192.0.2.1", kStart), 0);
  EXPECT_EQ(limiter.begin("an", "192.0.2.1", after(3600)), 0);
  EXPECT_EQ(limiter.begin("an", "192.0.2.1", after(3600)), 0);
}

TEST(LoginLimiter, invented_names_do_not_push_the_guesser_out) {
  LoginLimiter limiter(LoginLimits{.max_entries = 100});
  std::int64_t t = 0;
  int tried = 0;
  for (int i = 0; i < 2000; ++i) {
    if (limiter.begin("invented" + std::to_string(i), "192.0.2.1", after(t)) == 0) ++tried;
    if (i % 100 == 0) ++t;
  }
  EXPECT_LE(limiter.size(), 100U);
  EXPECT_LT(tried, 30);
}

}  // namespace
}  // namespace chieng::server
