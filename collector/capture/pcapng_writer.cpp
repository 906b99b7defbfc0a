#include "collector/capture/pcapng_writer.h"

#include <algorithm>

namespace chieng::collector {
namespace {

constexpr std::uint32_t kSection = 0x0a0d0d0a, kInterface = 1, kPacket = 6;
constexpr std::uint16_t kComment = 1, kApplication = 4;
constexpr std::size_t kMostOption = 65'532;

// Files have numbers of their own for few link types: LINKTYPE_RAW for DLT_RAW of any system.
int file_link_type(int link_type) {
  return link_type == 12 || link_type == 14 ? 101 : link_type;
}

}  // namespace

void PcapngWriter::u16(std::uint32_t value) {
  bytes_ += static_cast<char>(value);
  bytes_ += static_cast<char>(value >> 8);
}

void PcapngWriter::u32(std::uint32_t value) {
  u16(value);
  u16(value >> 16);
}

void PcapngWriter::padded(std::string_view data) {
  bytes_ += data;
  bytes_.append((4 - data.size() % 4) % 4, '\0');
}

void PcapngWriter::option(std::uint16_t code, std::string_view value) {
  value = value.substr(0, kMostOption);
  u16(code);
  u16(static_cast<std::uint32_t>(value.size()));
  padded(value);
}

std::size_t PcapngWriter::begin(std::uint32_t type) {
  const std::size_t at = bytes_.size();
  u32(type);
  u32(0);  // the length, known at the end
  return at;
}

void PcapngWriter::end(std::size_t at) {
  const auto length = static_cast<std::uint32_t>(bytes_.size() - at + 4);
  u32(length);
  for (std::size_t i = 0; i < 4; ++i) bytes_[at + 4 + i] = static_cast<char>(length >> (8 * i));
}

PcapngWriter::PcapngWriter(std::string_view application) {
  const std::size_t at = begin(kSection);
  u32(0x1a2b3c4d);
  u16(1);
  u16(0);
  u32(0xffffffff);  // the section's length is not told
  u32(0xffffffff);
  option(kApplication, application);
  u32(0);  // end of options
  end(at);
}

std::uint32_t PcapngWriter::interface_of(int link_type) {
  const auto known = std::find(links_.begin(), links_.begin() + link_count_, link_type);
  if (known != links_.begin() + link_count_ || link_count_ == kMostLinks)
    return static_cast<std::uint32_t>(known - links_.begin());
  links_[link_count_] = link_type;
  const std::size_t at = begin(kInterface);
  u16(static_cast<std::uint32_t>(file_link_type(link_type)));
  u16(0);
  u32(0);  // no limit on a packet's length
  end(at);
  return link_count_++;
}

void PcapngWriter::add(const Frame& frame, std::string_view comment) {
  const std::uint32_t interface = interface_of(frame.link_type);
  if (interface == kMostLinks) return;
  const auto micros = static_cast<std::uint64_t>(frame.time.micros);
  const std::size_t at = begin(kPacket);
  u32(interface);
  u32(static_cast<std::uint32_t>(micros >> 32));
  u32(static_cast<std::uint32_t>(micros));
  u32(static_cast<std::uint32_t>(frame.bytes.size()));
  u32(std::max(frame.wire_length, static_cast<std::uint32_t>(frame.bytes.size())));
  padded(as_text(frame.bytes));
  if (!comment.empty()) {
    option(kComment, comment);
    u32(0);
  }
  end(at);
  ++packets_;
}

}  // namespace chieng::collector
