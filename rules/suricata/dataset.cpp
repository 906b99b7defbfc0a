#include "rules/suricata/dataset.h"

#include <fmt/format.h>

#include <mutex>

#include "core/file/file.h"
#include "core/net/address.h"
#include "rules/suricata/base64.h"
#include "rules/suricata/dataset_json.h"
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

// Lines of a data file with their numbers; comments and empty lines are left out.
template <typename Each>
Status each_line(const std::filesystem::path& file, std::string_view text, Each each) {
  int number = 0;
  for (std::string_view line : split(text, '\n')) {
    ++number;
    if (line.empty() || line.starts_with('#')) continue;
    if (const Status done = each(line); !done)
      return fail(done.error().code, done.error().text,
                  fmt::format("{}:{}", file.string(), number));
  }
  return {};
}

constexpr std::size_t kFileLimit = std::size_t{64} << 20;

}  // namespace

Result<std::string> dataset_value(DatasetType type, std::string_view text, bool encoded) {
  if (type == DatasetType::string && !encoded) return std::string(text);
  return value_of(type, text);
}

Status DatasetValues::insert(std::string value, const DatasetFile& file) {
  if (values_.size() >= kLimit)
    return fail(ErrorCode::limit,
                fmt::format("{} holds more than {} values", file.path.string(), kLimit));
  values_.insert(std::move(value));
  return {};
}

Status DatasetValues::load_lines(const DatasetFile& file, std::string_view text) {
  return each_line(file.path, text, [&](std::string_view line) -> Status {
    CHIENG_TRY(std::string value, value_of(type_, trim(line.substr(0, line.find(',')))));
    return insert(std::move(value), file);
  });
}

Status DatasetValues::load(const DatasetFile& file) {
  CHIENG_TRY(const std::string text, read_file(file.path, kFileLimit));
  const std::lock_guard lock(mutex_);
  if (file.format == DatasetFormat::csv) return load_lines(file, text);
  if (file.format == DatasetFormat::json) return JsonValues(*this, file).load(text);
  return each_line(file.path, text, [&](std::string_view line) -> Status {
    return JsonValues(*this, file).load(line);
  });
}

Status DatasetValues::load_hashes(const std::filesystem::path& file, std::size_t digits) {
  CHIENG_TRY(const std::string text, read_file(file, kFileLimit));
  const std::lock_guard lock(mutex_);
  return each_line(file, text, [&](std::string_view line) -> Status {
    const std::string hash = lower(line.substr(0, line.find_first_of(" \t,")));
    if (hash.size() != digits || hash.find_first_not_of("0123456789abcdef") != std::string::npos)
      return fail(ErrorCode::parse,
                  fmt::format("\"{}\" is not {} hexadecimal digits", hash.substr(0, 80), digits));
    return insert(hash, {file});
  });
}

std::string_view DatasetValues::object(Bytes value) const {
  const auto at = objects_.find(std::string(as_text(value)));
  return at == objects_.end() ? std::string_view{} : std::string_view(at->second);
}

Status Reputations::load(const std::filesystem::path& file) {
  CHIENG_TRY(const std::string text, read_file(file, kFileLimit));
  return each_line(file, text, [&](std::string_view line) -> Status {
    const auto comma = line.find(',');
    const auto number =
        comma == std::string_view::npos ? std::nullopt : to_number(trim(line.substr(comma + 1)));
    if (!number || *number > 65535)
      return fail(ErrorCode::parse,
                  fmt::format("\"{}\" is not a value and a number from 0 to 65535", line));
    CHIENG_TRY(std::string value, value_of(type_, trim(line.substr(0, comma))));
    if (values_.size() >= DatasetValues::kLimit)
      return fail(ErrorCode::limit, fmt::format("more than {} values", DatasetValues::kLimit));
    values_[std::move(value)] = static_cast<std::uint16_t>(*number);
    return {};
  });
}

std::optional<std::uint16_t> Reputations::of(Bytes value) const {
  const auto at = values_.find(std::string(as_text(value)));
  return at == values_.end() ? std::nullopt : std::optional(at->second);
}

bool DatasetValues::apply(DatasetOp op, Bytes value) {
  const std::string key(as_text(value));
  if (op == DatasetOp::isset || op == DatasetOp::isnotset) {
    const std::shared_lock lock(mutex_);
    return values_.contains(key) == (op == DatasetOp::isset);
  }
  const std::lock_guard lock(mutex_);
  return op == DatasetOp::set ? values_.size() < kLimit && values_.insert(key).second
                              : values_.erase(key) != 0;
}

}  // namespace chieng::suricata
