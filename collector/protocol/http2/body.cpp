#include "collector/protocol/http2/body.h"

#include <utility>

namespace chieng::collector::http2 {
namespace {

WindowSettings window_of(const HttpSettings& http, Direction d) {
  if (d == Direction::to_server)
    return {http.request_body_limit, http.request_inspect_minimum, 4 * 1024};
  return {http.response_body_limit, http.response_inspect_minimum, 16 * 1024};
}

}  // namespace

Body::Body(ParserHost& host, Direction direction, std::string_view encoding)
    : host_(host),
      direction_(direction),
      file_("", direction, host.settings().files),
      window_(window_of(host.settings().http, direction)) {
  if (encoding.empty()) return;
  const auto coding =
      http::parse_content_coding(encoding, host.settings().http.response_body_decompress_layers);
  if (!coding.layers.empty())
    chain_ =
        std::make_unique<http::DecodeChain>(coding.layers, static_cast<http::DecodedSink&>(*this));
}

void Body::set_range(std::string host, std::string path, std::uint64_t offset, std::uint64_t end,
                     std::uint64_t size) {
  file_.set_range(offset, end);
  if (end - offset + 1 < size) range_ = Range{std::move(host), std::move(path), offset, size};
}

bool Body::data(Bytes data) {
  changed_ = false;
  if (chain_)
    chain_->decode(data);
  else
    decoded(data);
  return changed_;
}

void Body::decoded(Bytes data) {
  if (data.empty()) return;
  file_.update(data);
  changed_ |= window_.append(data);
  RangeStore* const store = range_ ? host_.ranges() : nullptr;
  if (store == nullptr) return;
  auto whole =
      store->add({range_->host, range_->path, range_->size, range_->offset, data}, direction_,
                 host_.settings().files, window_of(host_.settings().http, direction_));
  range_->offset += data.size();
  if (!whole) return;
  whole_ = std::move(whole);
  changed_ = true;
}

void Body::report(const Transaction& tx, FileView::State state) {
  if (whole_) whole_->tracked.finish(host_, tx, FileView::State::closed);
  file_.finish(host_, tx, state);
}

// A compressed stream does not survive a loss.
bool Body::gap(std::uint64_t bytes) {
  file_.gap(bytes);
  if (range_) range_->offset += bytes;
  return !chain_ && window_.gap(bytes);
}

bool Body::finish() {
  changed_ = false;
  if (chain_) chain_->finish();
  changed_ |= window_.finish();
  return changed_;
}

}  // namespace chieng::collector::http2
