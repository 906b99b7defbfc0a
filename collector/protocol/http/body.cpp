#include "collector/protocol/http/body.h"

#include <algorithm>

#include "collector/protocol/file_support/file_name.h"
#include "collector/protocol/file_support/range_store.h"
#include "collector/protocol/http/content_range.h"

namespace chieng::collector::http {
namespace {
constexpr std::size_t kMaxFileName = 4096;
}

void Body::start(HttpTransaction& tx, bool decode) {
  tx_ = &tx;
  chain_.reset();
  parts_.reset();
  file_open_ = part_open_ = false;
  range_at_.reset();
  if (decode) start_decoding();
  if (direction_ != Direction::to_server) return;
  if (const auto type = message().headers.find(Known::content_type))
    if (const auto boundary = MultipartReader::boundary(*type))
      parts_.emplace(*boundary, static_cast<PartSink&>(*this));
}

void Body::start_decoding() {
  const auto value = message().headers.find(Known::content_encoding);
  if (!value) return;
  const ContentCoding coding = parse_content_coding(
      *value, connection_.host.settings().http.response_body_decompress_layers);
  if (coding.abnormal) connection_.event(tx_, Event::e_abnormal_ce_header, direction_);
  if (coding.too_many) connection_.event(tx_, Event::e_too_many_encoding_layers, direction_);
  if (!coding.layers.empty()) chain_.emplace(coding.layers, static_cast<DecodedSink&>(*this));
}

void Body::data(Bytes data) {
  message().length += data.size();
  if (chain_)
    chain_->decode(data);
  else
    decoded(data);
}

void Body::gap(std::uint64_t bytes) {
  message().length += bytes;
  open_file();
  if (file_open_) message().files.front().tracked.gap(bytes);
  if (range_at_) *range_at_ += bytes;
  if (chain_)
    return;  // a compressed stream does not survive the loss, but what follows may still be counted
  if (message().body.gap(bytes)) tx_->touch(direction_);
}

void Body::decoded(Bytes data) {
  if (data.empty()) return;
  open_file();
  if (file_open_) message().files.front().tracked.update(data);
  if (range_at_) add_to_range(data);
  if (message().body.append(data)) tx_->touch(direction_);
  if (parts_) parts_->data(data);
}

void Body::finish(FileView::State state) {
  if (chain_) {
    chain_->finish();
    report_decoding();
  }
  if (parts_) parts_->finish();
  if (message().body.finish()) tx_->touch(direction_);
  if (file_open_) message().files.front().tracked.finish(connection_.host, *tx_, state);
  chain_.reset();
  parts_.reset();
  file_open_ = false;
}

void Body::report_decoding() {
  if (chain_->failed()) connection_.event(tx_, Event::e_gzip_decompression_failed, direction_);
  if (chain_->memory_limit()) connection_.event(tx_, Event::e_lzma_memlimit_reached, direction_);
  if (chain_->bomb()) connection_.event(tx_, Event::e_compression_bomb, direction_);
}

// A response's body is a file; a request's is one where it is there to be stored.
bool Body::is_file() const {
  return direction_ == Direction::to_client ||
         (!parts_ && (tx_->method == "POST" || tx_->method == "PUT"));
}

void Body::open_file() {
  if (file_open_ || !is_file() || !message().files.empty()) return;
  const auto disposition = message().headers.find(Known::content_disposition);
  auto name = disposition ? header_parameter(*disposition, "filename") : std::nullopt;
  if (!name || name->empty()) name = tx_->path;
  if (name->size() > kMaxFileName) {
    connection_.event(tx_, Event::e_file_name_too_long, direction_);
    name->resize(kMaxFileName);
  }
  message().files.push_back(
      {TrackedFile(std::move(*name), direction_, connection_.host.settings().files), {}});
  file_open_ = true;
  const auto range = message().headers.find(Known::content_range);
  if (!range) return;
  const auto parsed = parse_content_range(*range);
  if (!parsed) connection_.event(tx_, Event::e_range_invalid, direction_);
  if (!parsed || !parsed->start) return;
  message().files.front().tracked.set_range(*parsed->start, *parsed->end);
  if (!parsed->size || *parsed->end - *parsed->start + 1 >= *parsed->size) return;
  range_at_ = parsed->start;
  range_size_ = *parsed->size;
}

// The part that completes a file brings the whole one, as a second file.
void Body::add_to_range(Bytes data) {
  RangeStore* const store = connection_.host.ranges();
  if (store == nullptr) return;
  const HttpSettings& http = connection_.host.settings().http;
  auto whole = store->add({tx_->host, tx_->path, range_size_, *range_at_, data}, direction_,
                          connection_.host.settings().files,
                          {http.response_body_limit, http.response_inspect_minimum, 16 * 1024});
  *range_at_ += data.size();
  if (!whole || message().files.size() >= kMaxFiles) return;
  message().files.push_back({std::move(whole->tracked), std::move(whole->window)});
  message().files.back().tracked.finish(connection_.host, *tx_, FileView::State::closed);
  tx_->touch(direction_);
}

void Body::file_begins(std::string name) {
  if (message().files.size() >= kMaxFiles) {
    connection_.event(tx_, Event::e_multipart_generic_error, direction_);
    return;
  }
  if (name.size() > kMaxFileName) {
    connection_.event(tx_, Event::e_file_name_too_long, direction_);
    name.resize(kMaxFileName);
  }
  const HttpSettings& http = connection_.host.settings().http;
  // All parts together keep no more than a body may.
  std::uint64_t left = http.request_body_limit;
  for (const HttpFile& f : message().files) left -= std::min(left, f.tracked.size());
  if (http.request_body_limit != 0 && left == 0) left = 1;
  message().files.push_back(
      {TrackedFile(std::move(name), direction_, connection_.host.settings().files),
       InspectionWindow({left, http.request_inspect_minimum, 4 * 1024})});
  part_open_ = true;
}

void Body::file_data(Bytes data) {
  if (!part_open_) return;
  HttpFile& file = message().files.back();
  file.tracked.update(data);
  if (file.own_window->append(data)) tx_->touch(direction_);
}

void Body::file_ends(bool whole) {
  if (!part_open_) return;
  part_open_ = false;
  HttpFile& file = message().files.back();
  if (file.own_window->finish()) tx_->touch(direction_);
  if (file.tracked.size() == 0) connection_.event(tx_, Event::e_multipart_no_filedata, direction_);
  file.tracked.finish(connection_.host, *tx_,
                      whole ? FileView::State::closed : FileView::State::truncated);
}

void Body::bad_part() {
  connection_.event(tx_, Event::e_multipart_invalid_header, direction_);
}

}  // namespace chieng::collector::http
