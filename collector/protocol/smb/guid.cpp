#include "collector/protocol/smb/guid.h"

#include <array>

namespace chieng::collector::smb {
namespace {

std::string reversed_hex(Bytes bytes) {
  std::string turned;
  for (std::size_t i = bytes.size(); i-- > 0;) turned += static_cast<char>(bytes[i]);
  return to_hex(as_bytes(turned));
}

}  // namespace

std::string guid_text(Bytes bytes) {
  if (bytes.size() != 16) return reversed_hex(bytes);
  std::string out;
  std::size_t at = 0;
  for (const std::size_t size : std::array<std::size_t, 4>{4, 2, 2, 2}) {
    out += reversed_hex(bytes.subspan(at, size)) + '-';
    at += size;
  }
  return out + reversed_hex(bytes.subspan(at, 2)) + reversed_hex(bytes.subspan(at + 2));
}

}  // namespace chieng::collector::smb
