// CURVE keys and the files that hold them. The secret key never leaves the process but into its own
// 0600 file.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/error/result.h"

namespace chieng {

struct PublicKey {
  std::array<std::uint8_t, 32> bytes{};
  friend auto operator<=>(const PublicKey&, const PublicKey&) = default;
};
[[nodiscard]] std::string to_z85(const PublicKey& key);  // 40 characters
[[nodiscard]] std::optional<PublicKey> parse_public_key(std::string_view z85);
// The first 8 hex digits of its SHA-256, for people to compare.
[[nodiscard]] std::string fingerprint(const PublicKey& key);

// Wipes itself.
class SecretKey {
 public:
  SecretKey() = default;
  SecretKey(const SecretKey&) = default;
  SecretKey& operator=(const SecretKey&) = default;
  ~SecretKey();
  std::array<std::uint8_t, 32> bytes{};
};

struct KeyPair {
  PublicKey public_key;
  SecretKey secret_key;
  [[nodiscard]] static KeyPair generate();
  // exists: the file is there already; nothing is overwritten. Mode 0600 whatever the umask says.
  [[nodiscard]] Status save(const std::filesystem::path& path) const;
  // permission: group or others may read it; corrupt: not a key file, or the halves do not belong
  // together.
  [[nodiscard]] static Result<KeyPair> load(const std::filesystem::path& path);
  [[nodiscard]] static Result<KeyPair> load_or_create(const std::filesystem::path& path);
};

}  // namespace chieng

template <>
struct std::hash<chieng::PublicKey> {
  std::size_t operator()(const chieng::PublicKey& key) const noexcept {
    std::size_t out = 0;  // keys are uniform: any eight bytes will do
    for (std::size_t i = 0; i < sizeof out; ++i) out = out << 8 | key.bytes[i];
    return out;
  }
};
