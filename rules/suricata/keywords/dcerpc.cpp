// dcerpc.iface and dcerpc.opnum: the interface and the procedure that a remote call names.
#include <fmt/format.h>

#include <array>

#include "rules/suricata/keywords/keywords.h"
#include "rules/suricata/text.h"

namespace chieng::suricata::keywords {
namespace {

// The buffer's entries, one an interface: 16 bytes of UUID in the order in which it is written, two
// of the version, one that is 1 where the interface was agreed on in a first fragment.
constexpr std::string_view kInterfaces = "dcerpc.iface";
constexpr std::int64_t kVersionAt = 16, kFirstFragmentAt = 18;

// "367abb81-9844-35f1-ad32-98f038001003" as bytes; nothing where it is not of that form.
std::optional<std::string> uuid_bytes(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  std::string hex, out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash != (text[i] == '-')) return std::nullopt;
    if (!dash) hex += text[i];
  }
  if (!from_hex(hex, out)) return std::nullopt;
  return out;
}

Result<Step> version_step(std::string_view text, int option) {
  ByteTest test;
  test.count = {2, -1};
  test.offset = {kVersionAt, -1};
  using Op = ByteTest::Op;
  const char op = text.empty() ? ' ' : text[0];
  if (op == '<')
    test.op = Op::less;
  else if (op == '>')
    test.op = Op::greater;
  else if (op == '=' || op == '!')
    test.invert = op == '!';
  else
    return fail(ErrorCode::parse, fmt::format("\"{}\" is not a version of an interface", text),
                "write =1, !1, <1 or >1");
  const auto n = to_number(trim(text.substr(1)));
  if (!n || *n > 0xffff)
    return fail(ErrorCode::parse,
                fmt::format("\"{}\" is not a version: 0 to 65535 is possible", text.substr(1)));
  test.value = {static_cast<std::int64_t>(*n), -1};
  return Step{test, false, option};
}

Step first_fragment_step(int option) {
  ByteTest test;
  test.count = {1, -1};
  test.offset = {kFirstFragmentAt, -1};
  test.value = {1, -1};
  return {test, false, option};
}

Status parse_interface(Builder& b, std::string_view v) {
  const auto buffer = b.catalogue().buffer(kInterfaces);
  if (!buffer)
    return fail(ErrorCode::unsupported, "nothing reads interfaces from protocol dcerpc yet");
  auto parts = split(v, ',');
  const auto uuid = uuid_bytes(parts[0]);
  if (!uuid)
    return fail(ErrorCode::parse, fmt::format("\"{}\" is not the UUID of an interface", parts[0]),
                "write 367abb81-9844-35f1-ad32-98f038001003");
  Content content;
  content.bytes = *uuid;
  content.starts = content.has_offset = content.has_depth = true;
  content.depth = {static_cast<std::int64_t>(uuid->size()), -1};
  std::vector<Step>& steps = b.list_of({*buffer, {}}, kInterfaces).steps;
  steps.push_back({std::move(content), false, b.option_index()});
  bool any_fragment = false;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (parts[i] == "any_frag") {
      any_fragment = true;
      continue;
    }
    CHIENG_TRY(Step version, version_step(parts[i], b.option_index()));
    steps.push_back(std::move(version));
  }
  if (!any_fragment) steps.push_back(first_fragment_step(b.option_index()));
  return {};
}

Status parse_opnum(Builder& b, std::string_view v) {
  const auto integer = b.catalogue().integer("dcerpc.opnum");
  if (!integer)
    return fail(ErrorCode::unsupported, "nothing reads procedures from protocol dcerpc yet");
  AppAnyOf out{*integer, {}};
  for (const std::string_view part : split(v, ',')) {
    constexpr std::uint64_t kMost = 0xffff;
    CHIENG_TRY(const IntegerMatch match, parse_inclusive(part, kMost));
    out.any_of.push_back(match);
  }
  b.rule().tx_conditions.push_back({std::move(out), b.option_index(), false});
  return {};
}

constexpr std::array kKeywords = {
    Keyword{"dcerpc.iface", Value::required, parse_interface},
    Keyword{"dce_iface", Value::required, parse_interface},
    Keyword{"dcerpc.opnum", Value::required, parse_opnum},
    Keyword{"dce_opnum", Value::required, parse_opnum},
};

}  // namespace

std::span<const Keyword> dcerpc() {
  return kKeywords;
}

}  // namespace chieng::suricata::keywords
