#include "tests/fuzz/mangle/run.h"

#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <ctime>

extern "C" {
__attribute__((weak)) void __sanitizer_set_death_callback(void (*)());
__attribute__((weak)) std::size_t __sanitizer_get_current_allocated_bytes();
}

namespace chieng::mangle {
namespace {

constexpr std::size_t kBudget = std::size_t{128} << 20;  // of one pipeline with the settings below
constexpr double kPacketSeconds = 2;                     // of the thread's own time
constexpr unsigned kWatchdogSeconds = 300;               // for one run

std::string now_doing;

void tell_what() {
  const std::string text = "mangle: at " + now_doing + "\n";
  if (::write(STDERR_FILENO, text.data(), text.size()) < 0) return;
}

void on_signal(int number) {
  tell_what();
  std::signal(number, SIG_DFL);
  std::raise(number);
}

double thread_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

std::size_t allocated() {
  if (__sanitizer_get_current_allocated_bytes != nullptr)
    return __sanitizer_get_current_allocated_bytes();
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

agent::EventOptions options() {
  agent::EventOptions out;
  out.payload = out.payload_printable = out.packet = true;
  return out;
}

collector::SensorSettings settings(bool stranger) {
  collector::SensorSettings s;
  s.stream.checksum_validation = false;
  s.stream.midstream = s.stream.async_oneside = stranger;
  s.stream.memory = 8 << 20;
  s.flow.capacity = 4096;
  s.defrag.capacity = 256;
  s.defrag.memory = 1 << 20;
  s.files.md5 = s.files.sha1 = s.files.sha256 = true;
  s.max_transactions = 256;
  return s;
}

}  // namespace

void doing(std::string what) {
  now_doing = std::move(what);
}

void watch() {
  if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(tell_what);
  for (const int number : {SIGALRM, SIGABRT}) std::signal(number, on_signal);
}

void give_up(const std::string& why) {
  fmt::print(stderr, "mangle: {}\n", why);
  tell_what();
  std::_Exit(1);
}

Run::Run(Rules rules, bool stranger)
    : base_(allocated()),
      out_(options(), sink_),
      pipeline_(settings(stranger), std::move(rules), out_) {
  alarm(kWatchdogSeconds);
}

void Run::feed(const Buffer& bytes, const collector::Frame& like, int link_type) {
  // A copy of its own length, so that a byte too far is seen.
  const auto exact = std::make_unique<std::uint8_t[]>(bytes.size());
  std::copy(bytes.begin(), bytes.end(), exact.get());
  collector::Frame frame = like;
  frame.bytes = as_bytes(exact.get(), bytes.size());
  frame.link_type = link_type;
  const double begin = thread_seconds();
  pipeline_.packet(frame);
  check(begin);
  ++packets;
}

void Run::finish() {
  const double begin = thread_seconds();
  pipeline_.finish();
  check(begin);
  if (const std::uint64_t left = pipeline_.counters().memory; left != 0)
    give_up(fmt::format("{} bytes of streams are still counted at the end", left));
}

void Run::check(double begin) const {
  const double seconds = thread_seconds() - begin;
  longest = std::max(longest, seconds);
  if (seconds > kPacketSeconds) give_up(fmt::format("one packet took {:.1f} s", seconds));
  const std::size_t now = allocated(), used = now > base_ ? now - base_ : 0;
  most = std::max(most, used);
  if (used > kBudget) give_up(fmt::format("{} bytes are in use; the budget is {}", used, kBudget));
}

}  // namespace chieng::mangle
