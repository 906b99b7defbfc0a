// The header block of a message: finding its end, splitting it leniently, and the views that rules
// want of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/inspect/catalogue.h"
#include "core/memory/pool.h"

namespace chieng::collector::http {

enum class Known : std::uint8_t {
  other,
  host,
  cookie,
  set_cookie,
  user_agent,
  referer,
  accept,
  accept_encoding,
  accept_language,
  content_type,
  content_length,
  connection,
  server,
  location,
  transfer_encoding,
  content_encoding,
  content_disposition,
  content_range,
  upgrade,
  authorization,
  forwarded_for,
  expect,
};

inline constexpr std::size_t kMaxField = 18'000;  // bytes of one header with its folds
inline constexpr std::size_t kMaxFields = 1024;   // of a block; more are ignored
inline constexpr std::size_t kMaxBlock = std::size_t{1} << 20;
inline constexpr unsigned kMaxRepetitions = 64;  // values joined under one name

// Finds the end of a header block in bytes that arrive in pieces. Remembers how far it looked.
class BlockScanner {
 public:
  explicit BlockScanner(Direction direction) : direction_(direction) {}
  // block: everything from the block's start on. Length of the block with its final blank line;
  // nothing: more is needed. at_end: nothing will follow (then all of it is the block).
  [[nodiscard]] std::optional<std::size_t> find_end(std::string_view block, bool at_end);
  [[nodiscard]] bool too_long() const { return too_long_; }
  void reset() { line_ = 0; }

 private:
  Direction direction_;
  std::size_t line_ = 0;  // start of the line that is next to be looked at
  bool too_long_ = false;
};

// What was odd about a block.
struct HeaderFlags {
  bool missing_colon = false, folded = false, invalid_name = false, blank_after_name = false,
       repeated = false, too_many = false, duplicate_length = false, deformed_eol = false;
};

// A parsed block. Names and values are kept once, as offsets; the joined views are made on first
// demand. Owned by a transaction; at most kMaxBlock bytes and as much again for joined values.
class Headers {
 public:
  struct View {
    std::string_view name, value;
    Known known;
  };

  void parse(std::string_view block, Direction direction);
  [[nodiscard]] bool empty() const { return fields_.empty(); }
  [[nodiscard]] std::size_t count() const { return fields_.size(); }
  [[nodiscard]] View at(std::size_t i) const;
  [[nodiscard]] std::optional<std::string_view> find(Known known) const;
  [[nodiscard]] const HeaderFlags& flags() const { return flags_; }

  [[nodiscard]] std::string_view raw() const { return raw_; }
  [[nodiscard]] const PooledString& normalised() const;      // "Name: value\r\n", without cookies
  [[nodiscard]] const PooledString& all() const;             // the same with cookies
  [[nodiscard]] const PooledString& names() const;           // "\r\nName\r\n…\r\n\r\n"
  [[nodiscard]] std::string_view line(std::size_t i) const;  // "Name: value" of one header

 private:
  struct Piece {
    std::uint32_t offset = 0, size = 0;
    bool joined = false;  // in joined_, not in raw_
  };
  struct Field {
    Piece name, value;
    Known known = Known::other;
    std::uint8_t repetitions = 0;
    std::uint32_t hash = 0;
  };

  void add(std::string_view logical, bool joined);
  void merge(Field& field, std::string_view value);
  [[nodiscard]] Field* same_name(std::string_view name, std::uint32_t hash);
  [[nodiscard]] Piece piece(std::string_view text, bool joined) const;
  [[nodiscard]] std::string_view text(Piece p) const;
  void build() const;

  PooledString raw_, joined_;
  PooledVector<Field> fields_;
  HeaderFlags flags_;
  mutable bool built_ = false;
  mutable PooledVector<std::uint32_t> lines_;
  mutable PooledString all_, normalised_, names_;
};

[[nodiscard]] Known known_header(std::string_view name);

}  // namespace chieng::collector::http
