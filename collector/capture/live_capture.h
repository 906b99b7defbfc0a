// Captures packets from a network interface through libpcap (AF_PACKET with a memory-mapped ring on
// Linux).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "collector/capture/fanout.h"
#include "collector/capture/frame.h"
#include "core/error/result.h"

namespace chieng::collector {

struct LiveCaptureSettings {
  std::string interface;
  int snaplen = 65'535;                 // bytes kept of a packet
  int buffer_bytes = 16 * 1024 * 1024;  // the kernel's ring
  bool promiscuous = true;
  bool immediate = false;  // hand packets over as they come; otherwise when a block is full or
                           // after 100 ms, with room in the ring for packets by their size
  std::string filter;      // BPF; empty: everything
  Balance balance = Balance::hosts;  // among several workers
};

struct CaptureCounters {
  std::uint64_t received = 0;  // AF_PACKET counts what it dropped in here as well
  std::uint64_t dropped = 0;   // the ring was full
};

// One worker's part of an open interface. Owned by that worker; non-blocking. Needs CAP_NET_RAW at
// open only.
class LiveCapture {
 public:
  [[nodiscard]] static Result<LiveCapture> open(const LiveCaptureSettings& settings);
  // One for each worker; a packet goes to one of them (see Balance), from one moment on for all.
  // Fewer than asked for where the interface cannot be shared. buffer_bytes is for all together.
  [[nodiscard]] static Result<std::vector<LiveCapture>> open_shared(
      const LiveCaptureSettings& settings, unsigned workers);
  LiveCapture(LiveCapture&&) noexcept;
  LiveCapture& operator=(LiveCapture&&) noexcept;
  ~LiveCapture();

  // Hands at most limit waiting frames to `each`; how many they were. None: poll fd() for reading.
  template <class Each>
  [[nodiscard]] Result<std::size_t> read(int limit, Each&& each) {
    return read(limit, [](void* to, const Frame& f) { (*static_cast<Each*>(to))(f); }, &each);
  }
  [[nodiscard]] int fd() const;
  [[nodiscard]] int link_type() const;
  [[nodiscard]] const CaptureCounters&
  counters();  // since open; the kernel's 32-bit counts are widened

 private:
  struct State;
  void begin_now();
  using EachFrame = void (*)(void* to, const Frame& frame);
  [[nodiscard]] Result<std::size_t> read(int limit, EachFrame each, void* to);
  explicit LiveCapture(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace chieng::collector
