#include "collector/protocol/mysql/mysql.h"

#include <algorithm>
#include <optional>

#include "collector/protocol/mysql/transaction.h"
#include "collector/protocol/stream_buffer.h"
#include "core/bytes/reader.h"

namespace chieng::collector {
namespace mysql {
namespace {

constexpr std::uint16_t kPorts[] = {3306};
constexpr std::size_t kHeader = 4, kMostLogin = 4096, kMostKept = 64 * 1024;
constexpr std::size_t kWhole = 0xffffff;  // a packet of that size goes on in the next one
constexpr std::uint32_t kConnectWithDb = 0x08, kCompress = 0x20, kProtocol41 = 0x200, kSsl = 0x800,
                        kPluginAuth = 0x80000, kLengthCoded = 0x200000, kNoEof = 0x1000000;
constexpr std::uint8_t kOk = 0x00, kError = 0xff, kEof = 0xfe, kLocalFile = 0xfb;

enum Command : std::uint8_t {
  c_quit = 0x01,
  c_init_db = 0x02,
  c_query = 0x03,
  c_create_db = 0x05,
  c_drop_db = 0x06,
  c_statistics = 0x09,
  c_change_user = 0x11,
  c_binlog_dump = 0x12,
  c_table_dump = 0x13,
  c_prepare = 0x16,
  c_execute = 0x17,
  c_long_data = 0x18,
  c_close = 0x19,
  c_last = 0x20
};

std::optional<std::string> take_text(Reader& in) {
  const std::string_view rest = as_text(in.rest());
  const auto end = rest.find('\0');
  if (end == std::string_view::npos) return std::nullopt;
  in.skip(end + 1);
  return std::string(rest.substr(0, end));
}

// A number in one, three, four or nine bytes.
std::optional<std::uint64_t> take_number(Reader& in) {
  const std::uint8_t first = in.u8();
  std::uint64_t out = first;
  if (first == 0xfc) out = in.u16le();
  if (first == 0xfd) out = in.u16le() | std::uint64_t{in.u8()} << 16;
  if (first == 0xfe) out = in.u64le();
  if (!in.ok() || first == kLocalFile || first == kError) return std::nullopt;
  return out;
}

bool has_text(std::uint8_t command) {
  return command == c_query || command == c_init_db || command == c_create_db ||
         command == c_drop_db || command == c_prepare;
}
bool has_answer(std::uint8_t command) {
  return command != c_quit && command != c_long_data && command != c_close;
}
bool streams(std::uint8_t command) {
  return command == c_binlog_dump || command == c_table_dump;
}

// Keeps kMostKept bytes of a packet a direction, the rest is stepped over.
class MysqlParser final : public Parser {
 public:
  MysqlParser(ParserHost& host, AppProto proto) : host_(host), proto_(proto) {}

  void data(Direction d, Bytes data) override;
  void gap(Direction, std::uint64_t) override { finish(); }
  void end(Direction) override { finish(); }

 private:
  // What comes from the server next.
  enum class Stage : std::uint8_t { greeting, login, idle, answer, columns, rows };

  std::size_t next(Direction d, Bytes in);
  void packet(Direction d, std::uint8_t sequence, Bytes body);
  void greeting(Reader in);
  void login(Reader in);
  void verdict(Reader in);
  void command(Bytes body);
  void answer(Bytes body);
  void result(Bytes body);
  void failure(Reader in);
  void close();
  void finish();
  MysqlTransaction& open();
  MysqlTransaction& tx() { return tx_ != nullptr ? *tx_ : open(); }
  void flaw(Event e, Direction d) {
    host_.event(tx_, static_cast<std::uint16_t>(e), d);
    finish();
  }

  ParserHost& host_;
  AppProto proto_;
  std::array<StreamBuffer, 2> held_;
  std::array<std::uint64_t, 2> skip_{};
  std::array<bool, 2> continued_{};  // the next packet belongs to the one before
  MysqlTransaction* tx_ = nullptr;   // live: it is not complete
  Stage stage_ = Stage::greeting;
  std::uint32_t capabilities_ = 0;
  std::uint64_t columns_left_ = 0;
  bool over_ = false;
};

void MysqlParser::data(Direction d, Bytes data) {
  std::uint64_t& skip = skip_[index(d)];
  if (over_) return;
  const auto passed = static_cast<std::size_t>(std::min<std::uint64_t>(skip, data.size()));
  skip -= passed;
  data = data.subspan(passed);
  if (data.empty()) return;
  held_[index(d)].consume(data, [&](Bytes in) { return over_ ? in.size() : next(d, in); });
}

std::size_t MysqlParser::next(Direction d, Bytes in) {
  Reader header(in);
  const std::size_t size =
      header.u8() | std::size_t{header.u8()} << 8 | std::size_t{header.u8()} << 16;
  const std::uint8_t sequence = header.u8();
  if (!header.ok()) return 0;
  const bool login = stage_ == Stage::greeting || stage_ == Stage::login;
  if (login && size > kMostLogin) {
    finish();
    return in.size();
  }
  const std::size_t kept = std::min(size, kMostKept);
  if (in.size() < kHeader + kept) return 0;
  bool& continued = continued_[index(d)];
  if (!std::exchange(continued, size == kWhole)) packet(d, sequence, in.subspan(kHeader, kept));
  const std::size_t here = std::min(in.size(), kHeader + size);
  skip_[index(d)] = kHeader + size - here;
  return here;
}

void MysqlParser::packet(Direction d, std::uint8_t sequence, Bytes body) {
  const bool client = d == Direction::to_server;
  switch (stage_) {
    case Stage::greeting:
      if (!client) return greeting(Reader(body));
      [[fallthrough]];
    case Stage::login:
      if (!client) return verdict(Reader(body));
      if (!tx().user) login(Reader(body));
      return;
    case Stage::idle:
    case Stage::answer:
    case Stage::columns:
    case Stage::rows:
      if (client && sequence == 0) return command(body);
      if (!client && stage_ != Stage::idle) answer(body);
      return;
  }
}

void MysqlParser::greeting(Reader in) {
  if (in.u8() != 10) return finish();
  if (auto version = take_text(in)) tx().version = std::move(*version);
  stage_ = Stage::login;
}

void MysqlParser::login(Reader in) {
  capabilities_ = in.u32le();
  if ((capabilities_ & kProtocol41) == 0) return finish();
  in.skip(28);
  stage_ = Stage::login;
  if (in.at_end() && (capabilities_ & kSsl) != 0) {
    tx().tls = true;
    close();
    over_ = true;
    host_.change_protocol();
    return;
  }
  auto user = take_text(in);
  if (!user) return flaw(Event::malformed_request, Direction::to_server);
  tx().user = std::move(*user);
  if ((capabilities_ & (kPluginAuth | kLengthCoded)) != 0)
    in.skip(in.u8());
  else
    (void)take_text(in);
  if ((capabilities_ & kConnectWithDb) != 0)
    if (auto database = take_text(in)) tx().database = std::move(*database);
}

// OK, an error, or one more step of the authentication.
void MysqlParser::verdict(Reader in) {
  const std::uint8_t kind = in.u8();
  if (kind == kError) {
    failure(in);
    return finish();
  }
  if (kind != kOk) return;
  tx().success = true;
  close();
  stage_ = Stage::idle;
  if ((capabilities_ & kCompress) != 0) finish();
}

void MysqlParser::failure(Reader in) {
  tx().success = false;
  tx().error = in.u16le();
  std::string_view text = as_text(in.rest());
  tx().error_text = text;
}

// What was asked before has its answer, or will not get one that could be told apart.
void MysqlParser::command(Bytes body) {
  Reader in(body);
  const std::uint8_t kind = in.u8();
  if (!in.ok() || kind > c_last) return flaw(Event::malformed_request, Direction::to_server);
  close();
  open().command = kind;
  if (has_text(kind)) tx_->text = std::string(as_text(in.rest()));
  if (kind == c_change_user) tx_->user = take_text(in);
  tx_->set_progress(Direction::to_server, 1);
  host_.inspect_raw(Direction::to_server);
  if (!has_answer(kind)) {
    close();
    stage_ = Stage::idle;
    if (kind == c_quit) finish();
    return;
  }
  stage_ = Stage::answer;
  if (streams(kind)) finish();
}

// One answer ends a command, but for results: columns, then rows.
void MysqlParser::answer(Bytes body) {
  if (tx_ == nullptr || !tx_->command || body.empty()) return;
  if (stage_ != Stage::answer) return result(body);
  const std::uint8_t command = *tx_->command;
  Reader in(body);
  const std::uint8_t kind = in.u8();
  if (kind == kError) {
    failure(in);
  } else if (kind == kOk) {
    tx_->success = true;
    if (command != c_prepare) tx_->affected = take_number(in);
  } else if ((command == c_query || command == c_execute) && kind != kEof && kind != kLocalFile) {
    Reader count(body);
    const auto columns = take_number(count);
    if (!columns) return flaw(Event::malformed_response, Direction::to_client);
    tx_->success = true;
    tx_->columns = columns_left_ = *columns;
    stage_ = Stage::columns;
    return;
  } else if (kind == kLocalFile || kind == kEof) {
    return;  // the client has the word once more
  }
  close();
  stage_ = Stage::idle;
}

// The end of columns is a packet of its own in older versions.
void MysqlParser::result(Bytes body) {
  constexpr std::size_t kMostEof = 9;
  const auto kind = std::to_integer<std::uint8_t>(body[0]);
  if (stage_ == Stage::columns) {
    if (columns_left_ > 0) {
      --columns_left_;
      if (columns_left_ == 0 && (capabilities_ & kNoEof) != 0) stage_ = Stage::rows;
    } else {
      stage_ = Stage::rows;
    }
    return;
  }
  const bool end = kind == kEof && ((capabilities_ & kNoEof) != 0 || body.size() < kMostEof);
  if (kind != kError && !end) {
    ++tx_->rows;
    return;
  }
  if (kind == kError) failure(Reader(body.subspan(1)));
  close();
  stage_ = Stage::idle;
}

MysqlTransaction& MysqlParser::open() {
  tx_ = static_cast<MysqlTransaction*>(
      host_.add(std::make_unique<MysqlTransaction>(proto_, host_.next_transaction_id())));
  return *tx_;
}

void MysqlParser::close() {
  if (tx_ != nullptr) tx_->complete();
  tx_ = nullptr;
}

void MysqlParser::finish() {
  close();
  over_ = true;
  host_.stop(Direction::to_server);
  host_.stop(Direction::to_client);
}

// The server speaks first: protocol 10 and a version that begins with a digit.
Probe probe(Direction d, Bytes data, bool port_hint) {
  if (!port_hint) return Probe::no;
  Reader in(data);
  const std::size_t size = in.u8() | std::size_t{in.u8()} << 8 | std::size_t{in.u8()} << 16;
  const std::uint8_t sequence = in.u8();
  if (!in.ok()) return Probe::maybe;
  if (size < 20 || size > kMostLogin) return Probe::no;
  if (d == Direction::to_server) return sequence == 1 ? Probe::maybe : Probe::no;
  const std::uint8_t protocol = in.u8(), digit = in.u8();
  if (!in.ok()) return Probe::maybe;
  return sequence == 0 && protocol == 10 && digit >= '0' && digit <= '9' ? Probe::yes : Probe::no;
}

std::unique_ptr<Parser> make(ParserHost& host, AppProto proto) {
  return std::make_unique<MysqlParser>(host, proto);
}

}  // namespace
}  // namespace mysql

const Protocol kMysql{&mysql::kSpec, mysql::probe, mysql::kPorts, mysql::make};

}  // namespace chieng::collector
