#include "transport/enroll/token.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>

#include "core/bytes/reader.h"
#include "core/hash/crc32c.h"
#include "core/hash/digest.h"
#include "transport/spool/little.h"

namespace chieng {
namespace {

constexpr std::string_view kPrefix = "chieng1-";
constexpr std::string_view kAlphabet =
    "0123456789abcdefghjkmnpqrstvwxyz";  // Crockford: no i, l, o, u
constexpr std::size_t kFingerprint = 8;
constexpr std::size_t kMaxToken = 1024;
constexpr std::size_t kGroup = 8;  // characters between hyphens, for people who read it out

std::string encode_base32(Bytes bytes) {
  std::string out;
  std::uint32_t bits = 0;
  unsigned have = 0;
  for (const std::byte b : bytes) {
    bits = bits << 8 | std::to_integer<std::uint32_t>(b);
    for (have += 8; have >= 5; have -= 5) out += kAlphabet[bits >> (have - 5) & 31];
  }
  if (have > 0) out += kAlphabet[bits << (5 - have) & 31];
  return out;
}

int digit(char c) {
  if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  if (c == 'o') c = '0';
  if (c == 'i' || c == 'l') c = '1';
  const std::size_t at = kAlphabet.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

Result<std::string> decode_base32(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  unsigned have = 0;
  for (const char c : text) {
    if (c == '-') continue;
    const int value = digit(c);
    if (value < 0)
      return fail(ErrorCode::parse, "the token has a character that no token has; copy it again");
    bits = bits << 5 | static_cast<std::uint32_t>(value);
    have += 5;
    if (have < 8) continue;
    have -= 8;
    out += static_cast<char>(bits >> have & 0xff);
  }
  // What is left over carries nothing: other bits there would make two texts one token.
  if (have >= 5 || (bits & ((1U << have) - 1)) != 0)
    return fail(ErrorCode::parse, "the token is cut short; copy it again");
  return out;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return out;
}

Result<EnrollToken> decode_token(const std::string& raw) {
  if (raw.size() < 4) return fail(ErrorCode::parse, "the token is cut short; copy it again");
  const Bytes bytes = as_bytes(raw);
  Reader tail(bytes.last(4));
  if (tail.u32le() != crc32c(bytes.first(bytes.size() - 4)))
    return fail(ErrorCode::corrupt,
                "the token's checksum does not match: a character is wrong or missing");
  Reader in(bytes.first(bytes.size() - 4));
  if (const unsigned version = in.u8(); version != 1)
    return fail(ErrorCode::unsupported,
                "a token of version " + std::to_string(version) + "; this program reads version 1");
  EnrollToken out;
  const Bytes key = in.take(out.server_key.bytes.size()), secret = in.take(out.secret.size());
  const std::size_t endpoint = in.u8();
  out.endpoint = as_text(in.take(endpoint));
  if (!in.ok() || !in.at_end()) return fail(ErrorCode::parse, "the token's length does not match");
  std::memcpy(out.server_key.bytes.data(), key.data(), key.size());
  std::memcpy(out.secret.data(), secret.data(), secret.size());
  if (!std::ranges::all_of(out.endpoint, [](char c) { return c > 0x20 && c < 0x7f; }))
    return fail(ErrorCode::parse, "the token's endpoint is not one");
  return out;
}

}  // namespace

TokenSecret random_token_secret() {
  TokenSecret out;
  ::randombytes_buf(out.data(), out.size());
  return out;
}

std::string make_token(const EnrollToken& token) {
  std::string raw;
  put_le(raw, std::uint8_t{1});
  raw += as_text(as_bytes(token.server_key.bytes.data(), token.server_key.bytes.size()));
  raw += as_text(as_bytes(token.secret.data(), token.secret.size()));
  const std::string_view endpoint = std::string_view(token.endpoint).substr(0, 255);
  put_le(raw, static_cast<std::uint8_t>(endpoint.size()));
  raw += endpoint;
  put_le(raw, crc32c(as_bytes(raw)));
  std::string out(kPrefix);
  out += fingerprint(token.server_key);
  const std::string text = encode_base32(as_bytes(raw));
  for (std::size_t at = 0; at < text.size(); at += kGroup) out += "-" + text.substr(at, kGroup);
  return out;
}

Result<EnrollToken> parse_token(std::string_view text) {
  text = trimmed(text);
  if (text.size() > kMaxToken)
    return fail(ErrorCode::limit,
                "a token has at most " + std::to_string(kMaxToken) + " characters");
  const std::size_t head = kPrefix.size() + kFingerprint;
  if (text.size() <= head || lower(text.substr(0, kPrefix.size())) != kPrefix)
    return fail(ErrorCode::parse, "a token starts with " + std::string(kPrefix));
  CHIENG_TRY(const std::string raw, decode_base32(text.substr(head)));
  CHIENG_TRY(EnrollToken out, decode_token(raw));
  if (lower(text.substr(kPrefix.size(), kFingerprint)) != fingerprint(out.server_key))
    return fail(ErrorCode::corrupt,
                "the token's fingerprint is not that of the key in it; ask for a new token");
  return out;
}

std::string token_hash(const TokenSecret& secret) {
  return digest_hex(DigestKind::sha256, as_bytes(secret.data(), secret.size()));
}

bool equal_constant_time(Bytes a, Bytes b) {
  return a.size() == b.size() && ::sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace chieng
