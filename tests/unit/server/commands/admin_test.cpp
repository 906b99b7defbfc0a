#include "server/commands/admin.h"

#include <sys/stat.h>

#include <fstream>

#include <nlohmann/json.hpp>

#include "server/commands/admin_socket.h"
#include "server/settings.h"
#include "tests/unit/server/store/store_fixture.h"
#include "transport/enroll/token.h"

namespace chieng::server {
namespace {

using Json = nlohmann::json;

class AdminTest : public StoreTest {
 protected:
  Json call(const Json& request) {
    return Json::parse(admin_call({*store, key, "tcp://127.0.0.1:7802", {}}, request.dump()));
  }
  PublicKey key = KeyPair::generate().public_key;
};

TEST_F(AdminTest, ATokenLeadsToItsAgencyAndCarriesKeyAndAddress) {
  const Json added = call({{"command", "agency.add"}, {"who", "root"}, {"name", "Sở Một"}});
  ASSERT_TRUE(added.contains("ok")) << added;
  const Json made = call(
      {{"command", "enroll-token.create"}, {"agency", added["ok"]["id"]}, {"valid_ms", 60000}});
  ASSERT_TRUE(made.contains("ok")) << made;
  const auto token = parse_token(made["ok"]["token"].get<std::string>());
  ASSERT_TRUE(token) << token.error().message();
  EXPECT_EQ(token->server_key, key);
  EXPECT_EQ(token->endpoint, "tcp://127.0.0.1:7802");
  const auto joined = store->enrol(token_hash(token->secret), "may", "k", now());
  ASSERT_TRUE(joined);
  EXPECT_EQ(joined->agency.name, "Sở Một");
}

TEST_F(AdminTest, AccountsAndTokensAreMadeAndAudited) {
  const Json user =
      call({{"command", "user.add"}, {"who", "root"}, {"name", "an"}, {"role", "analyst"}});
  ASSERT_TRUE(user.contains("ok")) << user;
  const Json again = call({{"command", "user.reset"}, {"who", "root"}, {"name", "an"}});
  ASSERT_TRUE(again.contains("ok")) << again;
  EXPECT_NE(user["ok"]["password"], again["ok"]["password"]);
  EXPECT_TRUE(store->user_by_name("an")->must_change_password);
  EXPECT_EQ(store->audit_trail(everything(), {})->items[0].action, "user.reset");
  EXPECT_TRUE(call({{"command", "token.create"}, {"role", "viewer"}, {"name", "x"}, {"days", 1}})
                  .contains("ok"));
  EXPECT_EQ(call({{"command", "user.list"}})["ok"].size(), 1U);
  EXPECT_TRUE(call({{"command", "audit.verify"}}).contains("ok"));
}

TEST_F(AdminTest, WrongRequestsAreAnsweredNotThrown) {
  for (const char* request :
       {"", "[]", "{", "7", R"({"command":7})", R"({"command":"no"})",
        R"({"command":"token.create","role":"root"})",
        R"({"command":"enroll-token.create","agency":"xyz"})", R"({"command":"agents.revoke"})",
        R"({"command":"token.create","role":"admin","days":"x"})",
        R"({"command":"report.daily"})"}) {
    const auto answer = Json::parse(admin_call({*store, key, "", {}}, request));
    EXPECT_TRUE(answer.contains("error")) << request;
  }
}

TEST_F(AdminTest, TheSocketIsForItsOwnerAndComesBackAfterAKill) {
  const auto path = folder / "admin.sock";
  EXPECT_EQ(ask_server(path, "x").error().code, ErrorCode::unavailable);
  for (int round = 0; round < 2; ++round) {
    std::ofstream(path.string() + ".left").close();
    AdminSocket socket(path,
                       [](std::string_view request) { return "got " + std::string(request); });
    ASSERT_TRUE(socket.start());
    struct stat info{};
    ASSERT_EQ(::stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600U);
    EXPECT_EQ(*ask_server(path, "one"), "got one");
    EXPECT_EQ(*ask_server(path, std::string(1'000'000, 'x')), "got " + std::string(1'000'000, 'x'));
  }
  EXPECT_EQ(ask_server(path, "x").error().code, ErrorCode::unavailable);
}

TEST(ServerSettings, AddressesAndPorts) {
  EXPECT_EQ(parse_host_port("127.0.0.1:8443", "k")->port, 8443);
  EXPECT_EQ(parse_host_port("[::1]:1", "k")->host, "::1");
  for (const char* wrong : {"", ":", "8443", "::1:80", "a:", "a:x", "a:70000", "[]:1", "a:1x"})
    EXPECT_FALSE(parse_host_port(wrong, "k")) << wrong;
}

TEST(ServerSettings, TheTableIsItsOwnGoodFile) {
  Settings settings(server_settings());
  const Status loaded = settings.load(Settings::reference(server_settings()), "reference.yaml");
  EXPECT_TRUE(loaded) << loaded.error().message();
  EXPECT_FALSE(Settings(server_settings()).load("data: {floder: x}", "f"));
}

}  // namespace
}  // namespace chieng::server
