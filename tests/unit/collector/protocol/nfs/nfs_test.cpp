#include "collector/protocol/nfs/nfs.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/collector/flow/recorder.h"
#include "tests/unit/collector/protocol/conversation.h"

namespace chieng::collector {
namespace {

using namespace test;

std::string be32(std::uint32_t v) {
  return be16(v >> 16) + be16(v & 0xffff);
}
template <class... T>
std::string words(T... v) {
  return (be32(static_cast<std::uint32_t>(v)) + ...);
}
std::string be64(std::uint64_t v) {
  return words(v >> 32, v & 0xffffffff);
}
std::string opaque(const std::string& text) {
  return be32(static_cast<std::uint32_t>(text.size())) + text +
         std::string((4 - text.size() % 4) % 4, '\0');
}
std::string handle(unsigned n) {
  return opaque("handle-" + std::to_string(n));
}
const std::string kUnix =
    be32(1) + opaque(words(7) + opaque("ban01") + words(1000, 100, 0)) + words(0, 0);
std::string call(unsigned xid, unsigned version, unsigned procedure, const std::string& body,
                 const std::string& credentials = kUnix) {
  return words(xid, 0, 2, 100003, version, procedure) + credentials + body;
}
std::string reply(unsigned xid, const std::string& body) {
  return words(xid, 1, 0, 0, 0, 0) + body;
}
std::string record(const std::string& message) {
  return be32(0x80000000 | static_cast<std::uint32_t>(message.size())) + message;
}
const std::string kAttributes = be32(1) + std::string(84, '\0');
const std::string kFound = words(0) + handle(2) + kAttributes + kAttributes;

std::string lookup(unsigned xid, const std::string& name) {
  return record(call(xid, 3, 3, handle(1) + opaque(name)));
}
std::string read(unsigned xid, std::uint64_t offset) {
  return record(call(xid, 3, 6, handle(2) + be64(offset) + words(12)));
}
std::string data(unsigned xid, const std::string& text, bool end) {
  return record(
      reply(xid, words(0) + kAttributes + words(text.size(), end ? 1 : 0) + opaque(text)));
}
std::string write(unsigned xid, std::uint64_t offset, const std::string& text, unsigned stable) {
  return record(
      call(xid, 3, 7, handle(2) + be64(offset) + words(text.size(), stable) + opaque(text)));
}
std::string commit(unsigned xid) {
  return record(call(xid, 3, 21, handle(2) + be64(0) + words(0)));
}

struct Nfs : testing::Test {
  Conversation talk{kNfs};
  [[nodiscard]] nlohmann::json tx(std::size_t n) const {
    return nlohmann::json::parse(talk.json(n));
  }
};

TEST_F(Nfs, ALookupAndItsAnswer) {
  talk.client(lookup(7, "thu.doc")).server(record(reply(7, kFound)));
  ASSERT_EQ(talk.count(), 1u);
  EXPECT_TRUE(talk.is_complete(0));
  EXPECT_EQ(tx(0)["rpc"].dump(),
            R"({"auth_type":"UNIX","creds":{"gid":100,"machine_name":"ban01","uid":1000},)"
            R"("status":"ACCEPTED","xid":7})");
  EXPECT_EQ(tx(0)["nfs"].dump(),
            R"({"file_tx":false,"filename":"thu.doc","hhash":"c2b0d68e","id":1,)"
            R"("procedure":"LOOKUP","status":"OK","type":"response","version":3})");
}

TEST_F(Nfs, WhatIsRefusedHasAState) {
  talk.client(lookup(7, "a")).server(record(reply(7, words(13, 0))));
  talk.client(lookup(8, "b")).server(record(words(8, 1, 1, 1, 1)));
  EXPECT_EQ(tx(0)["nfs"]["status"], "ERR_ACCES");
  EXPECT_EQ(tx(1)["rpc"]["status"], "DENIED");
  EXPECT_TRUE(talk.events().empty());
}

TEST_F(Nfs, ReadsAreOneFile) {
  talk.client(lookup(1, "thu.doc")).server(record(reply(1, kFound)));
  talk.client(read(2, 0)).server(data(2, "0123456789ab", false));
  talk.client(read(3, 12)).server(data(3, "xyz", true));
  ASSERT_EQ(talk.files().size(), 1u);
  EXPECT_EQ(talk.files()[0].name, "thu.doc");
  EXPECT_EQ(talk.files()[0].size, 15u);
  EXPECT_EQ(talk.files()[0].md5, "41e21ed2a7c06c7eb245c2db24d3667d");
  EXPECT_EQ(tx(1)["nfs"]["read"].dump(), R"({"chunks":2,"first":true,"last":true,"last_xid":3})");
}

// Clients ask for several pieces at once; servers answer in any order.
TEST_F(Nfs, AnswersOutOfOrderAreOneFileAllTheSame) {
  talk.client(read(2, 0) + read(3, 12));
  talk.server(data(3, "xyz", true)).server(data(2, "0123456789ab", false));
  ASSERT_EQ(talk.files().size(), 1u);
  EXPECT_EQ(talk.files()[0].md5, "41e21ed2a7c06c7eb245c2db24d3667d");
}

TEST_F(Nfs, ByteByByteItIsTheSame) {
  talk.in_pieces(1);
  talk.client(lookup(1, "thu.doc")).server(record(reply(1, kFound)));
  talk.client(read(2, 0)).server(data(2, "0123456789ab", false));
  talk.client(read(3, 12)).server(data(3, "xyz", true));
  ASSERT_EQ(talk.files().size(), 1u);
  EXPECT_EQ(talk.files()[0].md5, "41e21ed2a7c06c7eb245c2db24d3667d");
}

TEST_F(Nfs, WritesUntilACommitAreOneFile) {
  talk.client(write(1, 0, "0123456789ab", 0) + write(2, 12, "xyz", 0));
  talk.client(write(2, 12, "xyz", 0));  // sent again
  EXPECT_TRUE(talk.files().empty());
  talk.client(commit(3));
  ASSERT_EQ(talk.files().size(), 1u);
  EXPECT_EQ(talk.files()[0].md5, "41e21ed2a7c06c7eb245c2db24d3667d");
  EXPECT_EQ(tx(0)["nfs"]["write"].dump(), R"({"chunks":2,"first":true,"last":true,"last_xid":3})");
}

TEST_F(Nfs, AWriteToDiskAtOnceIsWhole) {
  talk.client(write(1, 0, "0123456789ab", 2));
  ASSERT_EQ(talk.files().size(), 1u);
  EXPECT_EQ(talk.files()[0].state, FileView::State::closed);
}

TEST_F(Nfs, WhatIsWrittenAnewIsNotWhole) {
  talk.client(write(1, 0, "abc", 0) + write(2, 0, "xyzabc", 0));
  ASSERT_EQ(talk.files().size(), 1u);
  EXPECT_EQ(talk.files()[0].state, FileView::State::truncated);
  EXPECT_EQ(talk.files()[0].size, 3u);
}

TEST_F(Nfs, LostDataAreAHoleInTheFile) {
  const std::string answer = data(2, std::string(4000, 'a'), true);
  talk.client(read(2, 0)).server(answer.substr(0, 1000)).lose(Direction::to_client, 1000);
  talk.server(answer.substr(2000));
  ASSERT_EQ(talk.files().size(), 1u);
  EXPECT_TRUE(talk.files()[0].gaps);
  EXPECT_EQ(talk.files()[0].size, 4000u);
  talk.client(lookup(3, "b")).server(record(reply(3, kFound)));
  EXPECT_TRUE(talk.is_complete(1));
}

TEST_F(Nfs, AfterALossRecordsAreFoundAgain) {
  talk.client(lookup(1, "a").substr(0, 50)).lose(Direction::to_server, 5000);
  talk.client("rest of something" + lookup(2, "b"));
  ASSERT_EQ(talk.count(), 1u);
  EXPECT_EQ(tx(0)["nfs"]["filename"], "b");
}

TEST_F(Nfs, ACallInTwoPartsIsOne) {
  const std::string message = lookup(1, "a").substr(4);
  talk.client(be32(60) + message.substr(0, 60) +
              be32(0x80000000 | static_cast<std::uint32_t>(message.size() - 60)) +
              message.substr(60));
  ASSERT_EQ(talk.count(), 1u);
  EXPECT_EQ(tx(0)["nfs"]["filename"], "a");
}

TEST_F(Nfs, NamesOfADirectoryAreLearnt) {
  const std::string entry =
      words(1) + be64(5) + opaque("so.xls") + be64(5) + words(0) + words(1) + handle(2);
  talk.client(record(call(1, 3, 17, handle(1) + be64(0) + be64(0) + words(999, 999))));
  talk.server(record(reply(1, words(0, 0) + be64(0) + entry + words(0, 1))));
  talk.client(record(call(2, 3, 4, handle(2) + words(1))));
  EXPECT_EQ(tx(1)["nfs"]["filename"], "so.xls");
}

TEST_F(Nfs, RenamesSayBothNames) {
  talk.client(record(call(1, 3, 14, handle(1) + opaque("a") + handle(1) + opaque("a.locked"))));
  EXPECT_EQ(tx(0)["nfs"]["rename"].dump(), R"({"from":"a","to":"a.locked"})");
}

std::string compound(const std::string& operations, unsigned count) {
  return opaque("") + words(0, count) + operations;
}
const std::string kState(16, 's');

TEST_F(Nfs, Version4KnowsFilesByTheirOpening) {
  const std::string open =
      words(18, 1, 1, 0) + be64(9) + opaque("owner") + words(0, 0) + opaque("a.txt");
  talk.client(record(call(1, 4, 1, compound(words(22) + handle(1) + open + words(10), 3))));
  const std::string opened = words(18, 0) + kState + words(1) + be64(1) + be64(2) + words(4, 0, 0);
  talk.server(record(
      reply(1, words(0) + opaque("") + words(3, 22, 0) + opened + words(10, 0) + handle(2))));
  talk.client(record(call(
      2, 4, 1, compound(words(22) + handle(2) + words(25) + kState + be64(0) + words(99), 2))));
  talk.server(
      record(reply(2, words(0) + opaque("") + words(2, 22, 0, 25, 0, 1) + opaque("noi dung"))));
  ASSERT_EQ(talk.files().size(), 1u);
  EXPECT_EQ(talk.files()[0].name, "a.txt");
  EXPECT_EQ(talk.files()[0].size, 8u);
  ASSERT_EQ(talk.count(), 1u);
  EXPECT_EQ(tx(0)["nfs"]["procedure"], "READ");
  EXPECT_TRUE(talk.is_complete(0));
}

TEST_F(Nfs, Version4WritesAndRemoves) {
  const std::string write4 =
      words(22) + handle(2) + words(38) + kState + be64(0) + words(0) + opaque("abc");
  talk.client(record(call(1, 4, 1, compound(write4 + words(9, 0), 3))));
  talk.client(record(call(2, 4, 1, compound(words(22) + handle(2) + words(4, 1) + kState, 2))));
  ASSERT_EQ(talk.files().size(), 1u);
  EXPECT_EQ(talk.files()[0].state, FileView::State::closed);
  EXPECT_EQ(talk.files()[0].size, 3u);
  talk.client(
      record(call(3, 4, 1, compound(words(22) + handle(1) + words(28) + opaque("a.txt"), 2))));
  EXPECT_EQ(tx(1)["nfs"]["procedure"], "REMOVE");
  EXPECT_EQ(tx(1)["nfs"]["filename"], "a.txt");
}

TEST_F(Nfs, MalformedCallsAreReported) {
  talk.client(record(call(1, 3, 3, words(0xffffffff))));
  EXPECT_TRUE(talk.has_event("malformed_data"));
}

TEST_F(Nfs, CallsThatWaitAreBounded) {
  std::string all;
  for (unsigned i = 0; i < 600; ++i) all += lookup(i, "a");
  talk.client(all);
  EXPECT_TRUE(talk.has_event("too_many_transactions"));
  EXPECT_TRUE(talk.is_complete(0));
  EXPECT_FALSE(talk.is_complete(599));
}

TEST_F(Nfs, FramesOfACallAndAReply) {
  using Frame = Conversation::SeenFrame;
  const std::string asked = lookup(1, "a"), answered = record(reply(1, kFound));
  talk.client(asked).server(answered);
  const std::uint64_t body = 4 + 24 + kUnix.size();
  EXPECT_EQ(talk.frames(Direction::to_server),
            (std::vector<Frame>{{0, 0, asked.size()}, {3, 28, body - 8}, {4, body, asked.size()}}));
  EXPECT_EQ(talk.frames(Direction::to_client), (std::vector<Frame>{{0, 0, answered.size()},
                                                                   {1, 0, 12},
                                                                   {2, 12, answered.size()},
                                                                   {4, 28, answered.size()},
                                                                   {5, 28, 32}}));
}

TEST(NfsDatagrams, APingIsNotYetNfs) {
  const auto proto_of = [](const std::string& first, const std::string& answer) {
    Recorder r;
    Ends e;
    e.dst_port = 2049;
    r.send(ethernet(ipv4(e, 17, udp(e, first))));
    r.send(ethernet(ipv4(e.reversed(), 17, udp(e.reversed(), answer))));
    r.sensor.finish();
    return std::string(r.catalogue.name(r.ended.at(0).proto));
  };
  EXPECT_EQ(proto_of(call(1, 3, 0, "", words(0, 0, 0, 0)), reply(1, "")), "failed");
  EXPECT_EQ(proto_of(lookup(1, "a").substr(4), reply(1, kFound)), "nfs");
}

}  // namespace
}  // namespace chieng::collector
