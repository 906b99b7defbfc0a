#include "collector/protocol/tftp/tftp.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "core/bytes/reader.h"

namespace chieng::collector {
namespace tftp {
namespace {

constexpr std::uint16_t kPorts[] = {69};
constexpr std::uint16_t kRead = 1, kWrite = 2, kLastOpcode = 6;  // 6: OACK, RFC 2347

struct Request {
  bool write = false;
  std::string_view file, mode;
};

std::string_view take_text(Bytes& in) {
  const std::string_view text = as_text(in);
  const std::size_t end = text.find('\0');
  if (end == std::string_view::npos) return {};
  in = in.subspan(end + 1);
  return text.substr(0, end);
}

bool is_mode(std::string_view text) {
  static constexpr std::array<std::string_view, 3> kModes = {"netascii", "octet", "mail"};
  return std::ranges::any_of(kModes, [&](std::string_view mode) {
    return std::ranges::equal(text, mode, {},
                              [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  });
}

// RFC 1350 section 5: opcode, file name, 0, mode, 0.
std::optional<Request> parse(Bytes data) {
  Reader in(data);
  const std::uint16_t opcode = in.u16();
  if (!in.ok() || (opcode != kRead && opcode != kWrite)) return std::nullopt;
  Bytes rest = in.rest();
  Request out;
  out.write = opcode == kWrite;
  out.file = take_text(rest);
  out.mode = take_text(rest);
  if (out.file.empty() || !is_mode(out.mode)) return std::nullopt;
  return out;
}

class TftpTransaction final : public Transaction {
 public:
  TftpTransaction(AppProto proto, std::uint64_t id, const Request& r)
      : Transaction(proto, id), write_(r.write), file_(r.file), mode_(r.mode) {
    set_progress(Direction::to_server, 1);
    set_progress(Direction::to_client, 1);
  }
  [[nodiscard]] std::optional<BufferSlice> buffer(unsigned, Direction,
                                                  std::uint32_t) const override {
    return std::nullopt;
  }
  void write(JsonWriter& out) const override {
    std::string mode = mode_;
    std::ranges::transform(mode, mode.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    out.key("tftp").begin_object().field("packet", write_ ? "write" : "read");
    out.field("file", file_).field("mode", mode).end_object();
  }
  [[nodiscard]] bool one_sided() const override { return true; }

 private:
  bool write_;
  std::string file_, mode_;
};

// Keeps nothing between datagrams.
class TftpParser final : public Parser {
 public:
  TftpParser(ParserHost& host, AppProto proto) : host_(host), proto_(proto) {}
  void data(Direction d, Bytes data) override {
    if (d != Direction::to_server) return;
    if (const auto request = parse(data))
      host_.add(std::make_unique<TftpTransaction>(proto_, host_.next_transaction_id(), *request));
  }
  void gap(Direction, std::uint64_t) override {}
  void end(Direction) override {}

 private:
  ParserHost& host_;
  AppProto proto_;
};

Probe probe(Direction d, Bytes data, bool port_hint) {
  if (!port_hint) return Probe::no;
  if (d == Direction::to_server) return parse(data) ? Probe::yes : Probe::no;
  Reader in(data);
  const std::uint16_t opcode = in.u16();
  return in.ok() && opcode >= kRead && opcode <= kLastOpcode ? Probe::yes : Probe::no;
}

std::unique_ptr<Parser> make(ParserHost& host, AppProto proto) {
  return std::make_unique<TftpParser>(host, proto);
}

constexpr ProtocolSpec kSpec{
    .name = "tftp", .rule_names = {"tftp"}, .transport = TransportMask::udp, .complete = {1, 1}};

}  // namespace
}  // namespace tftp

const Protocol kTftp{&tftp::kSpec, tftp::probe, tftp::kPorts, tftp::make};

}  // namespace chieng::collector
