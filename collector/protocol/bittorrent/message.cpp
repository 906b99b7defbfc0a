#include "collector/protocol/bittorrent/message.h"

#include <charconv>
#include <functional>

#include "core/bytes/reader.h"

namespace chieng::collector::bittorrent {
namespace {

constexpr int kMostDepth = 16;

// Reads bencoded values from a text; failed for good once something is wrong.
class Bencode {
 public:
  explicit Bencode(std::string_view text) : text_(text) {}
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] char peek() const { return text_.empty() ? '\0' : text_.front(); }

  std::string_view string() {
    const std::size_t n = static_cast<std::size_t>(number_until(':'));
    if (!ok_ || n > text_.size()) return fail();
    const std::string_view out = text_.substr(0, n);
    text_.remove_prefix(n);
    return out;
  }
  std::int64_t integer() {
    if (!take('i')) return 0;
    return number_until('e');
  }
  // Each entry's value is read by `each`, or skipped.
  void dictionary(const std::function<bool(std::string_view key)>& each) {
    if (!take('d')) return;
    while (ok_ && peek() != 'e') {
      const std::string_view key = string();
      if (ok_ && !each(key)) skip();
    }
    take('e');
  }
  void list(const std::function<void()>& each) {
    if (!take('l')) return;
    while (ok_ && peek() != 'e') each();
    take('e');
  }
  void skip() {
    if (++depth_ > kMostDepth) fail();
    switch (peek()) {
      case 'i':
        (void)integer();
        break;
      case 'l':
        list([this] { skip(); });
        break;
      case 'd':
        dictionary([](std::string_view) { return false; });
        break;
      default:
        (void)string();
        break;
    }
    --depth_;
  }

 private:
  std::string_view fail() {
    ok_ = false;
    text_ = {};
    return {};
  }
  bool take(char c) {
    if (!ok_ || peek() != c) {
      fail();
      return false;
    }
    text_.remove_prefix(1);
    return true;
  }
  std::int64_t number_until(char end) {
    std::int64_t out = 0;
    const auto [at, error] = std::from_chars(text_.data(), text_.data() + text_.size(), out);
    if (error != std::errc{} || at == text_.data() + text_.size() || *at != end ||
        (end == ':' && out < 0)) {
      fail();
      return 0;
    }
    text_.remove_prefix(static_cast<std::size_t>(at - text_.data()) + 1);
    return out;
  }

  std::string_view text_;
  int depth_ = 0;
  bool ok_ = true;
};

std::optional<Peer> read_peer(std::string_view text) {
  if (text.size() != 6 && text.size() != 18) return std::nullopt;
  Reader in(as_bytes(text));
  Peer out;
  out.address = IpAddress::from_bytes(in.take(text.size() - 2));
  out.port = in.u16();
  return out;
}

// Each node: 20 bytes of id, an address, a port. What is left over is ignored.
void read_nodes(std::string_view text, std::size_t address_size, std::vector<Node>& out) {
  const std::size_t size = 20 + address_size + 2;
  for (; text.size() >= size; text.remove_prefix(size))
    if (const auto peer = read_peer(text.substr(20, address_size + 2)))
      out.push_back({std::string(text.substr(0, 20)), *peer});
}

bool read_argument(Bencode& in, std::string_view key, Message::Arguments& a) {
  if (key == "id")
    a.id = in.string();
  else if (key == "target")
    a.target = in.string();
  else if (key == "info_hash")
    a.info_hash = in.string();
  else if (key == "token")
    a.token = in.string();
  else if (key == "port" && in.peek() == 'i')
    a.port = in.integer();
  else if (key == "implied_port" && in.peek() == 'i')
    a.implied_port = in.integer();
  else
    return false;
  return true;
}

bool read_value(Bencode& in, std::string_view key, Message& out) {
  if (key == "nodes")
    read_nodes(in.string(), 4, out.nodes);
  else if (key == "nodes6")
    read_nodes(in.string(), 16, out.nodes6);
  else if (key == "values")
    in.list([&] {
      if (const auto peer = read_peer(in.string())) out.values.push_back(*peer);
    });
  else
    return read_argument(in, key, *out.response);
  return true;
}

bool read_member(Bencode& in, std::string_view key, Message& out) {
  if (key == "t") {
    out.transaction = in.string();
  } else if (key == "v") {
    out.version = in.string();
  } else if (key == "q") {
    out.query = in.string();
  } else if (key == "a") {
    Message::Arguments& a = out.request.emplace();
    in.dictionary([&](std::string_view k) { return read_argument(in, k, a); });
  } else if (key == "r") {
    out.response.emplace();
    in.dictionary([&](std::string_view k) { return read_value(in, k, out); });
  } else if (key == "e" && in.peek() == 'l') {
    out.is_error = true;
    in.list([&] {
      if (in.peek() == 'i')
        out.error_number = in.integer();
      else
        out.error_text = in.string();
    });
  } else {
    return false;
  }
  return true;
}

}  // namespace

std::optional<Message> parse(Bytes datagram) {
  Bencode in(as_text(datagram));
  Message out;
  in.dictionary([&](std::string_view key) { return read_member(in, key, out); });
  const bool useful = (out.request && !out.query.empty()) || out.response || out.is_error;
  if (!in.ok() || !useful) return std::nullopt;
  if ((out.request && out.request->id.empty()) || (out.response && out.response->id.empty()))
    return std::nullopt;
  return out;
}

}  // namespace chieng::collector::bittorrent
