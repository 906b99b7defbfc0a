#include "collector/protocol/ftp/ftp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "collector/protocol/ftp/port.h"
#include "tests/unit/collector/flow/recorder.h"

namespace chieng::collector {
namespace {

using namespace test;
using testing::Contains;
using testing::Not;

// Several connections of one sensor.
struct Connection {
  Connection(Recorder& recorder, Ends e) : r(recorder), ends(std::move(e)) {
    use();
    r.handshake();
  }
  void client(const std::string& data) {
    use();
    r.client(sent, data, received);
    sent += static_cast<std::uint32_t>(data.size());
  }
  void server(const std::string& data) {
    use();
    r.server(received, data, sent);
    received += static_cast<std::uint32_t>(data.size());
  }
  void close() {
    use();
    r.client(sent, "", received, tcp_flag::fin | tcp_flag::ack);
    r.server(received, "", sent + 1, tcp_flag::fin | tcp_flag::ack);
    r.client(sent + 1, "", received + 1);
  }
  void use() { r.ends = ends; }
  Recorder& r;
  Ends ends;
  std::uint32_t sent = 0, received = 0;
};

Ends control_ends() {
  Ends e;
  e.dst_port = 21;
  return e;
}
nlohmann::json tx(const Recorder& r, std::size_t i) {
  return nlohmann::json::parse(r.transactions.at(i));
}

TEST(Ftp, CommandsAndReplies) {
  Recorder r;
  Connection c(r, control_ends());
  c.server("220-Hello\r\n more\r\n220 Ready\r\n");
  c.client("user lan\r\n");
  c.server("331 Password?\r\n");
  c.client("NOOP\r\nXYZZY a\r\n");
  c.server("200 ok\r\n");
  c.server("500 what\r\n");
  r.sensor.finish();
  ASSERT_EQ(r.transactions.size(), 4u);
  EXPECT_EQ(tx(r, 0)["ftp"].dump(),
            R"({"completion_code":["220"],"reply":["220-Hello"," more","Ready"],)"
            R"("reply_received":"yes","reply_truncated":false})");
  EXPECT_EQ(tx(r, 1)["ftp"]["command"], "USER");
  EXPECT_EQ(tx(r, 1)["ftp"]["command_data"], "lan");
  EXPECT_EQ(tx(r, 1)["ftp"]["command_truncated"], false);
  EXPECT_EQ(tx(r, 2)["ftp"]["command"], "NOOP");
  EXPECT_FALSE(tx(r, 3)["ftp"].contains("command"));
}

TEST(Ftp, PassiveAndActiveDataConnectionsAreKnownByTheirAnnouncement) {
  Recorder r;
  Connection c(r, control_ends());
  c.server("220 FTP\r\n");
  c.client("PASV\r\n");
  c.server("227 Entering Passive Mode (10,0,0,2,200,10).\r\n");
  c.client("RETR a.txt\r\n");
  Ends data = control_ends();
  data.src_port = 41000;
  data.dst_port = 200 * 256 + 10;
  Connection passive(r, data);
  passive.server("GET / HTTP/1.0\r\n\r\n");  // whatever it looks like
  passive.close();
  c.server("150 go\r\n226 done\r\n");
  c.client("EPRT |1|10.0.0.1|42000|\r\n");
  c.server("200 ok\r\n");
  c.client("STOR b.txt\r\n");
  Ends back = control_ends().reversed();
  back.src_port = 20;
  back.dst_port = 42000;
  Connection active(r, back);
  active.server("content");
  active.close();
  r.sensor.finish();
  std::vector<std::string> files;
  for (const std::string& t : r.transactions)
    if (const auto json = nlohmann::json::parse(t); json.contains("ftp_data"))
      files.push_back(json["ftp_data"].dump());
  ASSERT_EQ(files.size(), 2u);
  EXPECT_EQ(files[0], R"({"command":"RETR","filename":"a.txt"})");
  EXPECT_EQ(files[1], R"({"command":"STOR","filename":"b.txt"})");
}

TEST(Ftp, AnExpectationIsForOneFlowAndForgottenInTime) {
  Recorder r;
  Connection c(r, control_ends());
  c.server("220 FTP\r\n");
  c.client("EPSV\r\n");
  c.server("229 Entering (|||51000|)\r\n");
  c.client("LIST\r\n");
  r.now += 31'000'000;
  Ends data = control_ends();
  data.dst_port = 51000;
  Connection late(r, data);
  late.server("plain text that is no protocol at all, and long enough to be known as none\n");
  r.sensor.finish();
  for (const std::string& t : r.transactions) EXPECT_EQ(t.find("ftp_data"), std::string::npos);
}

TEST(Ftp, Events) {
  Recorder r;
  Connection c(r, control_ends());
  c.server("220 FTP\r\n");
  c.client("RETR a\r\n");
  c.server("425 no\r\n");
  EXPECT_THAT(r.app_events, Contains("file_before_port"));
  c.client("PORT 10,0,0,1,1,1\r\n");
  c.server("200 ok\r\n");
  c.client("STOR \r\n");
  EXPECT_THAT(r.app_events, Contains("file_without_name"));
  c.server("501 no\r\n");
  c.client("CWD " + std::string(5000, 'a') + "\r\n");
  EXPECT_THAT(r.app_events, Contains("request_command_too_long"));
  c.server("550 " + std::string(5000, 'b') + "\r\n");
  EXPECT_THAT(r.app_events, Contains("response_command_too_long"));
  c.client("PWD\r\n");
  c.server("257 x\r\n");
  r.sensor.finish();
  const auto cut = tx(r, 4)["ftp"];
  EXPECT_EQ(cut["command_data"].get<std::string>().size(), 4092u);
  EXPECT_EQ(cut["command_truncated"], true);
  EXPECT_EQ(cut["reply_truncated"], true);
  EXPECT_EQ(tx(r, 5)["ftp"]["command"], "PWD");
}

TEST(Ftp, AfterAuthTlsTheProtocolIsDetectedAnew) {
  Recorder r;
  Connection c(r, control_ends());
  c.server("220 FTP\r\n");
  c.client("AUTH TLS\r\n");
  c.server("234 go\r\n");
  c.client("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  r.sensor.finish();
  EXPECT_EQ(r.tx_protocols.back(), "http");
}

TEST(Ftp, AddressesInCommandsAndReplies) {
  const auto port = ftp::parse_port("10,1,2,3,4,5");
  ASSERT_TRUE(port);
  EXPECT_EQ(port->port, 1029);
  EXPECT_EQ(to_string(port->address), "10.1.2.3");
  EXPECT_FALSE(ftp::parse_port("10,1,2,3,4"));
  EXPECT_FALSE(ftp::parse_port("10,1,2,3,4,256"));
  EXPECT_FALSE(ftp::parse_port("10,1,2,3,0,0"));
  EXPECT_EQ(ftp::parse_eprt("|2|fe80::1|555|")->port, 555);
  for (const char* bad : {"", "|", "|1|", "|1|a|1|", "|1|10.0.0.1|", "|1|10.0.0.1|70000|"})
    EXPECT_FALSE(ftp::parse_eprt(bad)) << bad;
  EXPECT_EQ(ftp::parse_pasv_reply("=10,0,0,2,1,0")->port, 256);
  EXPECT_FALSE(ftp::parse_pasv_reply("no"));
  EXPECT_EQ(ftp::parse_epsv_reply("x (|||6446|)")->port, 6446);
  for (const char* bad : {"", "(", "(|||", "(||6446|)", "(|||6446"})
    EXPECT_FALSE(ftp::parse_epsv_reply(bad)) << bad;
}

TEST(Ftp, LinesInPiecesOfAnySizeAndAfterAGap) {
  const std::string lines = "USER lan\r\nPASS x\r\nPWD\r\n";
  for (std::size_t cut = 1; cut < lines.size(); ++cut) {
    Recorder r;
    Connection c(r, control_ends());
    c.client(lines.substr(0, cut));
    c.client(lines.substr(cut));
    r.sensor.finish();
    ASSERT_EQ(r.transactions.size(), 3u) << cut;
  }
}

}  // namespace
}  // namespace chieng::collector
