#include "collector/capture/interface_counters.h"

#include <charconv>

#include "core/file/file.h"

namespace chieng::collector {
namespace {

std::optional<std::uint64_t> read_count(const std::string& interface, const char* name) {
  const auto text = read_file("/sys/class/net/" + interface + "/statistics/" + name, 64);
  if (!text) return std::nullopt;
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), out);
  return error == std::errc{} ? std::optional(out) : std::nullopt;
}

}  // namespace

std::optional<InterfaceCounters> interface_counters(const std::string& interface) {
  if (interface.empty() || interface.find('/') != std::string::npos) return std::nullopt;
  const auto packets = read_count(interface, "rx_packets");
  if (!packets) return std::nullopt;
  InterfaceCounters out{.packets = *packets};
  // Not rx_dropped: it also counts packets of protocols that this kernel has no use for, after
  // captures have seen them.
  for (const char* name : {"rx_missed_errors", "rx_fifo_errors"})
    out.dropped += read_count(interface, name).value_or(0);
  return out;
}

}  // namespace chieng::collector
