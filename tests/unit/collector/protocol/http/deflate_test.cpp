// What ISA-L and zlib make of the same streams, whole, cut and damaged.
#include <gtest/gtest.h>

#include <random>

#include "collector/protocol/http/decompress/decoder.h"
#include "tests/unit/collector/protocol/http/coded.h"

namespace chieng::collector::test {
namespace {

using http::Coding;
using http::Decoder;
using http::DecodeState;

struct Out final : http::DecodedSink {
  void decoded(Bytes data) override { text += as_text(data); }
  [[nodiscard]] bool wants_more() const override { return true; }
  std::string text;
  DecodeState state = DecodeState::more;
};

Out run(std::unique_ptr<Decoder> decoder, std::string_view in, std::size_t piece) {
  Out out;
  while (!in.empty() && out.state == DecodeState::more) {
    const std::size_t n = std::min(piece, in.size());
    out.state = decoder->decode(as_bytes(in.substr(0, n)), out);
    in.remove_prefix(n);
  }
  return out;
}

std::string words(std::mt19937& chance, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    const auto word = chance() % 90;
    out += "word" + std::to_string(word * word) + (word % 7 == 0 ? "\r\n" : " ");
  }
  return out;
}

void expect_same(Coding coding, std::string_view in, std::size_t piece) {
  const Out fast = run(http::make_deflate_decoder(coding), in, piece);
  const Out slow = run(http::make_zlib_decoder(coding), in, piece);
  EXPECT_EQ(fast.state, slow.state);
  EXPECT_EQ(fast.text, slow.text) << "size " << in.size() << ", pieces of " << piece;
}

TEST(Deflate, WholeAndCutStreams) {
  std::mt19937 chance(1);
  for (const std::size_t count : {1, 30, 4000, 30'000}) {
    const std::string text = words(chance, count);
    for (const std::size_t piece : {7, 1460, 100'000}) {
      expect_same(Coding::gzip, gzip(text), piece);
      expect_same(Coding::deflate_raw, raw_deflate(text), piece);
    }
    const std::string whole = raw_deflate(text);
    EXPECT_EQ(run(http::make_deflate_decoder(Coding::deflate_raw), whole, 999).text, text);
    for (int i = 0; i < 40; ++i)
      expect_same(Coding::deflate_raw, std::string_view(whole).substr(0, chance() % whole.size()),
                  1460);
  }
}

TEST(Deflate, DamagedStreams) {
  std::mt19937 chance(2);
  for (int i = 0; i < 3000; ++i) {
    std::string stream = raw_deflate(words(chance, 1 + chance() % 600));
    for (auto n = 1 + chance() % 3; n > 0; --n)
      stream[chance() % stream.size()] = static_cast<char>(chance() & 0xff);
    const std::size_t piece = i % 2 == 0 ? 1460 : 13;
    // ISA-L may take a few bytes more, of codes that zlib does not.
    const Out fast = run(http::make_deflate_decoder(Coding::deflate_raw), stream, piece);
    const Out slow = run(http::make_zlib_decoder(Coding::deflate_raw), stream, piece);
    ASSERT_TRUE(fast.text.starts_with(slow.text)) << i;
  }
}

// A stream that fails where nothing is kept any more ends there, and never harms.
TEST(Deflate, DamageFarInside) {
  std::mt19937 chance(3);
  std::string text(400'000, ' ');
  for (char& c : text) c = static_cast<char>(chance() % 64);
  std::string stream = raw_deflate(text);
  for (std::size_t at = 200'000; at < 200'400; ++at) stream[at] = '\xff';
  const Out fast = run(http::make_deflate_decoder(Coding::deflate_raw), stream, 1460);
  EXPECT_GT(fast.text.size(), 200'000u);
  EXPECT_EQ(fast.text.substr(0, 200'000), text.substr(0, 200'000));
}

}  // namespace
}  // namespace chieng::collector::test
