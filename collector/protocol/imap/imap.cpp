#include "collector/protocol/imap/imap.h"

#include <algorithm>
#include <string>

#include "collector/protocol/line_support/line_splitter.h"
#include "collector/protocol/mime/fields.h"
#include "collector/protocol/tls/tls.h"

namespace chieng::collector {
namespace imap {
namespace {

// "a1 STARTTLS": the tag, empty where the line has another command.
std::string_view command_tag(std::string_view line, std::string_view command) {
  const std::size_t space = line.find(' ');
  if (space == 0 || space == std::string_view::npos) return {};
  return mime::same_word(mime::trim(line.substr(space)), command) ? line.substr(0, space)
                                                                  : std::string_view{};
}

// Holds at most a line of each side. After kMaxLines commands it is not called any more: TLS starts
// before the session, or never.
class ImapParser final : public Parser {
 public:
  static constexpr std::size_t kMaxLine = 1024;
  static constexpr unsigned kMaxLines = 32;

  ImapParser(ParserHost& host, AppProto) : host_(host) {}

  void data(Direction d, Bytes data) override {
    std::string_view rest = as_text(data);
    const bool client = d == Direction::to_server;
    while (!rest.empty()) {
      const auto line = (client ? requests_ : responses_).next(rest);
      if (!line) return;
      if (line->torn) continue;
      host_.inspect_raw(d);
      if (client)
        request(line->text);
      else
        response(line->text);
    }
  }
  void gap(Direction d, std::uint64_t) override {
    (d == Direction::to_server ? requests_ : responses_).lost();
  }
  void end(Direction) override {}

 private:
  void request(std::string_view line) {
    if (const std::string_view tag = command_tag(line, "STARTTLS"); !tag.empty()) tag_ = tag;
    if (++lines_ < kMaxLines) return;
    host_.stop(Direction::to_server);
    host_.stop(Direction::to_client);
  }
  void response(std::string_view line) {
    if (tag_.empty() || !line.starts_with(tag_)) return;
    const std::string_view rest = line.substr(tag_.size());
    if (rest.starts_with(' ') && mime::same_word(rest.substr(1, 2), "OK"))
      host_.change_protocol_to(kTls, kTls.make);
    tag_.clear();
  }

  ParserHost& host_;
  LineSplitter requests_{kMaxLine}, responses_{kMaxLine};
  std::string tag_;  // of a STARTTLS that is not answered
  unsigned lines_ = 0;
};

constexpr std::uint16_t kPorts[] = {143};

constinit const ProtocolSpec kSpec{
    .name = "imap", .rule_names = {"imap"}, .transport = TransportMask::tcp};

constexpr std::string_view kCommands[] = {"CAPABILITY",   "NOOP",  "LOGOUT", "STARTTLS",
                                          "AUTHENTICATE", "LOGIN", "ID",     "SELECT"};

Probe probe_client(std::string_view text, bool port_hint) {
  if (!port_hint) return Probe::no;
  const std::size_t space = text.find(' ');
  if (space == 0 || space == std::string_view::npos) return Probe::no;
  const std::string_view rest = text.substr(space + 1);
  const std::string_view word = rest.substr(0, rest.find_first_of(" \r\n"));
  return std::ranges::any_of(kCommands,
                             [&](std::string_view c) { return mime::same_word(c, word); })
             ? Probe::yes
             : Probe::no;
}

Probe probe(Direction d, Bytes data, bool port_hint) {
  const std::string_view text = as_text(data);
  if (d == Direction::to_server) return probe_client(text, port_hint);
  for (const std::string_view greeting : {"* OK ", "* PREAUTH "}) {
    if (text.starts_with(greeting)) return Probe::yes;
    if (greeting.starts_with(text)) return Probe::maybe;
  }
  return Probe::no;
}

std::unique_ptr<Parser> make(ParserHost& host, AppProto proto) {
  return std::make_unique<ImapParser>(host, proto);
}

}  // namespace
}  // namespace imap

const Protocol kImap{&imap::kSpec, imap::probe, imap::kPorts, imap::make, true};

}  // namespace chieng::collector
