// Content-Transfer-Encoding (RFC 2045 6) and uuencode, a line at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace chieng::collector::mime {

enum class Coding : std::uint8_t { none, base64, quoted_printable, uuencode };

// Of a header value: "Base64 (comment)" is base64; unknown ones are none.
[[nodiscard]] Coding parse_coding(std::string_view value);

// Belongs to one part of a message. Holds a few bytes.
class Decoder {
 public:
  explicit Decoder(Coding coding = Coding::none) : coding_(coding) {}

  // Appends what the text decodes to. end: the line's end, a literal, empty where the line goes on.
  // The last line's end belongs to what follows the part and is left out.
  void line(std::string_view text, std::string_view end, std::string& out);
  void finish(std::string& out);

  [[nodiscard]] Coding coding() const { return coding_; }
  [[nodiscard]] bool is_bad() const { return bad_; }       // not what the coding allows
  [[nodiscard]] bool has_ended() const { return ended_; }  // uuencode's "end"

 private:
  void base64(std::string_view text, std::string& out);
  std::size_t base64_groups(std::string_view text, std::string& out) const;
  void quoted_printable(std::string_view text, std::string_view end, std::string& out);
  void end_of_escape(std::string& out);
  void uuencode(std::string_view text, std::string& out);
  void end_of_line(std::string_view end, std::string& out);

  Coding coding_;
  std::string waiting_;   // blanks, or the beginning of an escape
  std::string_view end_;  // of the line before: "\r\n" or "\n", a literal
  std::uint32_t bits_ = 0;
  unsigned digits_ = 0;
  bool begun_ = false, ended_ = false, bad_ = false;
};

// uuencode's first line, "begin 644 name": the name, empty where it is none.
[[nodiscard]] std::string_view uuencoded_name(std::string_view line);

}  // namespace chieng::collector::mime
