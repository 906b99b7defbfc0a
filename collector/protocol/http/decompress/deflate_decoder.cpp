#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "collector/protocol/http/decompress/decoder.h"
#include "collector/protocol/http/decompress/gzip_header.h"

namespace chieng::collector::http {
namespace {

using State = std::unique_ptr<inflate_state>;

// States are large, and most bodies are small: some are kept. One worker's, as all decoders are.
class States {
 public:
  static constexpr std::size_t kMost = 16;

  [[nodiscard]] State take() {
    State out;
    if (spares_.empty()) {
      out = State(new inflate_state);
    } else {
      out = std::move(spares_.back());
      spares_.pop_back();
    }
    isal_inflate_init(out.get());
    out->crc_flag = ISAL_DEFLATE;
    return out;
  }
  void give(State state) {
    if (state && spares_.size() < kMost) spares_.push_back(std::move(state));
  }

 private:
  std::vector<State> spares_;
};

States& states() {
  thread_local States kept;
  return kept;
}

// What was handed on already is not handed on again.
class Rest final : public DecodedSink {
 public:
  Rest(DecodedSink& out, std::uint64_t skip) : out_(out), skip_(skip) {}
  void decoded(Bytes data) override {
    const std::size_t drop = std::min<std::uint64_t>(skip_, data.size());
    skip_ -= drop;
    if (drop < data.size()) out_.decoded(data.subspan(drop));
  }
  [[nodiscard]] bool wants_more() const override { return out_.wants_more(); }

 private:
  DecodedSink& out_;
  std::uint64_t skip_;
};

// gzip (a header, of which only the end is needed, and a trailer that is not checked) and deflate
// by ISA-L, two to three times as fast as zlib. How much of a damaged stream can be read is what
// zlib makes of it, as receivers do: where ISA-L fails, zlib decodes it anew. Bound: kMaxKept bytes
// of input; a stream that fails behind them ends there.
class DeflateDecoder final : public Decoder {
 public:
  static constexpr std::size_t kMaxKept = 64 * 1024;

  explicit DeflateDecoder(Coding coding) : gzip_(coding == Coding::gzip), state_(states().take()) {}
  ~DeflateDecoder() override { states().give(std::move(state_)); }
  DeflateDecoder(const DeflateDecoder&) = delete;
  DeflateDecoder& operator=(const DeflateDecoder&) = delete;

  DecodeState decode(Bytes in, DecodedSink& out) override {
    if (zlib_) return zlib_->decode(in, out);
    if (gzip_) {
      const GzipHeader::State state = header_.feed(in);
      if (state == GzipHeader::State::invalid) return DecodeState::error;
      if (state == GzipHeader::State::more) return DecodeState::more;
    }
    keep(in);
    state_->next_in = const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(in.data()));
    state_->avail_in = static_cast<std::uint32_t>(in.size());
    while (out.wants_more()) {
      std::array<std::byte, kPiece> piece;
      state_->next_out = reinterpret_cast<std::uint8_t*>(piece.data());
      state_->avail_out = static_cast<std::uint32_t>(piece.size());
      const int result = isal_inflate(state_.get());
      if (result < 0 && !too_long_) return decode_anew(out);
      const std::size_t n = piece.size() - state_->avail_out;
      handed_on_ += n;
      if (n > 0) out.decoded(Bytes(piece.data(), n));
      if (result < 0) return DecodeState::error;
      if (state_->block_state == ISAL_BLOCK_FINISH) return DecodeState::end;
      if (state_->avail_out != 0) break;
    }
    return DecodeState::more;
  }

 private:
  void keep(Bytes in) {
    too_long_ = too_long_ || kept_.size() + in.size() > kMaxKept;
    if (too_long_)
      kept_ = {};
    else
      kept_ += as_text(in);
  }

  DecodeState decode_anew(DecodedSink& out) {
    zlib_ = make_zlib_decoder(Coding::deflate_raw);
    Rest rest(out, handed_on_);
    const DecodeState state = zlib_->decode(as_bytes(kept_), rest);
    kept_ = {};
    return state;
  }

  bool gzip_;
  bool too_long_ = false;
  std::uint64_t handed_on_ = 0;
  State state_;
  GzipHeader header_;
  std::string kept_;
  std::unique_ptr<Decoder> zlib_;  // where ISA-L failed
};

}  // namespace

std::unique_ptr<Decoder> make_deflate_decoder(Coding coding) {
  return std::make_unique<DeflateDecoder>(coding);
}

}  // namespace chieng::collector::http
