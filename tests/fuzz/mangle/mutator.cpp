#include "tests/fuzz/mangle/mutator.h"

#include <algorithm>

namespace chieng::mangle {
namespace {

constexpr std::size_t kLargest = 65'000;
// Of lengths, counts and places: ends of ranges.
constexpr std::uint64_t kNumbers[] = {
    0,      1,      2,       0x7f,     0x80,       0xff,       0x100,      0x7fff,    0x8000,
    0xfffe, 0xffff, 0x10000, 0xffffff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};

std::ptrdiff_t at_of(std::size_t n) {
  return static_cast<std::ptrdiff_t>(n);
}

}  // namespace

void Mutator::number(Buffer& bytes, std::size_t at) {
  const std::size_t width = std::size_t{1} << below(3);
  std::uint64_t value = kNumbers[below(std::size(kNumbers))];
  if (one_in(4)) value += below(16);
  const bool little = one_in(2);
  for (std::size_t i = 0; i < width && at + i < bytes.size(); ++i)
    bytes[at + i] = static_cast<std::uint8_t>(value >> 8 * (little ? i : width - 1 - i));
}

void Mutator::range(Buffer& bytes, const Buffer& other, std::size_t at) {
  const std::size_t length = 1 + below(std::min<std::size_t>(bytes.size() - at, 64));
  const Buffer piece(bytes.begin() + at_of(at), bytes.begin() + at_of(at + length));
  switch (below(5)) {
    case 0:
      bytes.erase(bytes.begin() + at_of(at), bytes.begin() + at_of(at + length));
      break;
    case 1:
      if (bytes.size() + length < kLargest)
        bytes.insert(bytes.begin() + at_of(at), piece.begin(), piece.end());
      break;
    case 2:
      bytes.resize(at);
      break;
    case 3: {  // its end is another's
      if (other.empty()) break;
      const std::size_t from = below(other.size());
      bytes.resize(at);
      bytes.insert(bytes.end(), other.begin() + at_of(from), other.end());
      break;
    }
    default:
      std::copy(piece.begin(), piece.end(),
                bytes.begin() + at_of(below(bytes.size() - length + 1)));
  }
}

void Mutator::once(Buffer& bytes, const Buffer& other, std::size_t from) {
  if (from >= bytes.size()) from = 0;
  if (bytes.empty()) return;
  const std::size_t at = from + below(bytes.size() - from);
  switch (below(4)) {
    case 0:
      bytes[at] ^= static_cast<std::uint8_t>(1u << below(8));
      break;
    case 1:
      bytes[at] = static_cast<std::uint8_t>(random_());
      break;
    case 2:
      number(bytes, at);
      break;
    default:
      range(bytes, other, at);
  }
}

void Mutator::change(Buffer& bytes, const Buffer& other) {
  for (std::size_t n = 1 + below(4); n > 0; --n) once(bytes, other, 0);
}

void Mutator::change(Packet& packet, const Packet& other) {
  const std::size_t headers = one_in(4) ? 0 : packet.ether_type == 0x86dd ? 48 : 28;
  for (std::size_t n = 1 + below(4); n > 0; --n) once(packet.bytes, other.bytes, headers);
  if (!one_in(5)) mend_lengths(packet);
}

}  // namespace chieng::mangle
