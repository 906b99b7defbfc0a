// Digests over OpenSSL's EVP. MD5 and SHA-1 name files, JA3 and Community ID; nothing here
// authenticates with them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "core/bytes/bytes.h"

namespace chieng {

enum class DigestKind : std::uint8_t { md5, sha1, sha256 };

inline constexpr std::size_t kLongestDigest = 32;
// Writes the raw bytes (16, 20 or 32, as many as come back) and allocates nothing.
std::size_t digest_to(DigestKind kind, Bytes data, std::array<std::byte, kLongestDigest>& out);
[[nodiscard]] std::string digest(DigestKind kind, Bytes data);      // raw bytes: 16, 20 or 32
[[nodiscard]] std::string digest_hex(DigestKind kind, Bytes data);  // lower-case hex

// A digest fed in pieces. Allocates once, when made.
class Digest {
 public:
  explicit Digest(DigestKind kind);
  ~Digest();
  Digest(Digest&&) noexcept;
  Digest& operator=(Digest&&) noexcept;
  void update(Bytes data);
  [[nodiscard]] std::string finish();  // raw bytes; the object can only be destroyed afterwards

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace chieng
