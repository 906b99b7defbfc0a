#include "server/auth/login_limiter.h"

#include <algorithm>

#include "core/hash/digest.h"
#include "core/net/address.h"

namespace chieng::server {
namespace {

// An IPv6 client owns at least a /64: counting single addresses would count nothing.
std::string address_key(std::string_view address) {
  auto ip = parse_address(address);
  if (!ip) return "a:" + std::string(address);
  if (ip->version == 6) std::fill(ip->bytes.begin() + 8, ip->bytes.end(), std::uint8_t{0});
  return "a:" + to_string(*ip);
}

// Names are hashed: equal length for all, and no typed password stays in memory as a "name".
std::string account_key(std::string_view account) {
  return "u:" + digest(DigestKind::sha256, as_bytes(account));
}

}  // namespace

std::int64_t LoginLimiter::begin(std::string_view account, std::string_view address,
                                 Timestamp now) {
  const auto by_address = address_key(address), by_account = account_key(account);
  const auto by_pair = by_account + by_address;
  const std::lock_guard lock(mutex_);
  const auto wait = std::max({wait_of(by_pair, limits_.free_pair, now),
                              wait_of(by_address, limits_.free_address, now),
                              wait_of(by_account, limits_.free_account, now)});
  if (wait > 0) return wait;
  count(by_pair, now);
  count(by_account, now);
  count(by_address, now);
  return 0;
}

void LoginLimiter::succeeded(std::string_view account, std::string_view address) {
  const auto by_address = address_key(address), by_account = account_key(account);
  const std::lock_guard lock(mutex_);
  forget(by_account + by_address);
  take_back(by_address);
  take_back(by_account);
}

std::size_t LoginLimiter::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

std::int64_t LoginLimiter::wait_of(const std::string& key, int free, Timestamp now) {
  const auto it = by_key_.find(key);
  if (it == by_key_.end()) return 0;
  const auto& entry = *it->second;
  const auto since = (now - entry.last) / 1'000'000;
  if (since >= limits_.forget_seconds) {
    forget(key);
    return 0;
  }
  if (entry.attempts < free) return 0;
  const int doublings = std::min(entry.attempts - free, 20);
  const auto wait = std::min(limits_.longest_wait_seconds, limits_.first_wait_seconds << doublings);
  return std::max<std::int64_t>(0, wait - since);
}

void LoginLimiter::count(const std::string& key, Timestamp now) {
  const auto it = by_key_.find(key);
  if (it != by_key_.end()) {
    entries_.splice(entries_.end(), entries_, it->second);
  } else {
    if (entries_.size() >= limits_.max_entries) forget(std::string(entries_.front().key));
    entries_.push_back({key, 0, now});
    by_key_.emplace(key, std::prev(entries_.end()));
  }
  auto& entry = entries_.back();
  entry.attempts += 1;
  entry.last = now;
}

void LoginLimiter::take_back(const std::string& key) {
  const auto it = by_key_.find(key);
  if (it == by_key_.end()) return;
  if (--it->second->attempts <= 0) forget(key);
}

void LoginLimiter::forget(const std::string& key) {
  const auto it = by_key_.find(key);
  if (it == by_key_.end()) return;
  entries_.erase(it->second);
  by_key_.erase(it);
}

}  // namespace chieng::server
