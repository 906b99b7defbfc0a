#include <algorithm>
#include <string>
#include <utility>

#include "collector/protocol/http/decompress/content_coding.h"

namespace chieng::collector::http {
namespace {

constexpr int kRestarts = 3;
constexpr std::size_t kProbation =
    1024;  // decoded bytes until a format without proof counts as the right one

// Formats whose start tells them from text. What else comes out first may be noise.
bool has_magic(Coding coding) {
  return coding == Coding::gzip || coding == Coding::lzma;
}

Coding next_format(Coding failed) {
  switch (failed) {
    case Coding::gzip:
      return Coding::deflate_raw;
    case Coding::deflate_raw:
      return Coding::zlib;
    case Coding::zlib:
      return Coding::gzip;
    case Coding::brotli:
    case Coding::lzma:
      break;
  }
  return Coding::deflate_raw;
}

}  // namespace

// One decoder with its fallbacks. While nothing has come out, its input is remembered for the next
// try. Output of a fallback, or of a format without a magic number, is held until it has proved
// itself: text that is no deflate stream often starts like one.
class DecodeChain::Layer final : public DecodedSink {
 public:
  Layer(Coding coding, DecodedSink& next, Budget& budget)
      : coding_(coding),
        next_(next),
        budget_(budget),
        decoder_(make_decoder(coding)),
        catcher_(*this) {}

  void decoded(Bytes data) override;
  [[nodiscard]] bool wants_more() const override {
    return mode_ != Mode::drop && !budget_.bomb && next_.wants_more();
  }
  void finish();
  [[nodiscard]] bool failed() const { return broken_; }
  [[nodiscard]] bool memory_limit() const { return memory_limit_; }

 private:
  enum class Mode : std::uint8_t { decode, pass, drop };

  class Catcher final : public DecodedSink {
   public:
    explicit Catcher(Layer& layer) : layer_(layer) {}
    void decoded(Bytes data) override { layer_.took(data); }
    [[nodiscard]] bool wants_more() const override { return layer_.wants_more(); }

   private:
    Layer& layer_;
  };

  void run(Bytes data);
  bool restart();  // false: no format is left
  void took(Bytes data);
  void put_out(Bytes data);
  void settle();
  void pass_through();

  Coding coding_;
  DecodedSink& next_;
  Budget& budget_;
  std::unique_ptr<Decoder> decoder_;
  Catcher catcher_;
  Mode mode_ = Mode::decode;
  bool settled_ = false, broken_ = false, memory_limit_ = false;
  int restarts_ = 0;
  std::string input_, output_;
  std::uint64_t out_ = 0;
};

void DecodeChain::Layer::decoded(Bytes data) {
  if (mode_ == Mode::pass) next_.decoded(data);
  if (mode_ != Mode::decode) return;
  if (!settled_) input_ += as_text(data);
  run(data);
  if (mode_ == Mode::decode && !settled_ && input_.size() > kMaxHeld) settle();
}

void DecodeChain::Layer::run(Bytes data) {
  std::string again;
  while (true) {
    const DecodeState state = decoder_->decode(data, catcher_);
    if (state == DecodeState::more) return;
    if (state == DecodeState::end) {
      settle();
      mode_ = Mode::drop;
      return;
    }
    memory_limit_ |= state == DecodeState::memory_limit;
    if (settled_) {
      broken_ = true;
      mode_ = Mode::drop;
      return;
    }
    if (!restart()) return pass_through();
    again = input_;  // input_ may be let go while it is decoded
    data = as_bytes(again);
  }
}

bool DecodeChain::Layer::restart() {
  output_.clear();
  if (restarts_ == kRestarts) return false;
  ++restarts_;
  coding_ = next_format(coding_);
  decoder_ = make_decoder(coding_);
  return true;
}

void DecodeChain::Layer::took(Bytes data) {
  if (settled_) return put_out(data);
  output_ += as_text(data);
  if ((restarts_ == 0 && has_magic(coding_)) || output_.size() >= kProbation) settle();
}

void DecodeChain::Layer::put_out(Bytes data) {
  out_ += data.size();
  if (out_ > kBombSize && out_ > kBombRatio * budget_.input) budget_.bomb = true;
  next_.decoded(data);
}

void DecodeChain::Layer::settle() {
  if (settled_) return;
  settled_ = true;
  input_ = {};
  const std::string held = std::exchange(output_, {});
  if (!held.empty()) put_out(as_bytes(held));
}

void DecodeChain::Layer::pass_through() {
  mode_ = Mode::pass;
  const std::string held = std::exchange(input_, {});
  output_ = {};
  next_.decoded(as_bytes(held));
}

void DecodeChain::Layer::finish() {
  if (mode_ != Mode::decode || settled_) return;
  // Without an end, a stream that nobody named is no proof of its format.
  if (restarts_ > 0)
    pass_through();
  else
    settle();
}

DecodeChain::DecodeChain(const std::vector<Coding>& layers, DecodedSink& out) {
  DecodedSink* next = &out;
  for (const Coding coding : layers) {
    layers_.push_back(std::make_unique<Layer>(coding, *next, budget_));
    next = layers_.back().get();
  }
  std::ranges::reverse(layers_);  // what was applied last is undone first
}

DecodeChain::~DecodeChain() = default;

void DecodeChain::decode(Bytes data) {
  budget_.input += data.size();
  if (!budget_.bomb) layers_.front()->decoded(data);
}

void DecodeChain::finish() {
  for (const auto& layer : layers_) layer->finish();
}

bool DecodeChain::failed() const {
  return std::ranges::any_of(layers_, [](const auto& l) { return l->failed(); });
}

bool DecodeChain::memory_limit() const {
  return std::ranges::any_of(layers_, [](const auto& l) { return l->memory_limit(); });
}

}  // namespace chieng::collector::http
