#include "core/hash/digest.h"

#include <openssl/evp.h>

#include <new>

namespace chieng {
namespace {

// Found once: EVP_md5() and its like would be looked up, under locks, for each digest.
const EVP_MD* algorithm(DigestKind kind) {
  static const EVP_MD* const md5 = EVP_MD_fetch(nullptr, "MD5", nullptr);
  static const EVP_MD* const sha1 = EVP_MD_fetch(nullptr, "SHA1", nullptr);
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  switch (kind) {
    case DigestKind::md5:
      return md5;
    case DigestKind::sha1:
      return sha1;
    case DigestKind::sha256:
      return sha256;
  }
  return sha256;
}

struct ContextDeleter {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

}  // namespace

struct Digest::State {
  std::unique_ptr<EVP_MD_CTX, ContextDeleter> context{EVP_MD_CTX_new()};
};

Digest::Digest(DigestKind kind) : state_(std::make_unique<State>()) {
  if (!state_->context || EVP_DigestInit_ex(state_->context.get(), algorithm(kind), nullptr) != 1)
    throw std::bad_alloc();
}
Digest::~Digest() = default;
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;

void Digest::update(Bytes data) {
  EVP_DigestUpdate(state_->context.get(), data.data(), data.size());
}

std::string Digest::finish() {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_DigestFinal_ex(state_->context.get(), out, &size);
  return {reinterpret_cast<const char*>(out), size};
}

std::size_t digest_to(DigestKind kind, Bytes data, std::array<std::byte, kLongestDigest>& out) {
  thread_local const std::unique_ptr<EVP_MD_CTX, ContextDeleter> context(EVP_MD_CTX_new());
  unsigned int size = 0;
  if (!context || EVP_DigestInit_ex(context.get(), algorithm(kind), nullptr) != 1 ||
      EVP_DigestUpdate(context.get(), data.data(), data.size()) != 1 ||
      EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size) != 1)
    throw std::bad_alloc();
  return size;
}

std::string digest(DigestKind kind, Bytes data) {
  std::array<std::byte, kLongestDigest> out;
  const std::size_t size = digest_to(kind, data, out);
  return std::string(as_text(Bytes(out).first(size)));
}

std::string digest_hex(DigestKind kind, Bytes data) {
  std::array<std::byte, kLongestDigest> out;
  const std::size_t size = digest_to(kind, data, out);
  return to_hex(Bytes(out).first(size));
}

}  // namespace chieng
