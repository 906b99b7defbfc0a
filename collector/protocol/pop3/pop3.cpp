#include "collector/protocol/pop3/pop3.h"

#include <algorithm>

#include "collector/protocol/mime/fields.h"
#include "collector/protocol/pop3/parser.h"

namespace chieng::collector {
namespace pop3 {
namespace {

constexpr std::uint16_t kPorts[] = {110};

// Commands have nothing of their own: USER and PASS are FTP's as well.
Probe probe_client(std::string_view text, bool port_hint) {
  if (!port_hint) return Probe::no;
  const std::size_t end = text.find_first_of(" \r\n");
  if (end == std::string_view::npos) return text.size() <= 4 ? Probe::maybe : Probe::no;
  return find_command(text.substr(0, end)) != nullptr ? Probe::yes : Probe::no;
}

// Others say +OK too; away from the port the greeting has to name the protocol, or offer APOP's
// time stamp.
Probe probe_server(std::string_view text, bool port_hint) {
  constexpr std::string_view good = "+OK", bad = "-ERR";
  constexpr std::size_t longest = 512;
  if (text.size() < good.size())
    return good.starts_with(text) || bad.starts_with(text) ? Probe::maybe : Probe::no;
  if (port_hint) return text.starts_with(good) || text.starts_with(bad) ? Probe::yes : Probe::no;
  if (!text.starts_with(good)) return Probe::no;
  if (text.size() > good.size() && text[good.size()] != ' ') return Probe::no;
  const std::string_view line = text.substr(0, std::min(text.find('\n'), longest));
  for (std::size_t i = good.size(); i + 3 <= line.size(); ++i)
    if (mime::same_word(line.substr(i, 3), "POP")) return Probe::yes;
  const std::size_t open = line.find('<'), at = line.find('@', open);
  if (at != std::string_view::npos && line.find('>', at) != std::string_view::npos)
    return Probe::yes;
  return line.size() == text.size() && text.size() < longest ? Probe::maybe : Probe::no;
}

Probe probe(Direction d, Bytes data, bool port_hint) {
  return d == Direction::to_server ? probe_client(as_text(data), port_hint)
                                   : probe_server(as_text(data), port_hint);
}

std::unique_ptr<Parser> make(ParserHost& host, AppProto proto) {
  return std::make_unique<Pop3Parser>(host, proto);
}

}  // namespace
}  // namespace pop3

const Protocol kPop3{&pop3::kSpec, pop3::probe, pop3::kPorts, pop3::make, true};

}  // namespace chieng::collector
