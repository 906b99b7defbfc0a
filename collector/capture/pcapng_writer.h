// Writes packets as pcapng (https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcapng/).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "collector/capture/frame.h"

namespace chieng::collector {

// One file in memory. Grows with what is added: the caller bounds it.
class PcapngWriter {
 public:
  explicit PcapngWriter(std::string_view application);
  // A comment stands beside the packet in programs that show it; empty: none.
  void add(const Frame& frame, std::string_view comment = {});
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] std::size_t packets() const { return packets_; }
  [[nodiscard]] std::string take() { return std::move(bytes_); }

 private:
  static constexpr std::size_t kMostLinks = 16;
  [[nodiscard]] std::uint32_t interface_of(int link_type);
  void u16(std::uint32_t value);
  void u32(std::uint32_t value);
  void padded(std::string_view data);
  void option(std::uint16_t code, std::string_view value);
  std::size_t begin(std::uint32_t type);
  void end(std::size_t at);

  std::string bytes_;
  std::array<int, kMostLinks> links_{};  // a description block each
  std::uint32_t link_count_ = 0;
  std::size_t packets_ = 0;
};

}  // namespace chieng::collector
