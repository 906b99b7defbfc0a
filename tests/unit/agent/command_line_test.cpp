// The real program, as people and scripts call it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

struct Done {
  int status = -1;
  std::string out, err;
};

class CommandLine : public testing::Test {
 protected:
  CommandLine() {
    folder_ = std::filesystem::temp_directory_path() /
              ("chieng-cli-" + std::to_string(getpid()) + "-" +
               testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
  }
  ~CommandLine() override { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return (folder_ / name).string();
  }
  std::string read(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  Done call(const std::string& arguments) {
    const std::string out = (folder_ / "stdout").string();
    const std::string err = (folder_ / "stderr").string();
    const int raw = std::system((std::string(CHIENG_AGENT_PROGRAM) + " " + arguments + " >" + out +
                                 " 2>" + err + " </dev/null")
                                    .c_str());
    return {WIFEXITED(raw) ? WEXITSTATUS(raw) : -1, read(out), read(err)};
  }
  std::vector<Json> events(const std::string& text) {
    std::vector<Json> out;
    for (std::size_t at = 0; at < text.size();) {
      const auto end = text.find('\n', at);
      out.push_back(Json::parse(text.substr(at, end - at), nullptr, false));
      EXPECT_FALSE(out.back().is_discarded());
      at = end == std::string::npos ? text.size() : end + 1;
    }
    return out;
  }

  std::filesystem::path folder_;
};

TEST_F(CommandLine, UsageFaultsEndWithTwo) {
  EXPECT_EQ(call("").status, 2);
  EXPECT_EQ(call("scan").status, 2);
  EXPECT_EQ(call("fly").status, 2);
  EXPECT_EQ(call("scan --no-such-option x").status, 2);
  const Done set = call("scan --set stream.midstraem=true " + file("a.log", "x\n"));
  EXPECT_EQ(set.status, 2);
  EXPECT_THAT(set.err, HasSubstr("did you mean stream.midstream"));
  EXPECT_EQ(call("scan --rules /nonexistent " + file("a.log", "x\n")).status, 2);
}

TEST_F(CommandLine, HelpAndVersion) {
  for (const char* command :
       {"", "scan ", "rules ", "rules check ", "run ", "enroll ", "status ", "settings "}) {
    const Done help = call(std::string(command) + "--help");
    EXPECT_EQ(help.status, 0) << command;
    EXPECT_GT(help.out.size(), 100u) << command;
  }
  EXPECT_THAT(call("version").out, HasSubstr("chieng-agent "));
}

TEST_F(CommandLine, AnInputThatCannotBeReadEndsWithOneAndTheOthersAreRead) {
  const std::string log =
      file("auth.log",
           "Nov 23 17:00:00 gw sshd[99]: Failed password for root from 192.0.2.9 port 5022 ssh2\n");
  const Done done = call("scan --log-events /nonexistent " + log);
  EXPECT_EQ(done.status, 1);
  EXPECT_THAT(done.err, HasSubstr("/nonexistent"));
  const auto all = events(done.out);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0]["event_type"], "log");
  EXPECT_EQ(all[0]["log"]["file"], log);
  EXPECT_EQ(all[0]["log"]["line"], 1);
  EXPECT_EQ(all[0]["event"]["outcome"], "failure");
  EXPECT_EQ(all[0]["src_ip"], "192.0.2.9");
  EXPECT_EQ(all[0]["user"]["name"], "root");
  EXPECT_EQ(
      call("scan " + file("noise.bin", std::string("\x01\x02\x00\x00\xff\xfe\x80\x81", 8))).status,
      1);
}

TEST_F(CommandLine, ACutCaptureIsReadAsFarAsItGoes) {
  // A pcap header and a packet of which half is missing.
  std::string pcap("\xd4\xc3\xb2\xa1\x02\x00\x04\x00\0\0\0\0\0\0\0\0\xff\xff\0\0\x01\0\0\0", 24);
  pcap += std::string("\0\xe1\xf5\x05\0\0\0\0\x40\0\0\0\x40\0\0\0", 16) + std::string(10, '\0');
  const Done done = call("scan " + file("cut.pcap", pcap));
  EXPECT_EQ(done.status, 0);
  EXPECT_FALSE(done.err.empty());
  bool told = false;
  for (const Json& e : events(done.out))
    told = told || (e["event_type"] == "health" && e["health"]["code"] == "capture_damaged");
  EXPECT_TRUE(told);
}

TEST_F(CommandLine, RulesCheckTellsEachFault) {
  const std::string good =
      file("good.rules",
           "alert tcp any any -> any any (msg:\"a\"; content:\"abc\"; sid:9790001; rev:1;)\n");
  EXPECT_EQ(call("rules check " + good).status, 0);
  const std::string bad =
      file("bad.rules",
           "alert tcp any any -> any any (msg:\"a\"; content:\"abc\"; sid:9790001; rev:1;)\n"
           "alert tcp any any -> any any (msg:\"b\"; no_such_keyword; sid:9790002; rev:1;)\n"
           "#alert tcp any any -> any any (msg:\"c\"; content:\"def\"; sid:9790003; rev:1;)\n");
  const Done done = call("rules check --json " + bad);
  EXPECT_EQ(done.status, 1);
  const Json json = Json::parse(done.out, nullptr, false);
  ASSERT_FALSE(json.is_discarded()) << done.out;
  EXPECT_EQ(json["rules"], 2);
  EXPECT_EQ(json["loaded"], 1);
  ASSERT_EQ(json["failed"].size(), 1u);
  EXPECT_EQ(json["failed"][0]["file"], bad);
  EXPECT_EQ(json["failed"][0]["line"], 2);
  EXPECT_EQ(json["failed"][0]["sid"], 9790002);
  EXPECT_THAT(json["failed"][0]["option"].get<std::string>(), HasSubstr("no_such_keyword"));
  EXPECT_FALSE(json["failed"][0]["reason"].get<std::string>().empty());
  EXPECT_EQ(Json::parse(call("rules check --json --include-disabled " + bad).out)["rules"], 3);
  EXPECT_EQ(call("rules check /nonexistent").status, 2);
}

TEST_F(CommandLine, ScanMasksWhenAsked) {
  const std::string log =
      file("a.log", "Nov 23 17:00:00 gw app[1]: login password=hunter2 id 012345678901\n");
  const std::string plain = call("scan --log-events " + log).out;
  EXPECT_THAT(plain, HasSubstr("hunter2"));
  const std::string masked = call("scan --log-events --set privacy.mask=true " + log).out;
  EXPECT_EQ(events(masked).size(), 1u);
  EXPECT_EQ(masked.find("hunter2"), std::string::npos);
  EXPECT_EQ(masked.find("012345678901"), std::string::npos);
}

TEST_F(CommandLine, WrongSettingsFilesAreRefusedWithFileAndLine) {
  const std::string config = file("agent.yaml", "agent:\n  foldr: /x\nstream:\n  midstream: 7\n");
  const Done done = call("run --config " + config);
  EXPECT_EQ(done.status, 2);
  EXPECT_THAT(done.err, HasSubstr(config + ":2"));
  EXPECT_THAT(done.err, HasSubstr("agent.folder"));
  EXPECT_THAT(done.err, HasSubstr(config + ":4"));
}

TEST_F(CommandLine, StatusAndEnrolSayWhatIsMissing) {
  const std::string config =
      file("agent.yaml", "agent:\n  folder: " + (folder_ / "state").string() + "\n");
  EXPECT_EQ(call("status --config " + config).status, 1);
  const Done empty = call("enroll --config " + config);
  EXPECT_EQ(empty.status, 1);
  EXPECT_THAT(empty.err, HasSubstr("no token"));
  const Done wrong =
      call("enroll --config " + config + " --token-file " + file("token", "nonsense\n"));
  EXPECT_EQ(wrong.status, 1);
  EXPECT_EQ(wrong.err.find("nonsense"), std::string::npos)
      << "a token is a secret, also a mistyped one";
}

}  // namespace
