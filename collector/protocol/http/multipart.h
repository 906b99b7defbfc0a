// A multipart body (RFC 2046 5.1) in pieces: tells where parts with a file name begin and end.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/bytes/bytes.h"

namespace chieng::collector::http {

class PartSink {
 public:
  virtual ~PartSink() = default;
  virtual void file_begins(std::string name) = 0;
  virtual void file_data(Bytes data) = 0;
  virtual void file_ends(bool whole) = 0;
  virtual void bad_part() = 0;  // headers too long or without an end
};

// Bound: kMaxPartHeaders bytes held.
class MultipartReader {
 public:
  static constexpr std::size_t kMaxPartHeaders = 16 * 1024;
  static constexpr std::size_t kMaxBoundary = 256;  // RFC 2046 allows 70

  // Nothing where the Content-Type is not multipart or has no usable boundary.
  [[nodiscard]] static std::optional<std::string> boundary(std::string_view content_type);

  MultipartReader(std::string_view boundary, PartSink& sink)
      : delimiter_("--" + std::string(boundary)), sink_(sink) {}
  void data(Bytes data);
  void finish();

 private:
  enum class State : std::uint8_t { preamble, after_delimiter, headers, content, epilogue };

  [[nodiscard]] std::size_t step(std::string_view in);  // bytes used; 0: more is needed
  std::size_t find_delimiter(std::string_view in);
  std::size_t read_delimiter_line(std::string_view in);
  std::size_t read_headers(std::string_view in);
  void put(std::string_view content);
  void end_part(bool whole);

  std::string delimiter_;
  PartSink& sink_;
  State state_ = State::preamble;
  bool in_file_ = false, line_start_ = true;
  std::string held_;
};

}  // namespace chieng::collector::http
