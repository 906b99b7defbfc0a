#include "collector/protocol/file_support/tracked_file.h"

namespace chieng::collector {

TrackedFile::TrackedFile(std::string name, Direction direction, const FileSettings& settings)
    : name_(std::move(name)), direction_(direction) {
  if (settings.md5) md5_.emplace(DigestKind::md5);
  if (settings.sha1) sha1_.emplace(DigestKind::sha1);
  if (settings.sha256) sha256_.emplace(DigestKind::sha256);
}

void TrackedFile::update(Bytes data) {
  if (ended_) return;
  size_ += data.size();
  if (gaps_) return;
  if (md5_) md5_->update(data);
  if (sha1_) sha1_->update(data);
  if (sha256_) sha256_->update(data);
}

void TrackedFile::gap(std::uint64_t bytes) {
  size_ += bytes;
  gaps_ = true;
}

FileView TrackedFile::view(const Transaction& tx) const {
  FileView view;
  view.name = name_;
  view.size = size_;
  view.tx_id = tx.id();
  view.direction = direction_;
  view.gaps = gaps_;
  view.state = state_;
  if (range_) {
    view.range_start = range_->start;
    view.range_end = range_->end;
  }
  view.md5 = md5_hex_, view.sha1 = sha1_hex_, view.sha256 = sha256_hex_;
  return view;
}

void TrackedFile::finish(ParserHost& host, const Transaction& tx, FileView::State state) {
  if (ended_) return;
  ended_ = true;
  state_ = gaps_ && state == FileView::State::closed ? FileView::State::truncated : state;
  if (state_ == FileView::State::closed) {
    if (md5_) md5_hex_ = to_hex(as_bytes(md5_->finish()));
    if (sha1_) sha1_hex_ = to_hex(as_bytes(sha1_->finish()));
    if (sha256_) sha256_hex_ = to_hex(as_bytes(sha256_->finish()));
  }
  host.file(&tx, view(tx));
}

}  // namespace chieng::collector
