#include "collector/protocol/mysql/mysql.h"

#include <algorithm>
#include <optional>

#include "collector/protocol/stream_buffer.h"
#include "core/bytes/reader.h"

namespace chieng::collector {
namespace mysql {
namespace {

constexpr std::uint16_t kPorts[] = {3306};
constexpr std::size_t kHeader = 4, kMostPacket = 4096;  // of the login
constexpr std::uint32_t kConnectWithDb = 0x08, kProtocol41 = 0x200, kSsl = 0x800,
                        kPluginAuth = 0x80000, kLengthCoded = 0x200000;

std::optional<std::string> take_text(Reader& in) {
  const std::string_view rest = as_text(in.rest());
  const auto end = rest.find('\0');
  if (end == std::string_view::npos) return std::nullopt;
  in.skip(end + 1);
  return std::string(rest.substr(0, end));
}

class LoginTransaction final : public Transaction {
 public:
  using Transaction::Transaction;
  [[nodiscard]] std::optional<BufferSlice> buffer(unsigned, Direction,
                                                  std::uint32_t) const override {
    return std::nullopt;
  }
  void complete() {
    set_progress(Direction::to_server, 1);
    set_progress(Direction::to_client, 1);
  }
  void write(JsonWriter& out) const override {
    out.key("mysql").begin_object();
    if (!version.empty()) out.field("version", version);
    if (user) out.field("username", *user);
    if (!database.empty()) out.field("database", database);
    out.field("tls", tls);
    if (success) out.field("login_success", *success);
    if (error) out.field("error_code", *error).field("error", error_text);
    out.end_object();
  }

  std::string version, database, error_text;
  std::optional<std::string> user;
  std::optional<bool> success;
  std::optional<std::uint16_t> error;
  bool tls = false;
};

// Reads up to the server's verdict, then stops. Keeps a packet (kMostPacket) a direction.
class MysqlParser final : public Parser {
 public:
  MysqlParser(ParserHost& host, AppProto proto) : host_(host), proto_(proto) {}

  void data(Direction d, Bytes data) override;
  void gap(Direction, std::uint64_t) override { finish(); }
  void end(Direction) override { finish(); }

 private:
  void packet(Direction d, Bytes body);
  void greeting(Reader in);
  void login(Reader in);
  void verdict(Reader in);
  void finish() {
    if (tx_ != nullptr) tx_->complete();
    tx_ = nullptr;
    over_ = true;
    host_.stop(Direction::to_server);
    host_.stop(Direction::to_client);
  }
  LoginTransaction& tx() {
    if (tx_ == nullptr)
      tx_ = static_cast<LoginTransaction*>(
          host_.add(std::make_unique<LoginTransaction>(proto_, host_.next_transaction_id())));
    return *tx_;
  }

  ParserHost& host_;
  AppProto proto_;
  std::array<StreamBuffer, 2> held_;
  LoginTransaction* tx_ = nullptr;  // live: it is not complete
  bool over_ = false;
};

void MysqlParser::data(Direction d, Bytes data) {
  const Bytes in = held_[index(d)].join(data);
  std::size_t used = 0;
  while (!over_ && in.size() - used >= kHeader) {
    Reader header(in.subspan(used));
    const std::size_t size =
        header.u8() | std::size_t{header.u8()} << 8 | std::size_t{header.u8()} << 16;
    if (size > kMostPacket) return finish();
    if (in.size() - used < kHeader + size) break;
    packet(d, in.subspan(used + kHeader, size));
    used += kHeader + size;
  }
  if (!over_) held_[index(d)].keep(in, used);
}

void MysqlParser::packet(Direction d, Bytes body) {
  Reader in(body);
  if (d == Direction::to_server) {
    if (!tx().user) login(in);
  } else if (tx_ == nullptr || (tx_->version.empty() && !tx_->user)) {
    greeting(in);
  } else {
    verdict(in);
  }
}

void MysqlParser::greeting(Reader in) {
  if (in.u8() != 10) return finish();
  if (auto version = take_text(in)) tx().version = std::move(*version);
}

void MysqlParser::login(Reader in) {
  const std::uint32_t capabilities = in.u32le();
  if ((capabilities & kProtocol41) == 0) return finish();
  in.skip(28);
  if (in.at_end() && (capabilities & kSsl) != 0) {
    tx().tls = true;
    tx().complete();
    tx_ = nullptr;
    over_ = true;
    host_.change_protocol();
    return;
  }
  auto user = take_text(in);
  if (!user) return finish();
  tx().user = std::move(*user);
  if ((capabilities & (kPluginAuth | kLengthCoded)) != 0)
    in.skip(in.u8());
  else
    (void)take_text(in);
  if ((capabilities & kConnectWithDb) != 0)
    if (auto database = take_text(in)) tx().database = std::move(*database);
}

// OK, an error, or one more step of the authentication.
void MysqlParser::verdict(Reader in) {
  const std::uint8_t kind = in.u8();
  if (kind == 0x00) {
    tx().success = true;
    return finish();
  }
  if (kind != 0xff) return;
  tx().success = false;
  tx().error = in.u16le();
  tx().error_text = as_text(in.rest());
  finish();
}

// The server speaks first: protocol 10 and a version that begins with a digit.
Probe probe(Direction d, Bytes data, bool port_hint) {
  if (!port_hint) return Probe::no;
  Reader in(data);
  const std::size_t size = in.u8() | std::size_t{in.u8()} << 8 | std::size_t{in.u8()} << 16;
  const std::uint8_t sequence = in.u8();
  if (!in.ok()) return Probe::maybe;
  if (size < 20 || size > kMostPacket) return Probe::no;
  if (d == Direction::to_server) return sequence == 1 ? Probe::maybe : Probe::no;
  const std::uint8_t protocol = in.u8(), digit = in.u8();
  if (!in.ok()) return Probe::maybe;
  return sequence == 0 && protocol == 10 && digit >= '0' && digit <= '9' ? Probe::yes : Probe::no;
}

std::unique_ptr<Parser> make(ParserHost& host, AppProto proto) {
  return std::make_unique<MysqlParser>(host, proto);
}

const ProtocolSpec kSpec{.name = "mysql", .rule_names = {"mysql"}, .complete = {1, 1}};

}  // namespace
}  // namespace mysql

const Protocol kMysql{&mysql::kSpec, mysql::probe, mysql::kPorts, mysql::make};

}  // namespace chieng::collector
