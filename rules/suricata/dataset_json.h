// Reads data sets that are JSON: a list of objects, each with the value and what goes with it.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "rules/suricata/dataset.h"

namespace chieng::suricata {

// A value as a data file gives it; encoded: strings are in base64.
[[nodiscard]] Result<std::string> dataset_value(DatasetType type, std::string_view text,
                                                bool encoded);

// Lives while one document is read; the caller holds the set's lock.
class JsonValues {
 public:
  JsonValues(DatasetValues& set, const DatasetFile& file) : set_(set), file_(file) {}
  [[nodiscard]] Status load(std::string_view text);

 private:
  Status add(nlohmann::json& object);

  DatasetValues& set_;
  const DatasetFile& file_;
};

}  // namespace chieng::suricata
