// Changes packets at random, the same way each time for the same seed.
#pragma once

#include <cstdint>
#include <random>

#include "tests/fuzz/mangle/links.h"

namespace chieng::mangle {

class Mutator {
 public:
  explicit Mutator(std::uint64_t seed) : random_(seed) {}

  // A few changes of bytes, numbers and ranges. other: where foreign bytes come from.
  void change(Buffer& bytes, const Buffer& other);
  // The same in a packet, mostly behind its headers, and mostly with its lengths made right again.
  void change(Packet& packet, const Packet& other);
  // Below n, which is not 0.
  [[nodiscard]] std::size_t below(std::size_t n) { return random_() % n; }
  [[nodiscard]] bool one_in(std::size_t n) { return below(n) == 0; }

 private:
  void once(Buffer& bytes, const Buffer& other, std::size_t from);
  void number(Buffer& bytes, std::size_t at);
  void range(Buffer& bytes, const Buffer& other, std::size_t at);

  std::mt19937_64 random_;
};

}  // namespace chieng::mangle
