#include "collector/protocol/ftp/ftp.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "collector/protocol/ftp/ftp_data.h"
#include "collector/protocol/ftp/lines.h"
#include "collector/protocol/ftp/port.h"
#include "collector/protocol/ftp/transaction.h"
#include "collector/protocol/tls/tls.h"

namespace chieng::collector {
namespace ftp {
namespace {

constexpr std::uint16_t kPorts[] = {21};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// "220 text", "220-text", "220": the code; empty where the line does not begin with one.
std::string_view reply_code(std::string_view line) {
  if (line.size() < 3 || !is_digit(line[0]) || !is_digit(line[1]) || !is_digit(line[2])) return {};
  if (line.size() > 3 && line[3] != ' ' && line[3] != '-') return {};
  return line.substr(0, 3);
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// Keeps a line (Lines) a direction, and pointers to kMostOpen transactions.
class FtpParser final : public Parser {
 public:
  static constexpr std::size_t kMostOpen = 256;
  FtpParser(ParserHost& host, AppProto proto) : host_(host), proto_(proto) {}

  void data(Direction d, Bytes data) override;
  void gap(Direction d, std::uint64_t) override { lines_[index(d)].gap(); }
  void end(Direction d) override;

 private:
  FtpTransaction& open();
  bool command(std::string_view line, bool truncated);
  void port_command(FtpTransaction& tx);
  void transfer(FtpTransaction& tx);
  void expect(const FtpTransaction& tx);
  bool reply(std::string_view line, bool truncated);
  void read_port(FtpTransaction& tx, std::string_view code, std::string_view text);
  void raise(Transaction* tx, Event e, Direction d) { host_.event(tx, std::to_underlying(e), d); }

  ParserHost& host_;
  AppProto proto_;
  std::array<Lines, 2> lines_;
  std::vector<FtpTransaction*> open_;  // not answered yet, oldest first
  std::uint16_t port_ = 0;             // for the next transfer; 0: none was agreed on
  Direction listener_ = Direction::to_server;
};

FtpTransaction& FtpParser::open() {
  auto& tx = static_cast<FtpTransaction&>(
      *host_.add(std::make_unique<FtpTransaction>(proto_, host_.next_transaction_id())));
  tx.set_progress(Direction::to_server, 1);
  if (open_.size() >= kMostOpen) {
    raise(&tx, Event::too_many_transactions, Direction::to_server);
    open_.front()->finish_reply();
    open_.erase(open_.begin());
  }
  open_.push_back(&tx);
  return tx;
}

void FtpParser::data(Direction d, Bytes data) {
  if (d == Direction::to_server)
    lines_[0].feed(as_text(data), [&](std::string_view l, bool cut) { return command(l, cut); });
  else
    lines_[1].feed(as_text(data), [&](std::string_view l, bool cut) { return reply(l, cut); });
  host_.inspect_raw(d);
}

bool FtpParser::command(std::string_view line, bool truncated) {
  const std::string_view text = trim(line);
  if (text.empty()) return true;
  const std::size_t space = text.find_first_of(" \t");
  FtpTransaction& tx = open();
  tx.command = known_command(text.substr(0, space));
  tx.command_truncated = truncated;
  if (space != std::string_view::npos) tx.argument = trim(text.substr(space));
  if (truncated) raise(&tx, Event::request_command_too_long, Direction::to_server);
  if (tx.command == "PORT" || tx.command == "EPRT")
    port_command(tx);
  else if (tx.command == "PASV" || tx.command == "EPSV")
    tx.mode = Mode::passive;
  else
    transfer(tx);
  if (tx.mode != Mode::passive) tx.finish_request();
  return true;
}

void FtpParser::port_command(FtpTransaction& tx) {
  tx.mode = Mode::active;
  const auto told = tx.command == "PORT" ? parse_port(tx.argument) : parse_eprt(tx.argument);
  port_ = told ? told->port : 0;
  if (!told) return;
  tx.dynamic_port = told->port;
  tx.foreign_address = told->address != host_.flow().key.src;
  listener_ = Direction::to_client;
}

void FtpParser::transfer(FtpTransaction& tx) {
  const bool file = tx.command == "RETR" || tx.command == "STOR" || tx.command == "APPE";
  const bool other =
      tx.command == "LIST" || tx.command == "NLST" || tx.command == "MLSD" || tx.command == "STOU";
  if (!file && !other) return;
  if (file && port_ == 0)
    raise(&tx, Event::file_before_port, Direction::to_server);
  else if (file && tx.argument.empty())
    raise(&tx, Event::file_without_name, Direction::to_server);
  else if (port_ != 0)
    expect(tx);
  port_ = 0;
}

void FtpParser::expect(const FtpTransaction& tx) {
  // What appends is an upload like any other.
  const bool named = tx.command == "RETR" || tx.command == "STOR" || tx.command == "APPE";
  host_.expect({&kFtpData, listener_, port_,
                std::make_shared<const DataContext>(
                    tx.command, named ? std::string_view(tx.argument) : std::string_view{})});
}

bool FtpParser::reply(std::string_view line, bool truncated) {
  if (open_.empty()) {
    if (line.empty()) return true;
    (void)open();
  }
  FtpTransaction& tx = *open_.front();
  if (truncated) {
    tx.reply_truncated = true;
    raise(&tx, Event::response_command_too_long, Direction::to_client);
  }
  const std::string_view code = reply_code(line);
  const bool last = !code.empty() && (line.size() == 3 || line[3] == ' ') &&
                    (tx.open_code.empty() || tx.open_code == code);
  if (!last) {
    if (!code.empty() && tx.open_code.empty()) tx.open_code = code;
    tx.add_reply({}, line);
    return true;
  }
  tx.open_code.clear();
  const std::string_view text = line.size() > 4 ? line.substr(4) : std::string_view{};
  tx.add_reply(code, text);
  read_port(tx, code, text);
  if (code[0] == '1') return true;  // preliminary: another one follows
  open_.erase(open_.begin());
  tx.finish_reply();
  const bool secured = tx.command == "AUTH" && code == "234";  // RFC 4217 section 4
  if (secured) host_.change_protocol_to(kTls, kTls.make);
  return !secured;
}

void FtpParser::read_port(FtpTransaction& tx, std::string_view code, std::string_view text) {
  std::optional<Endpoint> told;
  if (tx.command == "PASV" && code == "227")
    told = parse_pasv_reply(text);
  else if (tx.command == "EPSV" && code == "229")
    told = parse_epsv_reply(text);
  if (!told) return;
  port_ = tx.dynamic_port = told->port;
  listener_ = Direction::to_server;
  tx.touch(Direction::to_server);
}

void FtpParser::end(Direction d) {
  if (d != Direction::to_client) return;
  for (FtpTransaction* tx : open_) tx->finish_reply();
  open_.clear();
}

bool contains(std::string_view line, std::string_view word) {
  return !std::ranges::search(line, word, {}, [](unsigned char c) {
            return std::toupper(c);
          }).empty();
}

Probe probe_command(std::string_view text, bool port_hint) {
  const std::size_t end = text.find_first_of(" \r\n");
  const std::string_view word = text.substr(0, end);
  constexpr std::size_t longest = 5;
  if (word.size() > longest) return Probe::no;
  const bool letters = std::ranges::all_of(word, [](unsigned char c) { return std::isalnum(c); });
  if (!letters) return Probe::no;
  if (end == std::string_view::npos) return port_hint ? Probe::maybe : Probe::no;
  if (port_hint) return known_command(word).empty() ? Probe::no : Probe::yes;
  return word == "USER" && text.find('\n') != std::string_view::npos ? Probe::yes : Probe::no;
}

// Other protocols greet with 220 too: off its port only a server that says FTP is one.
Probe probe_reply(std::string_view text, bool port_hint) {
  if (text.size() < 4) {
    const bool digits = std::ranges::all_of(text, is_digit);
    return port_hint && digits ? Probe::maybe : Probe::no;
  }
  if (reply_code(text).empty()) return Probe::no;
  if (port_hint) return Probe::yes;
  const std::string_view line = text.substr(0, text.find('\n'));
  return text.starts_with("220") && contains(line, "FTP") && !contains(line, "SMTP") ? Probe::yes
                                                                                     : Probe::no;
}

Probe probe(Direction d, Bytes data, bool port_hint) {
  return d == Direction::to_server ? probe_command(as_text(data), port_hint)
                                   : probe_reply(as_text(data), port_hint);
}

std::unique_ptr<Parser> make(ParserHost& host, AppProto proto) {
  return std::make_unique<FtpParser>(host, proto);
}

}  // namespace
}  // namespace ftp

const Protocol kFtp{&ftp::kSpec, ftp::probe, ftp::kPorts, ftp::make, true};

}  // namespace chieng::collector
