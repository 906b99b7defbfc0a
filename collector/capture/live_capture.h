// Captures packets from a network interface through libpcap (AF_PACKET with a memory-mapped ring on
// Linux).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "collector/capture/frame.h"
#include "core/error/result.h"

namespace chieng::collector {

struct LiveCaptureSettings {
  std::string interface;
  int snaplen = 65'535;                 // bytes kept of a packet
  int buffer_bytes = 16 * 1024 * 1024;  // the kernel's ring
  bool promiscuous = true;
  bool immediate = true;  // hand packets over as they come, not when a block is full
  std::string filter;     // BPF; empty: everything
};

struct CaptureCounters {
  std::uint64_t received = 0;          // AF_PACKET counts what it dropped in here as well
  std::uint64_t dropped = 0;           // the ring was full
  std::uint64_t if_dropped = 0;        // by the interface or its driver
  [[nodiscard]] double loss() const {  // 0 to 1
    return received == 0 ? 0 : static_cast<double>(dropped) / static_cast<double>(received);
  }
};

// One open interface. Owned by one worker; non-blocking. Needs CAP_NET_RAW at open only.
class LiveCapture {
 public:
  [[nodiscard]] static Result<LiveCapture> open(const LiveCaptureSettings& settings);
  LiveCapture(LiveCapture&&) noexcept;
  LiveCapture& operator=(LiveCapture&&) noexcept;
  ~LiveCapture();

  // A frame, or nothing where none is waiting: poll fd() for reading then.
  [[nodiscard]] Result<std::optional<Frame>> next();
  [[nodiscard]] int fd() const;
  [[nodiscard]] int link_type() const;
  [[nodiscard]] const CaptureCounters&
  counters();  // since open; the kernel's 32-bit counts are widened

 private:
  struct State;
  explicit LiveCapture(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace chieng::collector
