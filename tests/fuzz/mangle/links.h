// Takes the packet out of a frame of one link type and puts it into one of another, so that every
// link type can be fed what captures of a few hold.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "collector/capture/frame.h"

namespace chieng::mangle {

using Buffer = std::vector<std::uint8_t>;

struct Packet {  // what a link carries
  std::uint16_t ether_type = 0;
  Buffer bytes;
};

// Every link type that the collector decodes.
[[nodiscard]] std::span<const int> link_types();

// Nothing where the link type is not one of the usual ones.
[[nodiscard]] std::optional<Packet> unwrap(const collector::Frame& frame);
[[nodiscard]] Buffer wrap(const Packet& packet, int link_type);

// Writes the length of the packet where its IP and UDP headers say it.
void mend_lengths(Packet& packet);

}  // namespace chieng::mangle
