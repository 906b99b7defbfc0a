#include "server/auth/secrets.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <semaphore>
#include <stdexcept>
#include <string>

#include "core/hash/digest.h"

namespace chieng::server {
namespace {

constexpr auto kOperations = crypto_pwhash_OPSLIMIT_INTERACTIVE;
constexpr std::size_t kMemory = crypto_pwhash_MEMLIMIT_INTERACTIVE;

std::counting_semaphore<2>& argon_slots() {
  static std::counting_semaphore<2> slots(2);
  return slots;
}

class ArgonSlot {
 public:
  ArgonSlot() { argon_slots().acquire(); }
  ~ArgonSlot() { argon_slots().release(); }
  ArgonSlot(const ArgonSlot&) = delete;
  ArgonSlot& operator=(const ArgonSlot&) = delete;
};

void need_sodium() {
  static const int state = sodium_init();
  if (state < 0) throw std::runtime_error("libsodium cannot start: no source of random numbers");
}

// What an unknown account is compared with, so that the answer takes as long as a wrong password's.
const std::string& decoy_hash() {
  static const std::string hash = hash_password(random_secret()).value_or(std::string{});
  return hash;
}

std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(std::ranges::count_if(
      utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c;
  });
  return out;
}

}  // namespace

Status check_password_policy(std::string_view password, std::string_view user_name) {
  if (const auto n = characters(password); n < kPasswordMinimum)
    return fail(ErrorCode::invalid_argument, "the password has " + std::to_string(n) +
                                                 " characters; at least " +
                                                 std::to_string(kPasswordMinimum) + " are needed");
  if (password.size() > kPasswordMaximum)
    return fail(ErrorCode::invalid_argument,
                "the password is over " + std::to_string(kPasswordMaximum) + " bytes");
  if (user_name.size() >= 4 && lower(password).find(lower(user_name)) != std::string::npos)
    return fail(ErrorCode::invalid_argument,
                "the password contains the user's name; choose one that does not");
  if (std::ranges::all_of(password, [&](char c) { return c == password.front(); }))
    return fail(ErrorCode::invalid_argument,
                "the password is one character repeated; choose another");
  return {};
}

Result<std::string> hash_password(std::string_view password) {
  need_sodium();
  const ArgonSlot slot;
  std::array<char, crypto_pwhash_STRBYTES> out{};
  if (crypto_pwhash_str(out.data(), password.data(), password.size(), kOperations, kMemory) != 0)
    return fail(ErrorCode::unavailable, "no memory to hash a password (64 MiB are needed)");
  return std::string(out.data());
}

bool password_matches(std::string_view password, const std::string& hash) {
  need_sodium();
  const std::string& against = hash.empty() ? decoy_hash() : hash;
  const ArgonSlot slot;
  const bool same =
      crypto_pwhash_str_verify(against.c_str(), password.data(), password.size()) == 0;
  return same && !hash.empty();
}

std::string random_secret() {
  need_sodium();
  std::array<unsigned char, 32> raw{};
  randombytes_buf(raw.data(), raw.size());
  std::string text(sodium_base64_ENCODED_LEN(raw.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING),
                   '\0');
  sodium_bin2base64(text.data(), text.size(), raw.data(), raw.size(),
                    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  sodium_memzero(raw.data(), raw.size());
  text.pop_back();  // the terminating zero
  return text;
}

std::string secret_hash(std::string_view secret) {
  return digest_hex(DigestKind::sha256, as_bytes(secret));
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string one_time_password() {
  need_sodium();
  constexpr std::string_view letters = "abcdefghjkmnpqrstuvwxyz23456789";
  std::string out;
  for (int i = 0; i < 20; ++i) {
    if (i > 0 && i % 4 == 0) out += '-';
    out += letters[randombytes_uniform(letters.size())];
  }
  return out;
}

NewApiToken make_api_token() {
  NewApiToken token;
  token.text = std::string(kApiTokenPrefix) + random_secret();
  token.hash = secret_hash(token.text);
  return token;
}

}  // namespace chieng::server
