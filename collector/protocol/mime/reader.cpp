#include "collector/protocol/mime/reader.h"

#include <algorithm>
#include <utility>

#include "collector/protocol/mime/fields.h"

namespace chieng::collector::mime {
namespace {

// RFC 5322 2.1.1 and RFC 2045 6.7, 6.8; the others are customary.
constexpr std::size_t kLongLine = 998, kLongEncodedLine = 76, kLongName = 75, kLongValue = 2000,
                      kLongBoundary = 254;

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

bool starts_with_word(std::string_view text, std::string_view word) {
  return text.size() >= word.size() && same_word(text.substr(0, word.size()), word);
}

}  // namespace

void Reader::fault(Fault f) {
  const unsigned bit = 1u << static_cast<unsigned>(f);
  if ((std::exchange(faults_, faults_ | bit) & bit) == 0) sink_.fault(f);
}

void Reader::data(std::string_view data) {
  if (!own_header_) sink_.body(as_bytes(data));
  while (!data.empty()) {
    const std::size_t lf = data.find('\n');
    if (lf == std::string_view::npos) {
      held_ += data;
      if (held_.size() > kMaxHeld) line(std::exchange(held_, {}), {});
      break;
    }
    std::string_view text = data.substr(0, lf);
    data.remove_prefix(lf + 1);
    const std::string joined =
        held_.empty() ? std::string() : std::exchange(held_, {}).append(text);
    if (!joined.empty()) text = joined;
    std::string_view end = "\n";
    if (text.ends_with('\r')) {
      text.remove_suffix(1);
      end = "\r\n";
    }
    const bool header = own_header_;
    line(text, end);
    if (header && !own_header_) sink_.body(as_bytes(data));
  }
  flush();
}

void Reader::line(std::string_view text, std::string_view end) {
  const bool starts = !std::exchange(mid_line_, end.empty());
  measure(text, end);
  if (starts && text.starts_with("--") && at_delimiter(text)) return;
  if (state_ == State::header)
    header_line(text, starts, end);
  else if (state_ == State::content)
    content(text, end);
}

void Reader::measure(std::string_view text, std::string_view end) {
  line_size_ += text.size();
  if (line_size_ > kLongLine) fault(Fault::long_line);
  const Coding coding = decoder_.coding();
  if (line_size_ > kLongEncodedLine && state_ == State::content && in_file_ &&
      (coding == Coding::base64 || coding == Coding::quoted_printable))
    fault(Fault::long_enc_line);
  if (!end.empty()) line_size_ = 0;
}

// The delimiter of any multipart that is open: those in it that did not close are over.
bool Reader::at_delimiter(std::string_view text) {
  if (state_ == State::header) {
    // The blank line behind a multipart's header may be missing.
    end_field();
    if (!part_.boundary.empty() && text.substr(2).starts_with(part_.boundary)) end_header();
  }
  for (std::size_t n = delimiters_.size(); n > 0; --n) {
    const std::string& delimiter = delimiters_[n - 1];
    if (!text.starts_with(delimiter)) continue;
    const std::string_view rest = text.substr(delimiter.size());
    const bool closes = rest.starts_with("--");
    if (!closes && !trim(rest).empty()) continue;
    if (state_ == State::header) end_header();
    end_part(true);
    delimiters_.resize(closes ? n - 1 : n);
    state_ = closes ? State::skip : State::header;
    return true;
  }
  return false;
}

void Reader::header_line(std::string_view text, bool starts, std::string_view end) {
  const bool goes_on = !starts || (!text.empty() && is_blank(text.front()) && !field_.empty());
  if (goes_on) {
    if (field_.empty()) return;
    if (starts) text.remove_prefix(1);
    field_.append(text.substr(0, kMaxField - std::min(kMaxField, field_.size())));
    return;
  }
  end_field();
  if (text.empty() && !end.empty()) return end_header();
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return;
  if (colon > kLongName) fault(Fault::long_header_name);
  if (text.size() - colon - 1 > kLongValue) fault(Fault::long_header_value);
  field_ = text.substr(0, kMaxField);
}

void Reader::end_field() {
  if (field_.empty()) return;
  const std::string_view field = field_;
  const std::size_t colon = std::min(field.find(':'), field.size() - 1);
  const std::string_view name = trim(field.substr(0, colon));
  std::string_view value = field.substr(colon + 1);
  value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
  part_field(name, value);
  if (own_header_) sink_.field(name, value);
  field_.clear();
}

void Reader::part_field(std::string_view name, std::string_view value) {
  if (!starts_with_word(name, "content-")) return;
  if (same_word(name, "content-type")) {
    part_.type = trim(value.substr(0, value.find(';')));
    std::ranges::transform(part_.type, part_.type.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    });
    part_.boundary = parameter(value, "boundary").value_or("");
    if (part_.boundary.size() > kLongBoundary) fault(Fault::long_boundary);
    set_name(value, "name");
  } else if (same_word(name, "content-disposition")) {
    set_name(value, "filename");
  } else if (same_word(name, "content-transfer-encoding")) {
    part_.coding = parse_coding(value);
  }
}

void Reader::set_name(std::string_view value, std::string_view key) {
  if (part_.has_name) return;
  auto name = parameter(value, key);
  if (!name) return;
  if (name->size() > kMaxFileName) {
    fault(Fault::long_filename);
    name->resize(kMaxFileName);
  }
  part_.has_name = true;
  part_.name = std::move(*name);
}

void Reader::end_header() {
  end_field();
  if (std::exchange(own_header_, false)) sink_.header_done();
  if (part_.has_name) sink_.attachment(part_.name);
  const Part part = std::exchange(part_, {});
  state_ = State::content;
  if (!part.boundary.empty()) {
    if (delimiters_.size() < kMaxDepth) delimiters_.push_back("--" + part.boundary);
    state_ = State::skip;
    return;
  }
  // A message in the message begins with a header of its own.
  if (part.type.starts_with("message/rfc822") && part.coding == Coding::none) {
    state_ = State::header;
    return;
  }
  decoder_ = Decoder(part.coding);
  in_text_ = part.type.empty() || part.type == "text/plain" || part.type == "text/html" ||
             part.type.starts_with("message/");
  if (!part.has_name) return;
  in_file_ = true;
  sink_.file_begins(part.name);
}

void Reader::content(std::string_view text, std::string_view end) {
  if (!in_file_ && begin_inline_file(text)) return;
  if (!in_file_ && !in_text_) return;
  decoder_.line(text, end, decoded_);
  if (decoded_.size() >= kFlush) flush();
  if (!decoder_.has_ended()) return;
  // Behind an encoded file in plain text, the text goes on.
  const bool text_goes_on = in_text_;
  end_part(true);
  in_text_ = text_goes_on;
}

// uuencode without a word of it in the header.
bool Reader::begin_inline_file(std::string_view text) {
  if (!in_text_ || decoder_.coding() != Coding::none) return false;
  std::string_view name = uuencoded_name(text);
  if (name.empty()) return false;
  name = name.substr(0, kMaxFileName);
  flush();
  decoder_ = Decoder(Coding::uuencode);
  std::string nothing;
  decoder_.line(text, "\n", nothing);
  in_file_ = true;
  sink_.attachment(name);
  sink_.file_begins(name);
  return true;
}

void Reader::flush() {
  if (decoded_.empty()) return;
  if (in_file_) sink_.file_data(as_bytes(decoded_));
  if (in_text_) urls_.text(decoded_, sink_);
  decoded_.clear();
}

void Reader::end_part(bool whole) {
  decoder_.finish(decoded_);
  flush();
  if (in_text_) urls_.finish(sink_);
  if (decoder_.is_bad() && in_file_)
    fault(decoder_.coding() == Coding::base64 ? Fault::invalid_base64 : Fault::invalid_qp);
  if (in_file_) sink_.file_ends(whole);
  in_file_ = in_text_ = false;
  decoder_ = Decoder();
}

void Reader::lost() {
  held_.clear();
  mid_line_ = true;
  if (state_ == State::header) end_field();
}

void Reader::finish(bool whole) {
  if (!held_.empty()) line(std::exchange(held_, {}), {});
  if (state_ == State::header) end_header();
  end_part(whole);
  state_ = State::skip;
}

}  // namespace chieng::collector::mime
