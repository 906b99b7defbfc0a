#include "collector/protocol/syslog/syslog.h"

#include <cctype>

namespace chieng::collector {
namespace syslog {
namespace {

constexpr std::uint16_t kPorts[] = {514, 601, 1514};

// What hosts log is read where they are; on the wire it is enough to know that it passes.
class SyslogParser final : public Parser {
 public:
  explicit SyslogParser(ParserHost& host) : host_(host) {}
  void data(Direction d, Bytes) override { host_.stop(d); }
  void gap(Direction, std::uint64_t) override {}
  void end(Direction) override {}

 private:
  ParserHost& host_;
};

// "<PRI>" with a priority up to 191, perhaps after a length and a blank (RFC 6587).
Probe probe(Direction d, Bytes data, bool port_hint) {
  if (!port_hint || d == Direction::to_client) return Probe::no;
  std::string_view text = as_text(data.first(std::min<std::size_t>(data.size(), 16)));
  std::size_t digits = 0;
  while (digits < text.size() && digits < 6 &&
         std::isdigit(static_cast<unsigned char>(text[digits])))
    ++digits;
  if (digits > 0) {
    if (digits == text.size()) return Probe::maybe;
    if (text[digits] != ' ') return Probe::no;
    text.remove_prefix(digits + 1);
  }
  if (text.empty()) return Probe::maybe;
  if (text.front() != '<') return Probe::no;
  unsigned priority = 0;
  for (std::size_t i = 1; i < text.size() && i <= 4; ++i) {
    if (text[i] == '>') return i > 1 && priority <= 191 ? Probe::yes : Probe::no;
    if (std::isdigit(static_cast<unsigned char>(text[i])) == 0) return Probe::no;
    priority = priority * 10 + static_cast<unsigned>(text[i] - '0');
  }
  return text.size() < 5 ? Probe::maybe : Probe::no;
}

std::unique_ptr<Parser> make(ParserHost& host, AppProto) {
  return std::make_unique<SyslogParser>(host);
}

const ProtocolSpec kSpec{.name = "syslog",
                         .rule_names = {"syslog"},
                         .transport = TransportMask::both,
                         .complete = {1, 1}};

}  // namespace
}  // namespace syslog

const Protocol kSyslog{&syslog::kSpec, syslog::probe, syslog::kPorts, syslog::make};

}  // namespace chieng::collector
