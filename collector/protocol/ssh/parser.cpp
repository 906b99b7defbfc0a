#include "collector/protocol/ssh/parser.h"

#include <algorithm>

#include "collector/protocol/ssh/kexinit.h"
#include "core/bytes/reader.h"

namespace chieng::collector::ssh {
namespace {

constexpr std::uint8_t kKexinit = 20, kNewKeys = 21;

}  // namespace

SshParser::SshParser(ParserHost& host, AppProto proto) : host_(host) {
  tx_ = static_cast<SshTransaction*>(
      host.add(std::make_unique<SshTransaction>(proto, host.next_transaction_id())));
}

void SshParser::data(Direction d, Bytes data) {
  const Side& side = sides_[index(d)];
  end_ = host_.position(d) + data.size();
  while (!data.empty()) {
    switch (side.stage) {
      case Stage::banner:
        banner(d, data);
        break;
      case Stage::rest_of_line:
        rest_of_line(d, data);
        break;
      case Stage::header:
        header(d, data);
        break;
      case Stage::body:
        body(d, data);
        break;
      case Stage::done:
        return;
    }
  }
}

void SshParser::banner(Direction d, Bytes& data) {
  Side& side = sides_[index(d)];
  const std::string_view text = as_text(data);
  const std::size_t newline = text.find('\n');
  const std::size_t n = newline == std::string_view::npos ? text.size() : newline + 1;
  side.line += text.substr(0, std::min(n, kMaxBanner + 1 - std::min(kMaxBanner, side.line.size())));
  data = data.subspan(n);
  const bool whole = newline != std::string_view::npos;
  if (!whole && side.line.size() < kMaxBanner) return;
  if (side.line.size() > kMaxBanner) event(Event::long_banner, d);
  std::string line;
  line.swap(side.line);
  while (line.ends_with('\n') || line.ends_with('\r')) line.pop_back();
  if (!take_banner(d, line)) {
    event(Event::invalid_banner, d);
    give_up(d);
  } else if (whole) {
    after_banner(d);
  } else {
    side.stage = Stage::rest_of_line;
  }
}

// "SSH-2.0-OpenSSH_9.2p1 comments"
bool SshParser::take_banner(Direction d, std::string_view line) {
  if (!line.starts_with("SSH-")) return false;
  line.remove_prefix(4);
  const std::size_t dash = line.find('-');
  if (dash == std::string_view::npos || dash == 0) return false;
  const std::string_view version = line.substr(0, dash);
  line.remove_prefix(dash + 1);
  const std::string_view software = line.substr(0, line.find_first_of(" \r"));
  if (software.empty()) return false;
  if (tx_ != nullptr) tx_->set_banner(d, version, software);
  return true;
}

void SshParser::rest_of_line(Direction d, Bytes& data) {
  const std::size_t newline = as_text(data).find('\n');
  if (newline == std::string_view::npos) {
    data = {};
    return;
  }
  data = data.subspan(newline + 1);
  after_banner(d);
}

void SshParser::after_banner(Direction d) {
  sides_[index(d)].stage = Stage::header;
  host_.inspect_raw(d);
  // Before 1.99 packets have another form, in which nothing of interest is in the clear.
  if (tx_ != nullptr && tx_->version(d).starts_with("1.") && tx_->version(d) != "1.99") give_up(d);
}

void SshParser::header(Direction d, Bytes& data) {
  Side& side = sides_[index(d)];
  if (tx_ != nullptr) tx_->show_banners();
  if (side.header_bytes == 0) side.header_at = end_ - data.size();
  const std::size_t n = std::min(side.header.size() - side.header_bytes, data.size());
  std::copy_n(data.begin(), n,
              side.header.begin() + static_cast<std::ptrdiff_t>(side.header_bytes));
  side.header_bytes += n;
  data = data.subspan(n);
  if (side.header_bytes < side.header.size()) return;
  side.header_bytes = 0;
  Reader in(side.header);
  const std::uint32_t length = in.u32();
  in.skip(1);
  const std::uint8_t message = in.u8();
  if (length < 2) {
    event(Event::invalid_record, d);
    give_up(d);
    return;
  }
  frames(d, length);
  side.left = length - 2u;
  side.stage = Stage::body;
  side.keep = message == kKexinit && side.left <= kMaxKexinit;
  if (message == kKexinit && !side.keep) event(Event::long_kex_record, d);
  if (message == kNewKeys) {
    new_keys(d);
    return;
  }
  if (side.left == 0) end_packet(d);
}

// The length counts neither itself nor, here, what the header took of the rest.
void SshParser::frames(Direction d, std::uint64_t length) {
  constexpr std::uint64_t kLength = 4, kHeader = 6;
  const std::uint64_t at = sides_[index(d)].header_at;
  const auto add = [&](Frame type, std::uint64_t start, std::uint64_t size) {
    host_.frame(d, static_cast<std::uint8_t>(type), start, size, tx_);
  };
  add(Frame::record_hdr, at, kHeader);
  add(Frame::record_data, at + kHeader, length + kLength - kHeader);
  add(Frame::record_pdu, at, length + kLength);
}

void SshParser::body(Direction d, Bytes& data) {
  Side& side = sides_[index(d)];
  const std::size_t n = static_cast<std::size_t>(std::min<std::uint64_t>(side.left, data.size()));
  if (side.keep)
    side.body.insert(side.body.end(), data.begin(), data.begin() + static_cast<std::ptrdiff_t>(n));
  side.left -= n;
  data = data.subspan(n);
  if (side.left == 0) end_packet(d);
}

void SshParser::end_packet(Direction d) {
  Side& side = sides_[index(d)];
  side.stage = Stage::header;
  if (!side.keep) return;
  side.keep = false;
  std::optional<std::string> text = hassh_text(side.body, d);
  if (!text)
    event(Event::invalid_record, d);
  else if (tx_ != nullptr)
    tx_->set_hassh(d, std::move(*text));
  std::vector<std::byte>().swap(side.body);
  host_.inspect_raw(d);
}

void SshParser::new_keys(Direction d) {
  sides_[index(d)].stage = Stage::done;
  if (tx_ != nullptr) tx_->reach(d, Progress::complete);
  host_.inspect_raw(d);
  host_.stop(d);
  if (sides_[index(opposite(d))].stage != Stage::done) return;
  host_.hide_payload(Direction::to_server);
  host_.hide_payload(Direction::to_client);
  tx_ = nullptr;
}

void SshParser::give_up(Direction d) {
  sides_[index(d)].stage = Stage::done;
  if (tx_ != nullptr) tx_->reach(d, Progress::complete);
  host_.stop(d);
  if (sides_[index(opposite(d))].stage == Stage::done) tx_ = nullptr;
}

void SshParser::gap(Direction d, std::uint64_t bytes) {
  Side& side = sides_[index(d)];
  if (side.stage == Stage::body && !side.keep && bytes < side.left) {
    side.left -= bytes;  // lost inside of a packet that is stepped over
    return;
  }
  give_up(d);
}

void SshParser::end(Direction d) {
  if (tx_ != nullptr) tx_->show_banners();
  // A line that was never ended may still tell.
  Side& side = sides_[index(d)];
  if (side.stage == Stage::banner && !side.line.empty() && tx_ != nullptr)
    (void)take_banner(d, side.line);
  give_up(d);
}

}  // namespace chieng::collector::ssh
