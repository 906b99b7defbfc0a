#include "agent/commands/endpoint.h"

#include <gtest/gtest.h>

namespace chieng::agent {
namespace {

TEST(Endpoint, AcceptsWhatPeopleType) {
  EXPECT_EQ(endpoint_of("", "7802"), "");
  EXPECT_EQ(endpoint_of("chieng.example", "7802"), "tcp://chieng.example:7802");
  EXPECT_EQ(endpoint_of("192.0.2.1:9000", "7802"), "tcp://192.0.2.1:9000");
  EXPECT_EQ(endpoint_of("2001:db8::1", "7802"), "tcp://[2001:db8::1]:7802");
  EXPECT_EQ(endpoint_of("[2001:db8::1]", "7802"), "tcp://[2001:db8::1]:7802");
  EXPECT_EQ(endpoint_of("[2001:db8::1]:9000", "7802"), "tcp://[2001:db8::1]:9000");
  EXPECT_EQ(endpoint_of("tcp://192.0.2.1:9000", "7802"), "tcp://192.0.2.1:9000");
}

TEST(Endpoint, AllInterfacesIsNoAddress) {
  for (const char* text : {"tcp://0.0.0.0:7802", "tcp://[::]:7802", "tcp://*:7802"})
    EXPECT_TRUE(is_wildcard(text)) << text;
  for (const char* text : {"tcp://10.0.0.0:7802", "tcp://[::1]:7802", "tcp://a.example:7802"})
    EXPECT_FALSE(is_wildcard(text)) << text;
}

TEST(Endpoint, HostOfTheCallStandsInForAllInterfaces) {
  EXPECT_EQ(reachable_endpoint("tcp://0.0.0.0:7801", "tcp://192.0.2.1:7802"),
            "tcp://192.0.2.1:7801");
  EXPECT_EQ(reachable_endpoint("tcp://[::]:7801", "tcp://[2001:db8::1]:7802"),
            "tcp://[2001:db8::1]:7801");
  EXPECT_EQ(reachable_endpoint("tcp://soc.example:7801", "tcp://192.0.2.1:7802"),
            "tcp://soc.example:7801");
}

}  // namespace
}  // namespace chieng::agent
