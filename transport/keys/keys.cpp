#include "transport/keys/keys.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#include <cerrno>
#include <cstring>

#include "core/bytes/bytes.h"
#include "core/file/file.h"
#include "core/hash/digest.h"

namespace chieng {
namespace {

constexpr std::string_view kFirstLine = "chieng-key 1\n";
constexpr std::size_t kZ85Bytes = 40;

std::string encode_z85(const std::array<std::uint8_t, 32>& bytes) {
  char text[kZ85Bytes + 1];
  zmq_z85_encode(text, bytes.data(), bytes.size());
  std::string out(text, kZ85Bytes);
  ::sodium_memzero(text, sizeof text);
  return out;
}

bool decode_z85(std::string_view text, std::array<std::uint8_t, 32>& out) {
  // libzmq indexes a table with each character: only printable ASCII may reach it.
  if (text.size() != kZ85Bytes) return false;
  for (const char c : text)
    if (c < 0x21 || c > 0x7e) return false;
  const std::string terminated(text);
  if (zmq_z85_decode(out.data(), terminated.c_str()) == nullptr) return false;
  return encode_z85(out) == text;
}

bool belong_together(const KeyPair& pair) {
  char derived[kZ85Bytes + 1];
  return zmq_curve_public(derived, encode_z85(pair.secret_key.bytes).c_str()) == 0 &&
         to_z85(pair.public_key) == std::string_view(derived, kZ85Bytes);
}

std::optional<std::string_view> line(std::string_view& text, std::string_view name) {
  if (!text.starts_with(name)) return std::nullopt;
  text.remove_prefix(name.size());
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view out = text.substr(0, end);
  text.remove_prefix(end + 1);
  return out;
}

}  // namespace

std::string to_z85(const PublicKey& key) {
  return encode_z85(key.bytes);
}

std::optional<PublicKey> parse_public_key(std::string_view z85) {
  PublicKey out;
  if (!decode_z85(z85, out.bytes)) return std::nullopt;
  return out;
}

std::string fingerprint(const PublicKey& key) {
  return digest_hex(DigestKind::sha256, as_bytes(key.bytes.data(), key.bytes.size())).substr(0, 8);
}

SecretKey::~SecretKey() {
  ::sodium_memzero(bytes.data(), bytes.size());
}

KeyPair KeyPair::generate() {
  char public_text[kZ85Bytes + 1], secret_text[kZ85Bytes + 1];
  // Fails only where libzmq was built without CURVE; nothing of this program works then.
  if (zmq_curve_keypair(public_text, secret_text) != 0) std::abort();
  KeyPair out;
  zmq_z85_decode(out.public_key.bytes.data(), public_text);
  zmq_z85_decode(out.secret_key.bytes.data(), secret_text);
  ::sodium_memzero(secret_text, sizeof secret_text);
  return out;
}

Status KeyPair::save(const std::filesystem::path& path) const {
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd && errno == EEXIST)
    return fail(ErrorCode::exists, "the key file is there already; nothing was written",
                path.string());
  if (!fd) return fail_errno("cannot create " + path.string(), errno);
  if (::fchmod(fd.get(), 0600) != 0)
    return fail_errno("cannot set the mode of " + path.string(), errno);
  std::string text(kFirstLine);
  text += "public " + to_z85(public_key) + "\nsecret " + encode_z85(secret_key.bytes) + "\n";
  Status written = write_all(fd.get(), text);
  ::sodium_memzero(text.data(), text.size());
  if (written && ::fsync(fd.get()) != 0)
    written = fail_errno("cannot sync " + path.string(), errno);
  if (!written) {
    ::unlink(path.c_str());  // half a key must not look like one
    return written;
  }
  const auto folder = path.parent_path();
  return sync_folder(folder.empty() ? "." : folder);
}

Result<KeyPair> KeyPair::load(const std::filesystem::path& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0)
    return fail_errno("cannot open the key file " + path.string(), errno);
  if ((info.st_mode & 077) != 0)
    return fail(ErrorCode::permission,
                "the key file can be used by group or others; run: chmod 600 " + path.string() +
                    ", and think about who may have read it",
                path.string());
  CHIENG_TRY(std::string text, read_file(path, 4096));
  KeyPair out;
  std::string_view rest = text;
  const bool first = line(rest, "chieng-key ") == "1";
  const auto public_text = line(rest, "public "), secret_text = line(rest, "secret ");
  const bool good = first && public_text && secret_text &&
                    decode_z85(*public_text, out.public_key.bytes) &&
                    decode_z85(*secret_text, out.secret_key.bytes) && belong_together(out);
  ::sodium_memzero(text.data(), text.size());
  if (!good)
    return fail(ErrorCode::corrupt, "this is not a whole key file of this program", path.string());
  return out;
}

Result<KeyPair> KeyPair::load_or_create(const std::filesystem::path& path) {
  auto known = load(path);
  if (known || known.error().code != ErrorCode::not_found) return known;
  KeyPair made = generate();
  CHIENG_CHECK(made.save(path));
  return made;
}

}  // namespace chieng
