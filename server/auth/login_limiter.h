// Slows down guessing of passwords: by account at an address, by address (one password tried on
// many accounts), and by account (many addresses). An attempt is counted before the password is
// checked, so that parallel attempts count too. Bounded: the least recently touched entry goes
// first; an attacker's own address entry is touched by each attempt, so it cannot be pushed out
// with invented names. Thread-safe.
#pragma once

#include <cstddef>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/time/timestamp.h"

namespace chieng::server {

struct LoginLimits {
  int free_pair = 5;  // wrong passwords before waiting begins
  int free_address = 20;
  int free_account = 50;
  std::int64_t first_wait_seconds = 2;  // doubles with each further one
  std::int64_t longest_wait_seconds = 300;
  std::int64_t forget_seconds = 3600;  // after the last attempt
  std::size_t max_entries = 20'000;
};

class LoginLimiter {
 public:
  explicit LoginLimiter(LoginLimits limits = {}) : limits_(limits) {}

  // 0: go on, the attempt is counted; else seconds to wait, and nothing was counted.
  [[nodiscard]] std::int64_t begin(std::string_view account, std::string_view address,
                                   Timestamp now);
  // The password was right: the pair starts afresh; the address keeps what it owes for other
  // accounts.
  void succeeded(std::string_view account, std::string_view address);
  [[nodiscard]] std::size_t size() const;

 private:
  struct Entry {
    std::string key;
    int attempts = 0;
    Timestamp last;
  };
  using Entries = std::list<Entry>;
  [[nodiscard]] std::int64_t wait_of(const std::string& key, int free, Timestamp now);
  void count(const std::string& key, Timestamp now);
  void take_back(const std::string& key);
  void forget(const std::string& key);

  const LoginLimits limits_;
  mutable std::mutex mutex_;
  Entries entries_;  // least recently touched first
  std::unordered_map<std::string, Entries::iterator> by_key_;
};

}  // namespace chieng::server
