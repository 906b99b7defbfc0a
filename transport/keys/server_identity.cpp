#include "transport/keys/server_identity.h"

#include <charconv>

#include "core/file/file.h"

namespace chieng {

Status ServerIdentity::save(const std::filesystem::path& path) const {
  return write_file_atomic(path,
                           "chieng-server 1\nuuid " + to_string(server) + "\ngeneration " +
                               std::to_string(generation) + "\n",
                           0644);
}

Result<ServerIdentity> ServerIdentity::load_or_create(const std::filesystem::path& path) {
  const auto text = read_file(path, 4096);
  if (!text) {
    if (text.error().code != ErrorCode::not_found) return std::unexpected(text.error());
    const ServerIdentity made{Uuid::random(), 1};
    CHIENG_CHECK(made.save(path));
    return made;
  }
  constexpr std::string_view kHead = "chieng-server 1\nuuid ", kMiddle = "\ngeneration ";
  const std::string_view all = *text;
  const auto bad = [&] {
    return fail(ErrorCode::corrupt, "this is not a whole server identity file", path.string());
  };
  if (!all.starts_with(kHead) || all.size() < kHead.size() + 32 + kMiddle.size() + 2) return bad();
  const auto server = parse_uuid(all.substr(kHead.size(), 32));
  if (!server || all.substr(kHead.size() + 32, kMiddle.size()) != kMiddle || all.back() != '\n')
    return bad();
  const std::string_view number = all.substr(kHead.size() + 32 + kMiddle.size());
  ServerIdentity out{*server, 0};
  const auto [end, error] =
      std::from_chars(number.data(), number.data() + number.size() - 1, out.generation);
  if (error != std::errc{} || end != number.data() + number.size() - 1) return bad();
  return out;
}

}  // namespace chieng
