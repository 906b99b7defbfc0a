// A message (RFC 5322) with its parts (RFC 2045, 2046) in pieces: its own header fields, the files
// that its parts carry, decoded, and the addresses of pages in its text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "collector/protocol/mime/transfer.h"
#include "collector/protocol/mime/urls.h"
#include "core/bytes/bytes.h"

namespace chieng::collector::mime {

enum class Fault : std::uint8_t {
  invalid_base64,
  invalid_qp,
  long_line,
  long_enc_line,
  long_header_name,
  long_header_value,
  long_boundary,
  long_filename,
};

// What a reader finds, in order. Views are valid for the call only.
class Sink : public UrlSink {
 public:
  // Of the message's own header: names as sent, values unfolded.
  virtual void field(std::string_view name, std::string_view value) = 0;
  virtual void header_done() = 0;
  virtual void attachment(std::string_view name) = 0;  // a part has a name; its file may follow
  virtual void file_begins(std::string_view name) = 0;
  virtual void file_data(Bytes data) = 0;
  virtual void file_ends(bool whole) = 0;
  virtual void body(Bytes data) = 0;    // all behind the header, as sent
  virtual void fault(Fault fault) = 0;  // each kind once
};

// Belongs to one message. Bound: kMaxHeld bytes of a line, kMaxField of a header field, kFlush of
// decoded text, and kMaxDepth delimiters.
class Reader {
 public:
  static constexpr std::size_t kMaxHeld = 8 * 1024;
  static constexpr std::size_t kMaxField = 16 * 1024;
  static constexpr std::size_t kMaxDepth = 32;
  static constexpr std::size_t kMaxFileName = 255;
  static constexpr std::size_t kFlush = 16 * 1024;

  explicit Reader(Sink& sink) : sink_(sink) {}
  void data(std::string_view data);
  void lost();              // bytes are missing here
  void finish(bool whole);  // whole: the message has ended, it was not cut off

 private:
  enum class State : std::uint8_t { header, content, skip };
  struct Part {
    std::string type;  // "text/plain" without parameters; empty: not told
    std::string name, boundary;
    bool has_name = false;
    Coding coding = Coding::none;
  };

  void line(std::string_view text, std::string_view end);
  void measure(std::string_view text, std::string_view end);
  [[nodiscard]] bool at_delimiter(std::string_view text);
  void header_line(std::string_view text, bool starts, std::string_view end);
  void end_field();
  void part_field(std::string_view name, std::string_view value);
  void set_name(std::string_view value, std::string_view parameter);
  void end_header();
  void start_content();
  void content(std::string_view text, std::string_view end);
  [[nodiscard]] bool begin_inline_file(std::string_view text);
  void flush();
  void end_part(bool whole);
  void fault(Fault f);

  Sink& sink_;
  State state_ = State::header;
  bool own_header_ = true;  // of the message itself, not of a part or of a message in it
  bool mid_line_ = false;   // the line's beginning was already handed on
  bool in_file_ = false, in_text_ = false;
  std::size_t line_size_ = 0;
  std::string held_, field_, decoded_;
  Part part_;
  Decoder decoder_;
  UrlFinder urls_;
  std::vector<std::string> delimiters_;  // of the multiparts that are open, outermost first
  unsigned faults_ = 0;
};

}  // namespace chieng::collector::mime
