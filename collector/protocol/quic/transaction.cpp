#include "collector/protocol/quic/transaction.h"

#include <fmt/core.h>

#include "collector/protocol/quic/extensions.h"
#include "collector/protocol/quic/header.h"
#include "core/hash/digest.h"

namespace chieng::collector::quic {
namespace {

constexpr std::uint16_t kAnyGrease = 0xfafa;

template <class T>
std::string joined(const std::vector<T>& values) {
  std::string out;
  for (const T v : values) out += (out.empty() ? "" : "-") + std::to_string(v);
  return out;
}

// Rules for QUIC were written with values of GREASE left in, and extensions of GREASE as one.
std::string ja3_text(const tls::Hello& hello, bool client) {
  std::vector<std::uint16_t> extensions = hello.extensions;
  for (std::uint16_t& e : extensions)
    if (tls::is_grease(e)) e = kAnyGrease;
  std::string out =
      fmt::format("{},{},{}", hello.version, joined(hello.ciphers), joined(extensions));
  if (client) out += fmt::format(",{},{}", joined(hello.groups), joined(hello.point_formats));
  return out;
}

std::string md5(const std::string& text) {
  return text.empty() ? text : digest_hex(DigestKind::md5, as_bytes(text));
}

std::vector<std::string> values_of(const tls::Hello& hello, std::uint16_t extension) {
  std::vector<std::string> out;
  switch (extension) {
    case 0:
      if (hello.sni) out.push_back(*hello.sni);
      break;
    case 13:
      for (const std::uint16_t v : hello.signature_algorithms) out.push_back(std::to_string(v));
      break;
    case 16:
      out = hello.alpn;
      break;
    case 43:
      for (const std::uint16_t v : hello.supported_versions) out.push_back(version_name(v));
      break;
    default:
      break;
  }
  return out;
}

}  // namespace

QuicTransaction::QuicTransaction(AppProto proto, std::uint64_t id, Direction sender,
                                 std::uint32_t version)
    : Transaction(proto, id), sender_(sender), number_(version), version_(version_text(version)) {
  set_progress(Direction::to_server, 1);
  set_progress(Direction::to_client, 1);
}

void QuicTransaction::set_hello(tls::Hello hello) {
  const bool client = sender_ == Direction::to_server;
  if (client && hello.sni) sni_ = *hello.sni;
  hello_ = std::move(hello);
  prints_.reset();
  touch(sender_);
}

const QuicTransaction::Prints& QuicTransaction::prints() const {
  if (prints_) return *prints_;
  Prints& made = prints_.emplace();
  if (!hello_) return made;
  const bool client = sender_ == Direction::to_server;
  made.ja3 = ja3_text(*hello_, client);
  made.ja3_hash = md5(made.ja3);
  if (client) made.ja4 = tls::ja4(*hello_, 'q');
  return made;
}

void QuicTransaction::set_google_hello(const GoogleHello& hello) {
  sni_ = hello.sni;
  user_agent_ = hello.user_agent;
  cyu_ = cyu_text(number_, hello);
  cyu_hash_ = md5(cyu_);
  touch(sender_);
}

std::optional<BufferSlice> QuicTransaction::buffer(unsigned local, Direction d,
                                                   std::uint32_t instance) const {
  if (d != sender_) return std::nullopt;
  const bool client = d == Direction::to_server;
  const std::string* text = nullptr;
  switch (static_cast<Buffer>(local)) {
    case Buffer::version:
      text = &version_;
      break;
    case Buffer::sni:
    case Buffer::tls_sni:
      text = &sni_;
      break;
    case Buffer::user_agent:
      text = &user_agent_;
      break;
    case Buffer::cyu_hash:
      text = &cyu_hash_;
      break;
    case Buffer::cyu_text:
      text = &cyu_;
      break;
    case Buffer::ja3_hash:
      text = client ? &prints().ja3_hash : nullptr;
      break;
    case Buffer::ja3_text:
      text = client ? &prints().ja3 : nullptr;
      break;
    case Buffer::ja3s_hash:
      text = client ? nullptr : &prints().ja3_hash;
      break;
    case Buffer::ja3s_text:
      text = client ? nullptr : &prints().ja3;
      break;
    case Buffer::ja4:
      text = &prints().ja4;
      break;
    case Buffer::tls_alpn:
      if (!hello_ || instance >= hello_->alpn.size()) return std::nullopt;
      return BufferSlice{.data = as_bytes(hello_->alpn[instance])};
  }
  if (text == nullptr || text->empty() || instance > 0) return std::nullopt;
  return BufferSlice{.data = as_bytes(*text)};
}

void QuicTransaction::write_extensions(JsonWriter& out) const {
  out.key("extensions").begin_array();
  for (std::uint16_t e : hello_->extensions) {
    if (tls::is_grease(e)) e = kAnyGrease;
    out.begin_object();
    if (const std::string_view name = extension_name(e); !name.empty()) out.field("name", name);
    out.field("type", e);
    if (const auto values = values_of(*hello_, e); !values.empty()) {
      out.key("values").begin_array();
      for (const std::string& v : values) out.value(v);
      out.end_array();
    }
    out.end_object();
  }
  out.end_array();
}

void QuicTransaction::write(JsonWriter& out) const {
  out.key("quic").begin_object().field("version", version_);
  if (!sni_.empty()) out.field("sni", sni_);
  if (!user_agent_.empty()) out.field("ua", user_agent_);
  if (!cyu_.empty()) {
    out.key("cyu").begin_array().begin_object();
    out.field("hash", cyu_hash_).field("string", cyu_).end_object().end_array();
  }
  const Prints& made = prints();
  if (!made.ja3.empty()) {
    out.key(sender_ == Direction::to_server ? "ja3" : "ja3s").begin_object();
    out.field("hash", made.ja3_hash).field("string", made.ja3).end_object();
  }
  if (!made.ja4.empty()) out.field("ja4", made.ja4);
  if (hello_ && !hello_->extensions.empty()) write_extensions(out);
  out.end_object();
}

}  // namespace chieng::collector::quic
