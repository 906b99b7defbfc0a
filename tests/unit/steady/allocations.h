// Counts every call to malloc and its like in the program, whoever makes it.
#pragma once

#include <cstdint>

namespace chieng::test {

// False under sanitizers, which bring a malloc of their own.
[[nodiscard]] bool allocations_are_counted();
[[nodiscard]] std::uint64_t allocations();

}  // namespace chieng::test
