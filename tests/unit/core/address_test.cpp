#include "core/net/address.h"

#include <gtest/gtest.h>

#include "core/net/flow_key.h"
#include "core/net/port_set.h"

namespace chieng {
namespace {

AddressRange range(std::string_view text) {
  return *parse_range(text);
}

TEST(Address, ReadsAndWritesBothVersions) {
  EXPECT_EQ(to_string(*parse_address("192.168.1.10")), "192.168.1.10");
  EXPECT_EQ(to_string(*parse_address("2001:db8::1")), "2001:db8::1");
  EXPECT_EQ(to_eve(*parse_address("2001:db8::1")), "2001:0db8:0000:0000:0000:0000:0000:0001");
  for (const char* bad : {"", "1.2.3", "1.2.3.4.5", "256.1.1.1", "::g", "1.2.3.4 "})
    EXPECT_FALSE(parse_address(bad));
}

TEST(Address, RangesCoverPrefixesMasksAndSpans) {
  EXPECT_EQ(to_string(range("10.1.2.3/8").last), "10.255.255.255");
  EXPECT_EQ(to_string(range("10.0.0.0/255.255.0.0").last), "10.0.255.255");
  EXPECT_EQ(to_string(range("1.1.1.1-1.1.1.9").last), "1.1.1.9");
  EXPECT_EQ(to_string(range("2001:db8::/33").last), "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff");
  for (const char* bad : {"10.0.0.0/33", "10.0.0.0/255.0.255.0", "1.1.1.9-1.1.1.1", "1.1.1.1-::1",
                          "x/8", "10.0.0.0/"})
    EXPECT_FALSE(parse_range(bad)) << bad;
}

TEST(AddressSet, MergesSubtractsAndFinds) {
  const AddressSet set(
      {range("10.0.0.0/9"), range("10.128.0.0/9"), range("1.1.1.1"), range("::1")});
  ASSERT_EQ(set.ranges().size(), 3u);  // the two halves of 10/8 became one
  EXPECT_TRUE(set.contains(*parse_address("10.200.0.1")));
  EXPECT_FALSE(set.contains(*parse_address("11.0.0.0")));
  const AddressSet rest = set.minus(AddressSet({range("10.5.0.0/16")}));
  EXPECT_TRUE(rest.contains(*parse_address("10.4.255.255")));
  EXPECT_FALSE(rest.contains(*parse_address("10.5.0.0")));
  EXPECT_FALSE(rest.contains(*parse_address("10.5.255.255")));
  EXPECT_TRUE(rest.contains(*parse_address("10.6.0.0")));
  EXPECT_TRUE(AddressSet::any().is_any());
  EXPECT_TRUE(AddressSet::any().minus(AddressSet::any()).empty());
  EXPECT_FALSE(set.contains(IpAddress{}));
}

TEST(Address, KnowsWhatMeansSomethingOnlyInsideASite) {
  for (const char* site :
       {"10.0.0.1", "192.168.1.1", "172.31.0.1", "100.64.0.1", "169.254.1.1", "fd00::1", "fe80::1"})
    EXPECT_EQ(scope_of(*parse_address(site)), AddressScope::site) << site;
  for (const char* internet :
       {"8.8.8.8", "172.32.0.1", "100.128.0.1", "203.113.1.1", "2001:4860::1"})
    EXPECT_EQ(scope_of(*parse_address(internet)), AddressScope::internet) << internet;
}

TEST(PortSet, AddsAndSubtracts) {
  PortSet web;
  web.add(80, 80);
  web.add(8000, 8080);
  EXPECT_EQ(web.count(), 82u);
  EXPECT_FALSE(PortSet::any().minus(web).contains(8040));
  EXPECT_TRUE(PortSet::any().minus(web).united(web).is_any());
}

// Values of the specification's own baseline (corelight/community-id-spec, baseline files).
TEST(CommunityId, AgreesWithTheSpecification) {
  const auto id = [](const char* a, const char* b, int sp, int dp, int proto) {
    return community_id(*parse_address(a), *parse_address(b), static_cast<std::uint16_t>(sp),
                        static_cast<std::uint16_t>(dp), static_cast<std::uint8_t>(proto), true);
  };
  EXPECT_EQ(id("128.232.110.120", "66.35.250.204", 34855, 80, 6), "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
  EXPECT_EQ(id("66.35.250.204", "128.232.110.120", 80, 34855, 6), "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
  EXPECT_EQ(id("192.168.1.52", "8.8.8.8", 54585, 53, 17), "1:d/FP5EW3wiY1vCndhwleRRKHowQ=");
  EXPECT_EQ(id("192.168.0.89", "192.168.0.1", 8, 0, 1), "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=");
  EXPECT_EQ(id("192.168.0.1", "192.168.0.89", 0, 0, 1), "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=");
}

}  // namespace
}  // namespace chieng
