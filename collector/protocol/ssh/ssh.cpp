#include "collector/protocol/ssh/ssh.h"

#include "collector/protocol/ssh/parser.h"

namespace chieng::collector {
namespace ssh {
namespace {

constexpr std::uint16_t kPorts[] = {22};

Probe probe(Direction, Bytes data, bool) {
  constexpr std::string_view kStart = "SSH-";
  const std::string_view text = as_text(data);
  if (text.starts_with(kStart)) return Probe::yes;
  return !text.empty() && kStart.starts_with(text) ? Probe::maybe : Probe::no;
}

std::unique_ptr<Parser> make(ParserHost& host, AppProto proto) {
  return std::make_unique<SshParser>(host, proto);
}

}  // namespace
}  // namespace ssh

const Protocol kSsh{&ssh::kSpec, ssh::probe, ssh::kPorts, ssh::make};

}  // namespace chieng::collector
