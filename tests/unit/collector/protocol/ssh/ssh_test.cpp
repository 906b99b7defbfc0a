#include "collector/protocol/ssh/ssh.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "collector/protocol/ssh/kexinit.h"
#include "core/hash/digest.h"
#include "tests/unit/collector/flow/recorder.h"

namespace chieng::collector {
namespace {

using namespace test;

std::string u32(std::uint32_t v) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(v >> shift & 0xff);
  return out;
}

// A packet of the binary protocol: length, padding of four bytes, message.
std::string packet(std::uint8_t message, const std::string& body) {
  return u32(static_cast<std::uint32_t>(body.size() + 6)) + '\4' + static_cast<char>(message) +
         body + std::string(4, '\0');
}

std::string kexinit(const std::string& tag) {
  std::string body(16, 'c');
  for (const char* name :
       {"kex", "hostkey", "enc-out", "enc-in", "mac-out", "mac-in", "zip-out", "zip-in", "", ""}) {
    const std::string list = *name == '\0' ? "" : name + tag;
    body += u32(static_cast<std::uint32_t>(list.size())) + list;
  }
  return packet(20, body + std::string(5, '\0'));
}

const std::string kClientStart = "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n";
const std::string kServerStart = "SSH-1.99-Cisco-1.25\n";

struct Talk {
  Recorder r;
  std::uint32_t sent[2]{};
  explicit Talk() {
    r.ends.dst_port = 2222;  // told by content
    r.handshake();
  }
  void client(const std::string& data, std::size_t size = 1400) { send(true, data, size); }
  void server(const std::string& data, std::size_t size = 1400) { send(false, data, size); }
  void send(bool client, const std::string& data, std::size_t size) {
    for (std::size_t at = 0; at < data.size(); at += size) {
      const std::string part = data.substr(at, size);
      if (client)
        r.client(sent[0], part, sent[1]);
      else
        r.server(sent[1], part, sent[0]);
      sent[client ? 0 : 1] += static_cast<std::uint32_t>(part.size());
    }
  }
  nlohmann::json ssh(std::size_t n = 0) {
    EXPECT_GT(r.transactions.size(), n);
    return n < r.transactions.size() ? nlohmann::json::parse(r.transactions[n])["ssh"]
                                     : nlohmann::json();
  }
};

TEST(Ssh, ReadsBannersAndHassh) {
  for (const std::size_t size : {1u, 5u, 700u}) {
    Talk t;
    t.client(kClientStart + kexinit("C"), size);
    t.server(kServerStart + kexinit("S"), size);
    t.client(packet(30, "point") + packet(21, ""), size);
    t.server(packet(31, "point") + packet(21, ""), size);
    t.client("\xff\xff\xff\xff encrypted from here on", size);
    t.server("encrypted too", size);
    t.r.sensor.finish();
    ASSERT_EQ(t.r.transactions.size(), 1u) << size;
    const auto ssh = t.ssh();
    EXPECT_EQ(ssh["client"]["proto_version"], "2.0");
    EXPECT_EQ(ssh["client"]["software_version"], "OpenSSH_9.2p1");
    EXPECT_EQ(ssh["server"]["proto_version"], "1.99");
    EXPECT_EQ(ssh["server"]["software_version"], "Cisco-1.25");
    EXPECT_EQ(ssh["client"]["hassh"]["string"], "kexC;enc-outC;mac-outC;zip-outC");
    EXPECT_EQ(ssh["server"]["hassh"]["string"], "kexS;enc-inS;mac-inS;zip-inS");
    EXPECT_EQ(ssh["server"]["hassh"]["hash"],
              digest_hex(DigestKind::md5, as_bytes("kexS;enc-inS;mac-inS;zip-inS")));
    EXPECT_THAT(t.r.app_events, testing::IsEmpty());
    EXPECT_EQ(t.r.streams[0].find("encrypted from"), std::string::npos);
    EXPECT_NE(t.r.streams[0].find("SSH-2.0"), std::string::npos);
  }
}

TEST(Ssh, BannersAloneAreReportedAtTheEnd) {
  Talk t;
  t.server(kServerStart);
  t.r.sensor.finish();
  const auto ssh = t.ssh();
  EXPECT_EQ(ssh["server"]["software_version"], "Cisco-1.25");
  EXPECT_FALSE(ssh.contains("client"));
}

TEST(Ssh, BannerThatIsTooLong) {
  Talk t;
  t.client("SSH-2.0-long " + std::string(1000, 'x') + "\r\n" + kexinit("C"), 90);
  t.r.sensor.finish();
  EXPECT_THAT(t.r.app_events, testing::ElementsAre("long_banner"));
  EXPECT_EQ(t.ssh()["client"]["software_version"], "long");
  EXPECT_TRUE(t.ssh()["client"].contains("hassh"));
}

TEST(Ssh, BannerThatIsNone) {
  for (const std::string line : {"SSH-2.0\r\n", "SSH--x\r\n", "SSH-2.0-\r\n", "SSH-2.0- x\n"}) {
    Talk t;
    t.client(line);
    t.server(kServerStart);
    t.r.sensor.finish();
    EXPECT_THAT(t.r.app_events, testing::ElementsAre("invalid_banner")) << line;
  }
}

TEST(Ssh, PacketsThatCannotBe) {
  Talk t;
  t.client(kClientStart + u32(1) + "\x04\x14");
  t.server(kServerStart + u32(0x7fffffff) + "\x04\x14" + std::string(50, 'x'));
  t.r.sensor.finish();
  EXPECT_THAT(t.r.app_events, testing::ElementsAre("invalid_record", "long_kex_record"));
}

TEST(Ssh, ListsThatDoNotFit) {
  Talk t;
  t.client(kClientStart + packet(20, std::string(16, 'c') + u32(0xfffffff0) + "kex"));
  t.r.sensor.finish();
  EXPECT_THAT(t.r.app_events, testing::ElementsAre("invalid_record"));
  EXPECT_FALSE(t.ssh()["client"].contains("hassh"));
}

TEST(Ssh, LossInsideOfASkippedPacket) {
  Talk t;
  t.client(kClientStart + packet(2, std::string(100, 'i')).substr(0, 50));
  const std::string rest = packet(2, std::string(100, 'i')).substr(50) + kexinit("C");
  t.sent[0] += 20;
  t.client(rest.substr(20));
  t.server(kServerStart);
  t.r.sensor.finish();
  EXPECT_EQ(t.ssh()["client"]["hassh"]["string"], "kexC;enc-outC;mac-outC;zip-outC");
}

TEST(Ssh, FirstVersionIsNotReadFurther) {
  Talk t;
  t.client("SSH-1.5-old\n" + std::string(40, '\0'));
  t.r.sensor.finish();
  EXPECT_EQ(t.ssh()["client"]["proto_version"], "1.5");
  EXPECT_THAT(t.r.app_events, testing::IsEmpty());
}

}  // namespace
}  // namespace chieng::collector
