#include "collector/protocol/http2/hpack.h"

#include <gtest/gtest.h>

#include "collector/protocol/http2/huffman.h"
#include "tests/unit/collector/frames.h"

namespace chieng::collector::http2 {
namespace {

using test::hex;

std::string text_of(const DecodedBlock& block) {
  std::string out;
  for (const Field& f : block.fields)
    out += f.state == FieldState::size_update ? "=" + std::to_string(f.size_update) + "\n"
           : f.state == FieldState::good      ? f.name + ": " + f.value + "\n"
                                              : "!\n";
  return out;
}

DecodedBlock decode(HeaderDecoder& decoder, const std::string& bytes) {
  return decoder.decode(as_bytes(bytes));
}

// RFC 7541 C.4
TEST(Hpack, RequestsWithHuffmanAndTable) {
  HeaderDecoder d;
  EXPECT_EQ(text_of(decode(d, hex("828684418cf1e3c2e5f23a6ba0ab90f4ff"))),
            ":method: GET\n:scheme: http\n:path: /\n:authority: www.example.com\n");
  EXPECT_EQ(text_of(decode(d, hex("828684be5886a8eb10649cbf"))),
            ":method: GET\n:scheme: http\n:path: /\n:authority: www.example.com\n"
            "cache-control: no-cache\n");
  EXPECT_EQ(text_of(decode(d, hex("828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf"))),
            ":method: GET\n:scheme: https\n:path: /index.html\n:authority: www.example.com\n"
            "custom-key: custom-value\n");
}

TEST(Hpack, FollowsTheSizeUpdatesOfTheTable) {
  HeaderDecoder d;
  // x: a and y: b go into the table; 0 empties it, 64 leaves room for one.
  EXPECT_EQ(text_of(decode(d, hex("4001780161 4001790162 be bf"))), "x: a\ny: b\ny: b\nx: a\n");
  EXPECT_EQ(text_of(decode(d, hex("3f21 be bf"))), "=64\ny: b\n!\n");
  EXPECT_TRUE(decode(d, hex("20be")).invalid);
}

TEST(Hpack, UnknownReferencesCostOnlyTheirOwnHeader) {
  HeaderDecoder d;
  const DecodedBlock block = decode(d, hex("c0 82 7f0a 0161 0001780161"));
  EXPECT_EQ(text_of(block), "!\n:method: GET\n!\nx: a\n");
  EXPECT_TRUE(block.invalid);
  EXPECT_FALSE(block.integer_overflow);
}

TEST(Hpack, IntegersThatAreTooLongEndTheBlock) {
  HeaderDecoder d;
  const DecodedBlock block = decode(d, hex("ffffffffffffffffffffff0f 82"));
  EXPECT_TRUE(block.integer_overflow);
  EXPECT_EQ(block.fields.size(), 1u);
}

TEST(Hpack, LengthsBeyondTheBlockAreInvalid) {
  for (const char* bytes : {"00", "0001", "000178", "00017805", "007fff7f78", "40", "ff", "0085"}) {
    HeaderDecoder d;
    EXPECT_TRUE(decode(d, hex(bytes)).invalid) << bytes;
  }
}

TEST(Hpack, ABlockThatGrowsWithoutEndIsCut) {
  HeaderDecoder d;
  const std::string value(3000, 'v');
  std::string block = hex("400178") + hex("7fb916") + value;  // 3000 bytes into the table
  block.append(100'000, '\xbe');
  const DecodedBlock out = decode(d, block);
  EXPECT_TRUE(out.too_large);
  std::size_t kept = 0;
  for (const Field& f : out.fields) kept += f.name.size() + f.value.size();
  EXPECT_GT(kept, value.size());
  EXPECT_LE(kept, HeaderDecoder::kMostDecoded);
}

TEST(Huffman, PaddingHasToBeTheBeginningOfTheEnd) {
  std::string out;
  EXPECT_TRUE(decode_huffman(as_bytes(hex("1f")), out));  // 'a', then three ones
  EXPECT_EQ(out, "a");
  EXPECT_FALSE(decode_huffman(as_bytes(hex("18")), out));        // then zeros
  EXPECT_FALSE(decode_huffman(as_bytes(hex("1fff")), out));      // longer than seven bits
  EXPECT_FALSE(decode_huffman(as_bytes(hex("ffffffff")), out));  // the end itself
}

}  // namespace
}  // namespace chieng::collector::http2
