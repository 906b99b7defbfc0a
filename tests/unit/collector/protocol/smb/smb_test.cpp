#include "collector/protocol/smb/smb.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "collector/protocol/smb/guid.h"
#include "collector/protocol/smb/names.h"
#include "collector/protocol/smb/ntlmssp.h"
#include "collector/protocol/smb/text.h"
#include "core/bytes/reader.h"
#include "core/file/file.h"
#include "tests/unit/collector/flow/recorder.h"

namespace chieng::collector {
namespace {

using namespace test;
using nlohmann::json;

// A recorded conversation: a byte of direction, two of length, the bytes.
struct Piece {
  bool client;
  std::string data;
};
std::vector<Piece> conversation(const std::string& name) {
  const auto file = read_file(std::string(CHIENG_TEST_DATA) + "/smb/" + name);
  EXPECT_TRUE(file);
  std::vector<Piece> out;
  Reader in(as_bytes(*file));
  while (!in.at_end()) {
    const bool client = in.u8() == 0;
    out.push_back({client, std::string(as_text(in.take(in.u16())))});
  }
  return out;
}

class FileRecorder : public Recorder {
 public:
  void on_file(const FlowView&, const Transaction*, const FileView& file,
               const PacketView*) override {
    files.push_back({std::string(file.name), file.size, file.state, file.gaps});
  }
  struct File {
    std::string name;
    std::uint64_t size;
    FileView::State state;
    bool gaps;
  };
  std::vector<File> files;
};

// Plays it in segments of at most `size` bytes; those of the numbers in `lost` do not arrive.
void play(Recorder& r, const std::vector<Piece>& pieces, std::size_t size,
          std::vector<std::size_t> lost = {}) {
  r.ends.dst_port = 445;
  r.handshake();
  std::uint32_t sent[2]{};
  std::size_t number = 0;
  for (const Piece& p : pieces)
    for (std::size_t at = 0; at < p.data.size(); at += size) {
      const std::string part = p.data.substr(at, size);
      const bool arrives = std::ranges::find(lost, number++) == lost.end();
      if (arrives && p.client)
        r.client(sent[0], part, sent[1]);
      else if (arrives)
        r.server(sent[1], part, sent[0]);
      sent[p.client ? 0 : 1] += static_cast<std::uint32_t>(part.size());
    }
  r.client(sent[0], "", sent[1], tcp_flag::fin | tcp_flag::ack);
  r.server(sent[1], "", sent[0] + 1, tcp_flag::fin | tcp_flag::ack);
}

std::vector<json> events(const Recorder& r) {
  std::vector<json> out;
  for (const std::string& t : r.transactions) out.push_back(json::parse(t)["smb"]);
  return out;
}

json only(const Recorder& r, std::string_view command) {
  for (const json& e : events(r))
    if (e["command"] == command) return e;
  return {};
}

TEST(Smb, LogonAndCallsThroughAPipe) {
  for (const std::size_t size : {1u, 5u, 64u, 1400u}) {
    Recorder r;
    play(r, conversation("pipe"), size);
    ASSERT_EQ(r.transactions.size(), 7u) << size;
    EXPECT_EQ(only(r, "SMB2_COMMAND_SESSION_SETUP")["ntlmssp"],
              json::parse(R"({"domain":"TINH","user":"an","host":"PC1",
                "version":"10.0 build 19041 rev 15"})"));
    const json tree = only(r, "SMB2_COMMAND_TREE_CONNECT");
    EXPECT_EQ(tree["named_pipe"], "\\\\sv\\IPC$");
    EXPECT_EQ(tree["share_type"], "PIPE");
    EXPECT_EQ(tree["tree_id"], 5);
    const json bind = only(r, "SMB2_COMMAND_WRITE")["dcerpc"];
    EXPECT_EQ(bind["response"], "BINDACK");
    EXPECT_EQ(bind["interfaces"][0]["ack_reason"], 0);
    const json call = only(r, "SMB2_COMMAND_IOCTL");
    EXPECT_EQ(call["status"], "STATUS_SUCCESS");
    EXPECT_EQ(call["dcerpc"]["opnum"], 12);
    EXPECT_EQ(call["dcerpc"]["req"]["stub_data_size"], 6);
    EXPECT_EQ(call["dcerpc"]["res"]["stub_data_size"], 4);
    EXPECT_EQ(call["dcerpc"]["interfaces"][0]["uuid"], "367abb81-9844-35f1-ad32-98f038001003");
    EXPECT_TRUE(r.app_events.empty());
  }
}

TEST(Smb, AWrittenFileInPiecesOfAnySize) {
  for (const std::size_t size : {1u, 7u, 100u, 1400u}) {
    FileRecorder r;
    play(r, conversation("files"), size);
    ASSERT_EQ(r.files.size(), 1u) << size;
    EXPECT_EQ(r.files[0].name, "baocao.txt");
    EXPECT_EQ(r.files[0].size, 303u);
    EXPECT_EQ(r.files[0].state, FileView::State::closed);
    const json event = only(r, "SMB2_COMMAND_WRITE");
    EXPECT_EQ(event["share"], "\\\\sv\\congvan");
    EXPECT_EQ(event["fuid"], "04030201-0605-0807-0a09-0c0b100f0e0d");
    EXPECT_EQ(event["dialect"], "2.10");
    EXPECT_TRUE(r.app_events.empty());
  }
}

TEST(Smb, TheFirstVersion) {
  for (const std::size_t size : {1u, 9u, 1400u}) {
    FileRecorder r;
    play(r, conversation("smb1"), size);
    ASSERT_EQ(r.files.size(), 1u) << size;
    EXPECT_EQ(r.files[0].name, "\\thu.txt");
    EXPECT_EQ(r.files[0].size, 8u);
    EXPECT_EQ(only(r, "SMB1_COMMAND_NEGOTIATE_PROTOCOL")["dialect"], "NT LM 0.12");
    EXPECT_EQ(only(r, "SMB1_COMMAND_NT_CREATE_ANDX")["fuid"], "4000");
    EXPECT_EQ(only(r, "SMB1_COMMAND_TREE_CONNECT_ANDX")["share"], "\\\\sv\\cu");
    EXPECT_EQ(only(r, "SMB1_COMMAND_TREE_CONNECT_ANDX")["service"]["response"], "A:");
  }
}

TEST(Smb, ALossInsideAFileLeavesTheRestWhole) {
  const auto pieces = conversation("files");
  FileRecorder r;
  // Segments of 100 bytes: one in the middle of the 300 bytes of the first write.
  std::size_t number = 0;
  for (std::size_t i = 0; i < 6; ++i) number += (pieces[i].data.size() + 99) / 100;
  play(r, pieces, 100, {number + 2});
  ASSERT_EQ(r.files.size(), 1u);
  EXPECT_EQ(r.files[0].size, 303u);
  EXPECT_TRUE(r.files[0].gaps);
  EXPECT_EQ(r.files[0].state, FileView::State::truncated);
}

TEST(Smb, AnySegmentMayBeLost) {
  for (const char* name : {"pipe", "files", "smb1"}) {
    const auto pieces = conversation(name);
    for (std::size_t lost = 0; lost < 40; ++lost) {
      FileRecorder r;
      play(r, pieces, 60, {lost, lost + 1});
      EXPECT_LE(r.transactions.size(), 8u);
    }
  }
}

TEST(Smb, PickedUpInTheMiddle) {
  auto pieces = conversation("pipe");
  pieces.erase(pieces.begin(), pieces.begin() + 8);
  Recorder r;
  play(r, pieces, 1400);
  EXPECT_EQ(only(r, "SMB2_COMMAND_WRITE")["dcerpc"]["response"], "BINDACK");  // told by its bytes
  EXPECT_EQ(only(r, "SMB2_COMMAND_IOCTL")["dcerpc"]["opnum"], 12);
  EXPECT_EQ(only(r, "SMB2_COMMAND_IOCTL")["dialect"], "unknown");
}

TEST(Smb, EveryMessageCutOffOrChangedIsSurvived) {
  for (const char* name : {"pipe", "files", "smb1"}) {
    const auto pieces = conversation(name);
    for (std::size_t n = 0; n < pieces.size(); ++n)
      for (std::size_t at = 4; at < pieces[n].data.size(); at += 3) {
        auto changed = pieces;
        changed[n].data[at] = static_cast<char>(0xff);
        FileRecorder r;
        play(r, changed, 1400);
        EXPECT_LE(r.files.size(), 4u);
      }
  }
}

TEST(Smb, WrongDirectionsAndFlawsAreEvents) {
  const auto pieces = conversation("files");
  Recorder r;
  play(r,
       {pieces[0],
        pieces[1],
        {true, pieces[1].data},
        {false, pieces[0].data},
        {true, std::string("\0\0\0\4abcd", 8)}},
       1400);
  EXPECT_EQ(r.app_events, (std::vector<std::string>{"response_to_server", "request_to_client",
                                                    "malformed_data"}));
}

TEST(Smb, ProbesAreExact) {
  const auto probe = [](std::string_view data, Direction d = Direction::to_server) {
    return kSmb.probe(d, as_bytes(data), false);
  };
  const auto pieces = conversation("files");
  EXPECT_EQ(probe(pieces[0].data), Probe::yes);
  EXPECT_EQ(probe(pieces[0].data, Direction::to_client), Probe::no);
  EXPECT_EQ(probe(pieces[1].data, Direction::to_client), Probe::yes);
  EXPECT_EQ(probe(std::string_view("\0\0\0\x20", 4)), Probe::maybe);
  EXPECT_EQ(probe(std::string_view("\0\0\0\x20\xffSMX0123456789", 20)), Probe::no);
  EXPECT_EQ(probe(std::string_view("\0\x1c\0\1\1\0\0\1", 8)), Probe::no);  // a DNS message
  EXPECT_EQ(probe("GET /"), Probe::no);
}

TEST(Smb, TextAndIdentifiers) {
  using namespace smb;
  EXPECT_EQ(from_utf16(as_bytes(std::string_view("V\0i\0\xc7\x1e\x3d\xd8\x00\xde\x00\xd8t", 13))),
            "Vi\xe1\xbb\x87\xf0\x9f\x98\x80\xef\xbf\xbd");
  std::string bytes;
  for (char c = 0; c < 16; ++c) bytes += c;
  EXPECT_EQ(guid_text(as_bytes(bytes)), "03020100-0504-0706-0908-0b0a0f0e0d0c");
  EXPECT_EQ(guid_text(as_bytes(std::string_view("\x00\x40", 2))), "4000");
  EXPECT_EQ(nt_status_name(0xc000006d), "STATUS_LOGON_FAILURE");
  EXPECT_EQ(nt_status_name(0xc0ffee00), "");
  EXPECT_EQ(dialect_name(0x0311), "3.11");
  EXPECT_EQ(command_name(2, 99), "99");
}

TEST(Smb, CredentialsOfHostileLengths) {
  using namespace smb;
  std::string blob("NTLMSSP\0\3\0\0\0", 12);
  EXPECT_TRUE(read_credentials(as_bytes(blob)).malformed_ntlmssp);
  blob.resize(64, '\xff');
  EXPECT_TRUE(read_credentials(as_bytes(blob)).malformed_ntlmssp);
  EXPECT_TRUE(read_credentials(as_bytes(std::string_view("NTLMSSP\0", 8))).malformed_ntlmssp);
  EXPECT_FALSE(read_credentials({}).ntlmssp);
  const std::string kerberos("\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x01\x00\x6e\x84\xff",
                             16);
  EXPECT_FALSE(read_credentials(as_bytes(kerberos)).kerberos);
}

}  // namespace
}  // namespace chieng::collector
