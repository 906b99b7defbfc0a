#include "collector/protocol/tftp/tftp.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/collector/flow/recorder.h"

namespace chieng::collector {
namespace {

using namespace test;

std::string request(unsigned opcode, const std::string& file, const std::string& mode) {
  return be16(opcode) + file + '\0' + mode + '\0';
}

void send(Recorder& r, const std::string& data, std::uint16_t port = 69) {
  Ends e;
  e.dst_port = port;
  r.send(ethernet(ipv4(e, 17, udp(e, data))));
}

TEST(Tftp, ReadAndWriteRequests) {
  Recorder r;
  send(r, request(1, "rfc1350.txt", "Octet"));
  send(r, request(2, "a/b", "netascii"));
  ASSERT_EQ(r.transactions.size(), 2u);
  EXPECT_EQ(nlohmann::json::parse(r.transactions[0])["tftp"].dump(),
            R"({"file":"rfc1350.txt","mode":"octet","packet":"read"})");
  EXPECT_EQ(nlohmann::json::parse(r.transactions[1])["tftp"]["packet"], "write");
}

TEST(Tftp, WhatIsNoRequestIsNot) {
  for (const std::string& data :
       {request(3, "a", "octet"), request(1, "", "octet"), request(1, "a", "binary"), be16(1) + "a",
        std::string("\0", 1), be16(1) + std::string("a\0octet", 7)}) {
    Recorder r;
    send(r, data);
    EXPECT_TRUE(r.transactions.empty());
  }
  Recorder r;
  send(r, request(1, "a", "octet"), 6969);
  EXPECT_TRUE(r.transactions.empty());
}

}  // namespace
}  // namespace chieng::collector
