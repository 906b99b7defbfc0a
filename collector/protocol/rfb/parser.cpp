#include "collector/protocol/rfb/parser.h"

namespace chieng::collector::rfb {
namespace {

constexpr std::uint32_t kInvalid = 0, kNone = 1, kVnc = 2;
constexpr std::size_t kVersionSize = 12, kChallenge = 16;

}  // namespace

RfbParser::RfbParser(ParserHost& host, AppProto proto) : host_(host) {
  tx_ = static_cast<RfbTransaction*>(
      host.add(std::make_unique<RfbTransaction>(proto, host.next_transaction_id())));
}

Direction RfbParser::turn() const {
  switch (stage_) {
    case Stage::client_version:
    case Stage::client_choice:
    case Stage::response:
    case Stage::client_init:
      return Direction::to_server;
    default:
      return Direction::to_client;
  }
}

void RfbParser::data(Direction d, Bytes data) {
  if (stage_ == Stage::done) return;
  std::vector<std::byte>& own = held_[index(d)];
  ends_[index(d)] = host_.position(d) + data.size();
  own.insert(own.end(), data.begin(), data.end());
  while (stage_ != Stage::done) {
    const Direction speaker = turn();
    std::vector<std::byte>& held = held_[index(speaker)];
    Reader in(held);
    if (held.empty() || !step(in)) break;
    host_.frame(speaker, 0, ends_[index(speaker)] - held.size(), in.position());
    held.erase(held.begin(), held.begin() + static_cast<std::ptrdiff_t>(in.position()));
  }
  if (stage_ == Stage::done) return;
  if (own.size() > kMaxHeld) fail(Event::confused_state);
}

bool RfbParser::step(Reader& in) {
  switch (stage_) {
    case Stage::server_version:
    case Stage::client_version:
      return version(in);
    case Stage::server_choice: {
      const std::uint32_t type = in.u32();
      return in.ok() && choice(type);
    }
    case Stage::types: {
      const std::uint8_t count = in.u8();
      in.skip(count);
      if (in.ok()) stage_ = count == 0 ? Stage::reason : Stage::client_choice;
      return in.ok();
    }
    case Stage::client_choice: {
      const std::uint8_t type = in.u8();
      return in.ok() && choice(type);
    }
    case Stage::challenge:
    case Stage::response: {
      const Bytes bytes = in.take(kChallenge);
      if (!in.ok()) return false;
      (stage_ == Stage::challenge ? tx_->challenge : tx_->response) = as_text(bytes);
      stage_ = stage_ == Stage::challenge ? Stage::response : Stage::result;
      return true;
    }
    case Stage::result:
      return result(in);
    case Stage::reason:
      return reason(in);
    case Stage::client_init: {
      const std::uint8_t shared = in.u8();
      if (!in.ok()) return false;
      tx_->shared = shared != 0;
      stage_ = Stage::server_init;
      return true;
    }
    case Stage::server_init:
      return server_init(in);
    case Stage::done:
      break;
  }
  return false;
}

// "RFB 003.008\n"
bool RfbParser::version(Reader& in) {
  const std::string_view line = as_text(in.take(kVersionSize));
  if (!in.ok()) return false;
  if (!line.starts_with("RFB ") || line[7] != '.' || line[11] != '\n') {
    fail(Event::malformed_message);
    return true;
  }
  const Version v{std::string(line.substr(4, 3)), std::string(line.substr(8, 3))};
  if (stage_ == Stage::server_version) {
    tx_->server = v;
    stage_ = Stage::client_version;
    return true;
  }
  // The client's word decides; whatever is neither 3.7 nor later speaks as 3.3 does.
  minor_ = v.major > "003" || v.minor >= "008" ? 8 : v.minor == "007" ? 7 : 3;
  tx_->client = v;
  stage_ = minor_ == 3 ? Stage::server_choice : Stage::types;
  return true;
}

bool RfbParser::choice(std::uint32_t type) {
  tx_->security_type = type;
  tx_->reach(Progress::security);
  if (type == kVnc)
    stage_ = Stage::challenge;
  else if (type == kNone)
    stage_ = minor_ == 8 ? Stage::result : Stage::client_init;
  else if (type == kInvalid && stage_ == Stage::server_choice)
    stage_ = Stage::reason;
  else
    fail(Event::unimplemented_security_type);
  return true;
}

bool RfbParser::result(Reader& in) {
  const std::uint32_t result = in.u32();
  if (!in.ok()) return false;
  tx_->security_result = result;
  tx_->reach(Progress::result);
  if (result >= kUnknownResult)
    fail(Event::unknown_security_result);
  else if (result == 0)
    stage_ = Stage::client_init;
  else if (minor_ == 8)
    stage_ = Stage::reason;
  else
    finish();
  return true;
}

bool RfbParser::text(Reader& in, std::string& out) {
  const std::uint32_t length = in.u32();
  if (!in.ok()) return false;
  if (length > kMaxText) {
    fail(Event::too_long_string);
    return true;
  }
  out = as_text(in.take(length));
  return in.ok();
}

bool RfbParser::reason(Reader& in) {
  std::string reason;
  if (!text(in, reason)) return false;
  if (stage_ == Stage::done) return true;
  tx_->failure_reason = std::move(reason);
  finish();
  return true;
}

bool RfbParser::server_init(Reader& in) {
  Screen s;
  s.width = in.u16();
  s.height = in.u16();
  s.bits = in.u8();
  s.depth = in.u8();
  s.big_endian = in.u8() != 0;
  s.true_color = in.u8() != 0;
  s.red_max = in.u16();
  s.green_max = in.u16();
  s.blue_max = in.u16();
  s.red_shift = in.u8();
  s.green_shift = in.u8();
  s.blue_shift = in.u8();
  in.skip(3);
  std::string name;
  if (!text(in, name)) return false;
  if (stage_ == Stage::done) return true;
  tx_->screen = s;
  tx_->name = std::move(name);
  finish();
  return true;
}

void RfbParser::fail(Event e) {
  host_.event(tx_, static_cast<std::uint16_t>(e), turn());
  finish();
}

void RfbParser::finish() {
  stage_ = Stage::done;
  tx_->reach(Progress::complete);
  tx_ = nullptr;
  host_.inspect_raw(Direction::to_server);
  host_.inspect_raw(Direction::to_client);
  host_.stop(Direction::to_server);
  host_.stop(Direction::to_client);
}

void RfbParser::gap(Direction, std::uint64_t) {
  if (stage_ != Stage::done) finish();
}

void RfbParser::end(Direction) {
  // Bytes that were never their sender's turn.
  const bool confused = stage_ != Stage::done && !held_[index(opposite(turn()))].empty();
  if (confused) fail(Event::confused_state);
}

}  // namespace chieng::collector::rfb
