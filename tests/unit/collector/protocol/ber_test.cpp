#include "collector/protocol/asn1/ber.h"

#include <gtest/gtest.h>

#include "tests/unit/collector/frames.h"
#include "tests/unit/collector/protocol/der.h"

namespace chieng::collector::asn1 {
namespace {

using namespace test;

TEST(Ber, ValuesOneAfterTheOther) {
  const std::string bytes = der_integer(-129) + der_sequence(der_text("abc")) + der(0x01, "\xff");
  BerReader in(as_bytes(bytes));
  EXPECT_EQ(integer(in.next().value()), -129);
  const auto sequence = in.expect(tag::sequence);
  ASSERT_TRUE(sequence);
  EXPECT_TRUE(sequence->constructed);
  BerReader inside(sequence->content);
  EXPECT_EQ(as_text(inside.expect(tag::octets)->content), "abc");
  EXPECT_TRUE(inside.at_end());
  EXPECT_EQ(boolean(in.next().value()), true);
  EXPECT_TRUE(in.at_end());
  EXPECT_TRUE(in.ok());
}

TEST(Ber, IntegersUpToEightBytes) {
  for (const std::int64_t n : {std::int64_t{0}, std::int64_t{127}, std::int64_t{128},
                               std::int64_t{-1}, std::int64_t{-128}, INT64_MAX, INT64_MIN}) {
    const std::string bytes = der_integer(n);
    EXPECT_EQ(integer(BerReader(as_bytes(bytes)).next().value()), n);
  }
  const std::string nine = der(2, std::string(9, '\1'));
  EXPECT_FALSE(integer(BerReader(as_bytes(nine)).next().value()));
}

TEST(Ber, LongTagsAndLengths) {
  const std::string bytes = hex("7f8801 8203e8") + std::string(1000, 'x');
  const auto value = BerReader(as_bytes(bytes)).next();
  ASSERT_TRUE(value);
  EXPECT_TRUE(value->is_application(1025));
  EXPECT_EQ(value->content.size(), 1000u);
  EXPECT_EQ(value->size, bytes.size());
}

TEST(Ber, LengthsThatLie) {
  for (const char* text :
       {"3005 0201", "3080 0000", "30ff", "3085 0100000000", "7fffffffffff 00", "30", ""}) {
    const std::string bytes = hex(text);
    BerReader in(as_bytes(bytes));
    EXPECT_FALSE(in.next()) << text;
    EXPECT_FALSE(in.ok()) << text;
    EXPECT_FALSE(in.next()) << text;
  }
}

TEST(Ber, AHeadThatIsNotWholeYetIsNotBad) {
  Head head;
  EXPECT_EQ(read_head(as_bytes(hex("3082")), head), HeadState::cut);
  EXPECT_EQ(read_head(as_bytes(hex("3080")), head), HeadState::bad);
  EXPECT_EQ(read_head(as_bytes(hex("30820400")), head), HeadState::whole);
  EXPECT_EQ(head.content_size, 1024u);
  EXPECT_EQ(head.head_size, 4u);
}

TEST(Ber, ObjectIdentifiers) {
  const auto text = [](const char* bytes) {
    const std::string value = hex(bytes);
    return oid(BerReader(as_bytes(value)).next().value());
  };
  EXPECT_EQ(text("0606 2b06010201 01"), "1.3.6.1.2.1.1");
  EXPECT_EQ(text("0601 01"), "0.1");
  EXPECT_EQ(text("0603 883703"), "2.999.3");
  EXPECT_FALSE(text("0602 2b86"));
  EXPECT_FALSE(text("0600"));
  EXPECT_FALSE(text("060c ffffffffffffffffffffff7f"));
}

}  // namespace
}  // namespace chieng::collector::asn1
