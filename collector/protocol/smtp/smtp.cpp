#include "collector/protocol/smtp/smtp.h"

#include <algorithm>

#include "collector/protocol/mime/fields.h"
#include "collector/protocol/smtp/server.h"

namespace chieng::collector {
namespace smtp {
namespace {

// Bounds: those of its sides.
class SmtpParser final : public Parser {
 public:
  SmtpParser(ParserHost& host, AppProto proto)
      : host_(host), client_(host, proto), server_(host, client_) {}

  void data(Direction d, Bytes data) override {
    if (d == Direction::to_server)
      client_.data(as_text(data), host_.position(d));
    else
      server_.data(as_text(data), host_.position(d));
  }
  void gap(Direction d, std::uint64_t bytes) override {
    if (d == Direction::to_server)
      client_.lost(bytes);
    else
      server_.lost();
  }
  void end(Direction d) override {
    if (d == Direction::to_server) client_.end();
  }

 private:
  ParserHost& host_;
  Client client_;
  Server server_;
};

constexpr std::uint16_t kPorts[] = {25, 587, 2525, 465};

// Whether text is shorter than a command's name and may become one.
bool may_become(std::string_view text, std::string_view word) {
  return text.size() < word.size() && mime::same_word(text, word.substr(0, text.size()));
}

Probe probe_client(std::string_view text, bool port_hint) {
  if (is_opening(text) && text.size() > 4) return Probe::yes;
  constexpr std::string_view quit = "QUIT\r\n";
  if (text.size() >= quit.size() && mime::same_word(text.substr(0, quit.size()), quit))
    return Probe::yes;
  if (port_hint && text.size() > 4 && is_known_command(text)) return Probe::yes;
  for (const std::string_view word : {"EHLO ", "HELO ", "QUIT\r\n"})
    if (may_become(text, word)) return Probe::maybe;
  return Probe::no;
}

// "220 name ESMTP …": other protocols greet with 220 too, so the word or the port has to tell.
Probe probe_server(std::string_view text, bool port_hint) {
  constexpr std::string_view code = "220";
  constexpr std::size_t longest = 512;
  if (text.size() <= code.size())
    return code.starts_with(text.substr(0, 3)) ? Probe::maybe : Probe::no;
  if (!text.starts_with(code) || (text[3] != ' ' && text[3] != '-')) return Probe::no;
  if (port_hint) return Probe::yes;
  const std::string_view line = text.substr(0, std::min(text.find('\n'), longest));
  for (std::size_t i = 4; i + 4 <= line.size(); ++i)
    if (mime::same_word(line.substr(i, 4), "SMTP")) return Probe::yes;
  return line.size() == text.size() && text.size() < longest ? Probe::maybe : Probe::no;
}

Probe probe(Direction d, Bytes data, bool port_hint) {
  return d == Direction::to_server ? probe_client(as_text(data), port_hint)
                                   : probe_server(as_text(data), port_hint);
}

std::unique_ptr<Parser> make(ParserHost& host, AppProto proto) {
  return std::make_unique<SmtpParser>(host, proto);
}

}  // namespace
}  // namespace smtp

const Protocol kSmtp{&smtp::kSpec, smtp::probe, smtp::kPorts, smtp::make, true};

}  // namespace chieng::collector
