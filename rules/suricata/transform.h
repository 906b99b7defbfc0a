// Transformations of buffers.
#pragma once

#include <span>
#include <string>

#include "core/bytes/bytes.h"
#include "rules/engine/regex.h"
#include "rules/suricata/signature.h"

namespace chieng::suricata {

// Working memory of one worker; keeps its size.
struct TransformScratch {
  std::string a, b;
};

// All of them in order. The result is in the scratch (or is the input where there are none), good
// until the next call.
[[nodiscard]] Bytes apply_transforms(std::span<const Transform> transforms, Bytes data,
                                     TransformScratch& scratch, matching::RegexScratch& regex);

}  // namespace chieng::suricata
