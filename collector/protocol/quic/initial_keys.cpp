#include "collector/protocol/quic/initial_keys.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <string_view>

#include "core/hash/digest.h"

namespace chieng::collector::quic {
namespace {

using Secret = std::array<unsigned char, 32>;
using Salt = std::array<unsigned char, 20>;

constexpr Salt kSalt1 = {0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
                         0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a};
constexpr Salt kSalt2 = {0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93,
                         0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9};
constexpr Salt kSaltDraft29 = {0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97,
                               0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0, 0x43, 0x90, 0xa8, 0x99};
constexpr Salt kSaltDraft23 = {0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7,
                               0xd2, 0x43, 0x2b, 0xb4, 0x63, 0x65, 0xbe, 0xf9, 0xf5, 0x02};
constexpr Salt kSaltQ050 = {0x50, 0x45, 0x74, 0xef, 0xd0, 0x66, 0xfe, 0x2f, 0x9d, 0x94,
                            0x5c, 0xfc, 0xdb, 0xd3, 0xa7, 0xf0, 0xd3, 0xb5, 0x6b, 0x45};
constexpr Salt kSaltT050 = {0x7f, 0xf5, 0x79, 0xe5, 0xac, 0xd0, 0x72, 0x91, 0x55, 0x80,
                            0x30, 0x4c, 0x43, 0xa2, 0x36, 0x7c, 0x60, 0x48, 0x83, 0x10};
constexpr Salt kSaltT051 = {0x7a, 0x4e, 0xde, 0xf4, 0xe7, 0xcc, 0xee, 0x5f, 0xa4, 0x50,
                            0x6c, 0x19, 0x12, 0x4f, 0xc8, 0xcc, 0xda, 0x6e, 0x03, 0x3d};

const Salt& salt_of(std::uint32_t version) {
  switch (version) {
    case kVersion2:
      return kSalt2;
    case 0x51303530:
      return kSaltQ050;
    case 0x54303530:
      return kSaltT050;
    case 0x54303531:
      return kSaltT051;
    default:
      break;
  }
  if (version >= 0xff000016 && version <= 0xff00001c) return kSaltDraft23;
  if (version >= 0xff00001d && version <= 0xff000020) return kSaltDraft29;
  return kSalt1;
}

// RFC 2104, over keys of at most a block. OpenSSL's own looks its parts up, under locks, each time.
Secret hmac(const unsigned char* key, std::size_t key_size, const unsigned char* data,
            std::size_t size) {
  constexpr std::size_t block = 64;
  std::string inner(block, '\x36'), outer(block, '\x5c');
  for (std::size_t i = 0; i < std::min(key_size, block); ++i) {
    inner[i] = static_cast<char>(inner[i] ^ static_cast<char>(key[i]));
    outer[i] = static_cast<char>(outer[i] ^ static_cast<char>(key[i]));
  }
  inner.append(reinterpret_cast<const char*>(data), size);
  outer += digest(DigestKind::sha256, as_bytes(inner));
  const std::string result = digest(DigestKind::sha256, as_bytes(outer));
  Secret out{};
  std::copy_n(result.begin(), out.size(), out.begin());
  return out;
}

// HKDF-Expand-Label of TLS 1.3 (RFC 8446 section 7.1) for up to 32 bytes and no context: one round.
Secret expand(const Secret& secret, std::string_view label, std::uint8_t length) {
  std::string info{'\0', static_cast<char>(length)};
  info += static_cast<char>(label.size() + 6);
  info += "tls13 ";
  info += label;
  info += '\0';
  info += '\1';
  return hmac(secret.data(), secret.size(), reinterpret_cast<const unsigned char*>(info.data()),
              info.size());
}

struct ContextFree {
  void operator()(EVP_CIPHER_CTX* c) const { EVP_CIPHER_CTX_free(c); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, ContextFree>;

const unsigned char* raw(Bytes bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

// Found once, as above.
const EVP_CIPHER* ecb() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-128-ECB", nullptr);
  return cipher;
}
const EVP_CIPHER* gcm() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-128-GCM", nullptr);
  return cipher;
}

constexpr std::size_t kSample = 16, kTag = 16, kMaxNumber = 4;

}  // namespace

InitialKeys::InitialKeys(std::uint32_t version, Bytes destination) {
  const Salt& salt = salt_of(version);
  const Secret initial = hmac(salt.data(), salt.size(), raw(destination), destination.size());
  const std::string prefix = version == kVersion2 ? "quicv2 " : "quic ";
  for (const Direction d : {Direction::to_server, Direction::to_client}) {
    const Secret secret =
        expand(initial, d == Direction::to_server ? "client in" : "server in", 32);
    Keys& k = keys_[index(d)];
    std::ranges::copy_n(expand(secret, prefix + "key", 16).begin(), 16, k.key.begin());
    std::ranges::copy_n(expand(secret, prefix + "iv", 12).begin(), 12, k.iv.begin());
    std::ranges::copy_n(expand(secret, prefix + "hp", 16).begin(), 16, k.mask.begin());
  }
}

bool InitialKeys::open(Direction sender, Bytes packet, std::size_t header_size,
                       std::string& out) const {
  if (packet.size() < header_size + kMaxNumber + kSample) return false;
  const Keys& k = keys_[index(sender)];
  const Context context(EVP_CIPHER_CTX_new());
  std::array<unsigned char, 32> mask{};
  int n = 0;
  if (!context || EVP_EncryptInit_ex(context.get(), ecb(), nullptr, k.mask.data(), nullptr) != 1 ||
      EVP_EncryptUpdate(context.get(), mask.data(), &n,
                        raw(packet.subspan(header_size + kMaxNumber)), kSample) != 1)
    return false;
  std::string header(as_text(packet.first(header_size + kMaxNumber)));
  header[0] = static_cast<char>(header[0] ^ (mask[0] & 0x0f));
  const std::size_t number_size = (static_cast<unsigned char>(header[0]) & 3u) + 1;
  header.resize(header_size + number_size);
  std::array<unsigned char, 12> nonce = k.iv;
  for (std::size_t i = 0; i < number_size; ++i) {
    char& c = header[header_size + i];
    c = static_cast<char>(c ^ mask[1 + i]);
    nonce[nonce.size() - number_size + i] ^= static_cast<unsigned char>(c);
  }
  const Bytes sealed = packet.subspan(header.size());
  if (sealed.size() < kTag) return false;
  const std::size_t size = sealed.size() - kTag;
  std::array<unsigned char, kTag> tag{};
  std::copy_n(raw(sealed.subspan(size)), kTag, tag.begin());
  out.resize(size);
  auto* to = reinterpret_cast<unsigned char*>(out.data());
  int last = 0;
  const bool good =
      EVP_DecryptInit_ex(context.get(), gcm(), nullptr, k.key.data(), nonce.data()) == 1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &n,
                        reinterpret_cast<const unsigned char*>(header.data()),
                        static_cast<int>(header.size())) == 1 &&
      EVP_DecryptUpdate(context.get(), to, &n, raw(sealed), static_cast<int>(size)) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTag, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(context.get(), tag.data(), &last) == 1;
  ERR_clear_error();
  return good;
}

}  // namespace chieng::collector::quic
