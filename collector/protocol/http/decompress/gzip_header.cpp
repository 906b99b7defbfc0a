#include "collector/protocol/http/decompress/gzip_header.h"

#include <array>
#include <utility>

namespace chieng::collector::http {
namespace {
constexpr std::uint8_t kHeaderCrc = 2, kExtra = 4, kName = 8, kComment = 16;
constexpr std::array<std::uint8_t, 3> kMagic{0x1f, 0x8b, 0x08};
constexpr std::uint32_t kFixed = 10;
}  // namespace

GzipHeader::State GzipHeader::feed(Bytes& in) {
  while (part_ != Part::done) {
    if (in.empty()) return State::more;
    const auto byte = std::to_integer<std::uint8_t>(in.front());
    in = in.subspan(1);
    if (step(byte) == State::invalid) return State::invalid;
  }
  return State::done;
}

GzipHeader::State GzipHeader::step(std::uint8_t byte) {
  ++at_;
  switch (part_) {
    case Part::fixed:
      if (at_ <= kMagic.size() && byte != kMagic[at_ - 1]) return State::invalid;
      if (at_ == kMagic.size() + 1) flags_ = byte;
      if (at_ == kFixed) next();
      break;
    case Part::extra_size:
      size_ |= std::uint32_t{byte} << (8 * (at_ - 1));
      if (at_ == 2) next();
      if (part_ == Part::extra && size_ == 0) next();
      break;
    case Part::extra:
      if (at_ == size_) next();
      break;
    case Part::name:
    case Part::comment:
      if (byte == 0) next();
      break;
    case Part::crc:
      if (at_ == 2) next();
      break;
    case Part::done:
      break;
  }
  return State::more;
}

void GzipHeader::next() {
  at_ = 0;
  while (part_ != Part::done) {
    part_ = static_cast<Part>(std::to_underlying(part_) + 1);
    const bool wanted = (part_ == Part::extra_size && (flags_ & kExtra) != 0) ||
                        (part_ == Part::extra && (flags_ & kExtra) != 0) ||
                        (part_ == Part::name && (flags_ & kName) != 0) ||
                        (part_ == Part::comment && (flags_ & kComment) != 0) ||
                        (part_ == Part::crc && (flags_ & kHeaderCrc) != 0);
    if (wanted) return;
  }
}

}  // namespace chieng::collector::http
