#include "server/store/sqlite.h"
#include "tests/unit/server/store/store_fixture.h"

namespace chieng::server {
namespace {

using PeopleTest = StoreTest;

TEST_F(PeopleTest, TokensAreUsedOnceAndTheSameKeyGetsTheSameAnswer) {
  EXPECT_EQ(store->enrol("hash-of-may-mot", "may-mot", "key-of-may-mot", now())->id, agent);
  EXPECT_EQ(store->enrol("hash-of-may-mot", "x", "another-key", now()).error().code,
            ErrorCode::auth);
  EXPECT_EQ(store->enrol("unknown", "x", "another-key", now()).error().code, ErrorCode::not_found);
  ASSERT_TRUE(store->add_enrol_token(everything(), kTester,
                                     {"old", agency, now(), now() + -1, Timestamp{}, ""}));
  EXPECT_EQ(store->enrol("old", "x", "another-key", now()).error().code, ErrorCode::timeout);
  ASSERT_TRUE(store->add_enrol_token(everything(), kTester,
                                     {"new", agency, now(), now() + 9'000'000, Timestamp{}, ""}));
  EXPECT_EQ(store->enrol("new", "x", "key-of-may-mot", now()).error().code, ErrorCode::exists);
  EXPECT_TRUE(store->enrol("new", "x", "another-key", now()));
  EXPECT_FALSE(store->add_enrol_token(everything(), kTester,
                                      {"z", Uuid::random(), now(), now(), Timestamp{}, ""}));
}

TEST_F(PeopleTest, AgentsAreNeverAliveSilentRevoked) {
  const auto status = [&](std::int64_t later) {
    return store->agent(everything(), agent, now() + later)->status;
  };
  EXPECT_EQ(status(0), AgentStatus::never);
  Beat beat{agent, now(), {}};
  beat.facts.version = "1.0";
  beat.facts.rules_loaded = 5;
  ASSERT_TRUE(store->record_beats(std::span(&beat, 1)));
  EXPECT_EQ(status(0), AgentStatus::alive);
  EXPECT_EQ(status(kSilentAfterMicros + 1'000'000), AgentStatus::silent);
  EXPECT_TRUE(store->note_silences(now())->empty());
  EXPECT_EQ(store->note_silences(now() + 100'000'000)->size(), 1U);
  EXPECT_TRUE(store->note_silences(now() + 110'000'000)->empty());
  const Timestamp from = beat.at;
  beat.at = now() + 200'000'000;
  beat.facts = {};
  ASSERT_TRUE(store->record_beats(std::span(&beat, 1)));
  const auto silences = *store->silences(everything(), from, from + 900'000'000);
  ASSERT_EQ(silences.size(), 1U);
  EXPECT_EQ(silences[0].from, from);
  EXPECT_EQ(silences[0].to, beat.at);
  const Agent known = *store->agent(everything(), agent, now());
  EXPECT_EQ(known.facts.version, "1.0");  // kept where a beat does not know it
  EXPECT_EQ(known.facts.rules_loaded, 5U);
  ASSERT_TRUE(store->revoke_agent(everything(), kTester, agent));
  EXPECT_EQ(status(0), AgentStatus::revoked);
  EXPECT_FALSE(store->revoke_agent(everything(), kTester, agent));
}

TEST_F(PeopleTest, AgenciesKeepTheirNamesByDate) {
  const Timestamp before = now();
  const auto change = [](std::optional<std::string> name, std::optional<Uuid> parent,
                         Timestamp from) {
    AgencyChange out;
    out.name = std::move(name);
    out.parent = parent;
    out.from = from;
    return out;
  };
  ASSERT_TRUE(
      store->change_agency(everything(), kTester, agency, change("Phường Một", {}, before + 1)));
  ASSERT_TRUE(store->change_agency(everything(), kTester, agency,
                                   change("Sau này", {}, now() + 3'600'000'000)));
  EXPECT_EQ(store->agencies(everything(), before)->front().name, "Xã Một");
  EXPECT_EQ(store->agencies(everything(), now())->front().name, "Phường Một");
  EXPECT_EQ(store->agent(everything(), agent, now())->agency.name, "Phường Một");
  EXPECT_EQ(store->agencies(everything(), now() + 7'200'000'000)->front().name, "Sau này");
  const Uuid below = add_agency("Thôn", agency);
  EXPECT_FALSE(store->change_agency(everything(), kTester, agency, change({}, below, now())));
  EXPECT_FALSE(store->add_agency(everything(), kTester, {Uuid{}, Uuid::random(), "x", "", ""}));
}

TEST_F(PeopleTest, SessionsEndWithPasswordsAndTime) {
  User user;
  user.name = "An";
  user.role = Role::analyst;
  user.agency = agency;
  user.password_hash = "h";
  user.must_change_password = true;
  const std::string id = *store->add_user(kTester, user);
  EXPECT_EQ(store->user_by_name("an")->id, id);
  EXPECT_EQ(store->add_user(kTester, *store->user_by_id(id)).error().code, ErrorCode::exists);
  ASSERT_TRUE(store->add_session({"t1", id, "c", "", now(), now(), now() + 60'000'000}));
  ASSERT_TRUE(store->add_session({"t2", id, "c", "", now(), now(), now() + 60'000'000}));
  EXPECT_EQ(store->session("t1")->user_id, id);
  ASSERT_TRUE(store->end_session("t1"));
  EXPECT_FALSE(store->session("t1"));
  ASSERT_TRUE(store->set_password(kTester, id, "h2", false));
  EXPECT_FALSE(store->session("t2"));
  EXPECT_FALSE(store->user_by_id(id)->must_change_password);
  ASSERT_TRUE(store->add_session({"t3", id, "c", "", now(), now(), now() + -1}));
  EXPECT_FALSE(store->session("t3"));
}

TEST_F(PeopleTest, ApiTokensExpireAndAreRevoked) {
  ApiToken token;
  token.token_hash = "one";
  token.name = "x";
  token.role = Role::admin;
  token.expires = now() + 60'000'000;
  const std::string id = *store->add_api_token(kTester, token);
  EXPECT_EQ(store->api_token("one")->role, Role::admin);
  ASSERT_TRUE(store->revoke_api_token(kTester, id));
  EXPECT_FALSE(store->api_token("one"));
  token.token_hash = "two";
  token.expires = now() + -1;
  ASSERT_TRUE(store->add_api_token(kTester, token));
  EXPECT_FALSE(store->api_token("two"));
}

TEST_F(PeopleTest, TheAuditTrailIsAChainThatCannotBeChangedUnseen) {
  ASSERT_TRUE(store->verify_audit());
  const auto trail = *store->audit_trail(everything(), {2, ""});
  ASSERT_EQ(trail.items.size(), 2U);
  EXPECT_EQ(trail.items[0].action, "agent.enrol");
  EXPECT_EQ(store->audit_trail(everything(), {2, trail.next_cursor})->items[0].sequence, 1U);
  store.reset();
  {
    auto file = *sql::Connection::open(folder / "core.db", sql::Connection::Mode::write);
    EXPECT_FALSE(file->run("UPDATE audit SET actor_name = 'x' WHERE sequence = 2"));
    EXPECT_FALSE(file->run("DELETE FROM audit"));
    ASSERT_TRUE(file->run("DROP TRIGGER audit_update"));
    ASSERT_TRUE(file->run("UPDATE audit SET actor_name = 'x' WHERE sequence = 2"));
  }
  reopen();
  const auto broken = store->verify_audit();
  ASSERT_FALSE(broken);
  EXPECT_NE(broken.error().text.find("entry 2"), std::string::npos);
}

}  // namespace
}  // namespace chieng::server
