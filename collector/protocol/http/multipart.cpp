#include "collector/protocol/http/multipart.h"

#include <algorithm>

#include "collector/protocol/file_support/file_name.h"
#include "collector/protocol/http/headers.h"
#include "collector/protocol/http/text.h"

namespace chieng::collector::http {

std::optional<std::string> MultipartReader::boundary(std::string_view content_type) {
  if (!starts_with_text(trim(content_type), "multipart/")) return std::nullopt;
  auto text = header_parameter(content_type, "boundary");
  if (!text || text->empty() || text->size() > kMaxBoundary) return std::nullopt;
  return text;
}

void MultipartReader::data(Bytes data) {
  held_ += as_text(data);
  std::string_view rest = held_;
  while (!rest.empty()) {
    const std::size_t used = step(rest);
    if (used == 0) break;
    rest.remove_prefix(used);
  }
  held_.erase(0, held_.size() - rest.size());
}

std::size_t MultipartReader::step(std::string_view in) {
  switch (state_) {
    case State::preamble:
    case State::content:
      return find_delimiter(in);
    case State::after_delimiter:
      return read_delimiter_line(in);
    case State::headers:
      return read_headers(in);
    case State::epilogue:
      return in.size();
  }
  return in.size();
}

// A delimiter stands at the start of a line; the line end before it is part of it.
std::size_t MultipartReader::find_delimiter(std::string_view in) {
  for (std::size_t from = 0;; ++from) {
    const std::size_t at = in.find(delimiter_, from);
    if (at == std::string_view::npos) break;
    from = at;
    if (at == 0 ? !line_start_ : in[at - 1] != '\n') continue;
    std::size_t end = at;
    if (end > 0) --end;
    if (end > 0 && at > 1 && in[end - 1] == '\r') --end;
    put(in.substr(0, end));
    end_part(true);
    state_ = State::after_delimiter;
    return at + delimiter_.size();
  }
  const std::size_t keep = delimiter_.size() + 2;
  if (in.size() <= keep) return 0;
  const std::size_t n = in.size() - keep;
  put(in.substr(0, n));
  line_start_ = in[n - 1] == '\n';
  return n;
}

std::size_t MultipartReader::read_delimiter_line(std::string_view in) {
  if (in.size() < 2 && in != "\n") return 0;
  if (in.starts_with("--")) {
    state_ = State::epilogue;
    return in.size();
  }
  const std::size_t lf = in.find('\n');
  if (lf == std::string_view::npos) return in.size() > kMaxPartHeaders ? in.size() : 0;
  state_ = State::headers;
  return lf + 1;
}

std::size_t MultipartReader::read_headers(std::string_view in) {
  BlockScanner scanner(Direction::to_server);
  const auto end = scanner.find_end(in, false);
  if (!end) {
    if (in.size() <= kMaxPartHeaders) return 0;
    sink_.bad_part();
    state_ = State::content;
    return 1;
  }
  Headers headers;
  headers.parse(in.substr(0, *end), Direction::to_server);
  state_ = State::content;
  line_start_ = true;
  const auto disposition = headers.find(Known::content_disposition);
  if (headers.flags().missing_colon) sink_.bad_part();
  auto name = disposition ? header_parameter(*disposition, "filename") : std::nullopt;
  if (name && !name->empty()) {
    in_file_ = true;
    sink_.file_begins(std::move(*name));
  }
  return *end;
}

void MultipartReader::put(std::string_view content) {
  if (in_file_ && !content.empty()) sink_.file_data(as_bytes(content));
}

void MultipartReader::end_part(bool whole) {
  if (in_file_) sink_.file_ends(whole);
  in_file_ = false;
}

void MultipartReader::finish() {
  if (state_ == State::content) put(held_);
  held_.clear();
  end_part(false);
  state_ = State::epilogue;
}

}  // namespace chieng::collector::http
