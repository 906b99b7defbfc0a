// HPACK (RFC 7541): the header blocks of one direction of a connection.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes/reader.h"

namespace chieng::collector::http2 {

enum class FieldState : std::uint8_t { good, size_update, bad_index, bad_string, bad_integer };

// A decoded representation: a header, or a change of the table's size, or what could not be read.
struct Field {
  std::string name, value;
  std::uint64_t size_update = 0;
  FieldState state = FieldState::good;
};

struct DecodedBlock {
  std::vector<Field> fields;
  bool integer_overflow = false, invalid = false;
  bool too_large = false;  // more came out than is kept
};

// The receiver's table and decoder. A block that refers to entries which were never seen (a flow
// picked up in the middle) costs only those headers. Bounded: kMostTable bytes of table by RFC
// 7541's own measure, kMostDecoded bytes a block; a block that wants more than kMostWork bytes
// copied ends there. The size follows the updates in the blocks (RFC 7541 4.2 demands them for any
// change), not the settings, whose time of effect is not known to an onlooker.
class HeaderDecoder {
 public:
  static constexpr std::size_t kDefaultTable = 4096, kMostTable = 65'536;
  static constexpr std::size_t kMostDecoded = 256 * 1024, kMostFields = 1024;
  static constexpr std::size_t kMostWork = std::size_t{4} << 20;

  [[nodiscard]] DecodedBlock decode(Bytes block);

 private:
  struct Entry {
    std::string name, value;
    [[nodiscard]] std::size_t size() const { return name.size() + value.size() + 32; }
  };
  struct Name {
    std::string_view name, value;
    bool known = false;
  };

  [[nodiscard]] Field next(Reader& in);
  [[nodiscard]] Field indexed(Reader& in) const;
  [[nodiscard]] Field literal(Reader& in, unsigned prefix_bits, bool to_table);
  [[nodiscard]] Field resize(Reader& in);
  [[nodiscard]] Name find(std::uint64_t index) const;
  void keep(const Field& field);
  void evict(std::size_t limit);

  std::deque<Entry> table_;  // the newest first
  std::size_t size_ = 0, limit_ = kDefaultTable;
  bool odd_ = false;  // in the present block: a wrong Huffman code
};

}  // namespace chieng::collector::http2
