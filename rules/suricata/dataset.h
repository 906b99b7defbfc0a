// A set of values that rules ask for or add to. Loaded with the rules and shared by all workers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "core/bytes/bytes.h"
#include "core/error/result.h"
#include "rules/suricata/integer.h"

namespace chieng::suricata {

enum class DatasetType : std::uint8_t { string, md5, sha256, ip };
enum class DatasetOp : std::uint8_t { set, unset, isset, isnotset };

// How a data file is written: a value a line, a JSON document, or a JSON object a line.
enum class DatasetFormat : std::uint8_t { csv, json, ndjson };
struct DatasetFile {
  std::filesystem::path path;
  DatasetFormat format = DatasetFormat::csv;
  std::string value_key = {},
              array_key = {};  // JSON: dotted paths of the value and of the list of objects
  bool remove_key = false;     // the object that goes with a value does not repeat it
};

// At most kLimit values; beyond it nothing is added.
class DatasetValues {
 public:
  explicit DatasetValues(DatasetType type) : type_(type) {}
  static constexpr std::size_t kLimit = 1u << 20;

  // One value a line: base64 of the bytes for strings, hexadecimal for digests, text for addresses.
  [[nodiscard]] Status load(const DatasetFile& file);
  // Lines that begin with a digest of that many hexadecimal digits, kept as text in lower case.
  [[nodiscard]] Status load_hashes(const std::filesystem::path& file, std::size_t digits);
  // Whether the operation holds; set and unset change the values. Bytes as the buffer has them.
  [[nodiscard]] bool apply(DatasetOp op, Bytes value);
  [[nodiscard]] DatasetType type() const { return type_; }
  // The JSON object that a JSON file has for the value; empty where there is none.
  [[nodiscard]] std::string_view object(Bytes value) const;

 private:
  friend class JsonValues;
  Status load_lines(const DatasetFile& file, std::string_view text);
  Status insert(std::string value, const DatasetFile& file);

  DatasetType type_;
  std::shared_mutex mutex_;  // workers share it: rules may add values
  std::unordered_set<std::string> values_;
  std::unordered_map<std::string, std::string> objects_;  // does not change after loading
};

// Values with a number from 0 to 65535 that says how bad they are. Does not change after loading.
class Reputations {
 public:
  explicit Reputations(DatasetType type) : type_(type) {}
  // "value,number" a line; values as in DatasetValues.
  [[nodiscard]] Status load(const std::filesystem::path& file);
  [[nodiscard]] std::optional<std::uint16_t> of(Bytes value) const;

 private:
  DatasetType type_;
  std::unordered_map<std::string, std::uint16_t> values_;
};

struct DatasetStep {
  std::shared_ptr<DatasetValues> values;
  DatasetOp op = DatasetOp::isset;
  std::string context_key;  // under which an alert carries the value's object
};

struct ReputationStep {
  std::shared_ptr<const Reputations> values;
  IntegerMatch match;
};

}  // namespace chieng::suricata
