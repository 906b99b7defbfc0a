#include "collector/protocol/rfb/transaction.h"

#include <fmt/core.h>

#include <algorithm>

namespace chieng::collector::rfb {
namespace {

void write_version(JsonWriter& out, std::string_view key, const std::optional<Version>& v) {
  if (!v) return;
  out.key(key).begin_object().field("major", v->major).field("minor", v->minor).end_object();
}

std::string result_name(std::uint32_t result) {
  constexpr std::string_view kNames[] = {"OK", "FAIL", "TOOMANY"};
  return result < std::size(kNames) ? std::string(kNames[result])
                                    : fmt::format("UNKNOWN ({})", result);
}

}  // namespace

std::optional<BufferSlice> RfbTransaction::buffer(unsigned, Direction d,
                                                  std::uint32_t instance) const {
  if (d != Direction::to_client || instance > 0 || !screen) return std::nullopt;
  return BufferSlice{.data = as_bytes(name)};
}

std::optional<std::uint64_t> RfbTransaction::integer(unsigned local, Direction d,
                                                     std::uint32_t instance) const {
  if (instance > 0) return std::nullopt;
  if (static_cast<Integer>(local) == Integer::security_type)
    return d == Direction::to_server ? security_type : std::nullopt;
  if (d != Direction::to_client || !security_result) return std::nullopt;
  return std::min(*security_result, kUnknownResult);
}

void RfbTransaction::write_authentication(JsonWriter& out) const {
  constexpr std::uint32_t kVnc = 2;
  out.key("authentication").begin_object();
  if (security_type) out.field("security_type", *security_type);
  if (security_type == kVnc) {
    out.key("vnc").begin_object();
    if (!challenge.empty()) out.field("challenge", to_hex(as_bytes(challenge)));
    if (!response.empty()) out.field("response", to_hex(as_bytes(response)));
    out.end_object();
  }
  if (security_result) out.field("security_result", result_name(*security_result));
  out.end_object();
}

void RfbTransaction::write_screen(JsonWriter& out) const {
  const Screen& s = *screen;
  out.key("framebuffer").begin_object();
  out.field("width", s.width).field("height", s.height).field("name", name);
  out.key("pixel_format").begin_object();
  out.field("bits_per_pixel", s.bits).field("depth", s.depth).field("big_endian", s.big_endian);
  out.field("true_color", s.true_color).field("red_max", s.red_max);
  out.field("green_max", s.green_max).field("blue_max", s.blue_max);
  out.field("red_shift", s.red_shift).field("green_shift", s.green_shift);
  out.field("blue_shift", s.blue_shift).end_object().end_object();
}

void RfbTransaction::write(JsonWriter& out) const {
  out.key("rfb").begin_object();
  write_version(out, "server_protocol_version", server);
  write_version(out, "client_protocol_version", client);
  write_authentication(out);
  if (!failure_reason.empty()) out.field("server_security_failure_reason", failure_reason);
  if (shared) out.field("screen_shared", *shared);
  if (screen) write_screen(out);
  out.end_object();
}

}  // namespace chieng::collector::rfb
