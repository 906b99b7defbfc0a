#include "rules/suricata/dataset.h"

#include <fmt/format.h>

#include "core/file/file.h"
#include "core/net/address.h"
#include "rules/suricata/base64.h"
#include "rules/suricata/text.h"

namespace chieng::suricata {
namespace {

Result<std::string> value_of(DatasetType type, std::string_view line) {
  std::string out;
  switch (type) {
    case DatasetType::string:
      if (!decode_base64(line, out))
        return fail(ErrorCode::parse, fmt::format("\"{}\" is not base64", line));
      return out;
    case DatasetType::md5:
    case DatasetType::sha256:
      if (!from_hex(line, out) || out.size() != (type == DatasetType::md5 ? 16u : 32u))
        return fail(ErrorCode::parse, fmt::format("\"{}\" is not a digest in hexadecimal", line));
      return out;
    case DatasetType::ip: {
      std::string_view text = line;
      if (text.starts_with("::ffff:") && text.find('.') != std::string_view::npos)
        text.remove_prefix(7);
      const auto address = parse_address(text);
      if (!address) return fail(ErrorCode::parse, fmt::format("\"{}\" is not an address", line));
      return std::string(as_text(address->raw()));
    }
  }
  return fail(ErrorCode::internal, "unknown type of data set");
}

}  // namespace

Status DatasetValues::load(const std::filesystem::path& file) {
  CHIENG_TRY(const std::string text, read_file(file, std::size_t{64} << 20));
  const std::lock_guard lock(mutex_);
  int number = 0;
  for (std::string_view line : split(text, '\n')) {
    ++number;
    if (line.empty() || line.starts_with('#')) continue;
    line = trim(line.substr(0, line.find(',')));
    auto value = value_of(type_, line);
    if (!value)
      return fail(ErrorCode::parse, value.error().text,
                  fmt::format("{}:{}", file.string(), number));
    if (values_.size() >= kLimit)
      return fail(ErrorCode::limit,
                  fmt::format("{} holds more than {} values", file.string(), kLimit));
    values_.insert(std::move(*value));
  }
  return {};
}

bool DatasetValues::apply(DatasetOp op, Bytes value) {
  const std::string key(as_text(value));
  const std::lock_guard lock(mutex_);
  switch (op) {
    case DatasetOp::isset:
      return values_.contains(key);
    case DatasetOp::isnotset:
      return !values_.contains(key);
    case DatasetOp::set:
      return values_.size() < kLimit && values_.insert(key).second;
    case DatasetOp::unset:
      return values_.erase(key) != 0;
  }
  return false;
}

}  // namespace chieng::suricata
