// A set of values that rules ask for or add to. Loaded with the rules and shared by all workers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>

#include "core/bytes/bytes.h"
#include "core/error/result.h"

namespace chieng::suricata {

enum class DatasetType : std::uint8_t { string, md5, sha256, ip };
enum class DatasetOp : std::uint8_t { set, unset, isset, isnotset };

// At most kLimit values; beyond it nothing is added.
class DatasetValues {
 public:
  explicit DatasetValues(DatasetType type) : type_(type) {}
  static constexpr std::size_t kLimit = 1u << 20;

  // One value a line: base64 of the bytes for strings, hexadecimal for digests, text for addresses.
  [[nodiscard]] Status load(const std::filesystem::path& file);
  // Whether the operation holds; set and unset change the values. Bytes as the buffer has them.
  [[nodiscard]] bool apply(DatasetOp op, Bytes value);
  [[nodiscard]] DatasetType type() const { return type_; }

 private:
  DatasetType type_;
  std::mutex mutex_;  // workers share it: rules may add values
  std::unordered_set<std::string> values_;
};

struct DatasetStep {
  std::shared_ptr<DatasetValues> values;
  DatasetOp op = DatasetOp::isset;
};

}  // namespace chieng::suricata
