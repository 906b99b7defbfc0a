#include "api_fixture.h"

namespace chieng::server::test {
namespace {

using ApiSession = ApiFixture;

TEST_F(ApiSession, log_in_gives_a_strict_cookie_and_a_csrf_token) {
  const auto reply = post("/api/v1/session", {}, {{"username", "viewer"}, {"password", kPassword}});
  ASSERT_EQ(reply.status, 200) << reply.body;
  const auto cookie = reply.header("set-cookie");
  EXPECT_NE(cookie.find("HttpOnly"), std::string::npos);
  EXPECT_NE(cookie.find("SameSite=Strict"), std::string::npos);
  const auto body = json::parse(reply.body);
  EXPECT_EQ(body["user"]["name"], "viewer");
  EXPECT_EQ(body["user"]["role"], "viewer");
  EXPECT_EQ(body["must_change_password"], false);
  EXPECT_GE(body["csrf"].get<std::string>().size(), 40U);
}

TEST_F(ApiSession, wrong_password_and_unknown_name_get_the_same_answer) {
  const auto wrong =
      post("/api/v1/session", {}, {{"username", "viewer"}, {"password", "not this one"}});
  const auto unknown =
      post("/api/v1/session", {}, {{"username", "nobody"}, {"password", "not this one"}});
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(wrong.body, unknown.body);
  EXPECT_TRUE(wrong.header("set-cookie").empty());
}

TEST_F(ApiSession, only_hashes_of_secrets_are_stored) {
  const auto login = log_in("viewer");
  const auto session = store_->session(secret_hash(login.cookie));
  ASSERT_TRUE(session);
  EXPECT_FALSE(store_->session(login.cookie));
}

TEST_F(ApiSession, dies_on_log_out) {
  const auto login = log_in("viewer");
  EXPECT_EQ(get("/api/v1/session", login).status, 200);
  EXPECT_EQ(fetch(port_, "DELETE", "/api/v1/session", login.headers()).status, 204);
  EXPECT_EQ(get("/api/v1/session", login).status, 401);
}

TEST_F(ApiSession, what_changes_needs_the_csrf_token) {
  const auto login = log_in("viewer");
  EXPECT_EQ(code_of(fetch(port_, "DELETE", "/api/v1/session", login.cookie_only())), "forbidden");
  auto wrong = login;
  wrong.csrf.back() = wrong.csrf.back() == 'x' ? 'y' : 'x';
  EXPECT_EQ(fetch(port_, "DELETE", "/api/v1/session", wrong.headers()).status, 403);
  EXPECT_EQ(get("/api/v1/session", login).status, 200) << "neither ended the session";
}

TEST_F(ApiSession, a_request_from_another_site_is_refused) {
  auto headers = log_in("viewer").headers();
  headers.emplace_back("Sec-Fetch-Site", "cross-site");
  EXPECT_EQ(fetch(port_, "DELETE", "/api/v1/session", headers).status, 403);
}

TEST_F(ApiSession, guessing_is_slowed_and_the_right_password_waits_too) {
  int refused = 0;
  Reply last;
  for (int i = 0; i < 7; ++i) {
    last = post("/api/v1/session", {},
                {{"username", "viewer"}, {"password", "guess number " + std::to_string(i)}});
    if (last.status == 401) ++refused;
  }
  EXPECT_EQ(refused, 5);
  EXPECT_EQ(last.status, 429);
  EXPECT_EQ(code_of(last), "rate_limited");
  EXPECT_GE(std::stoi(last.header("retry-after")), 1);
  EXPECT_EQ(post("/api/v1/session", {}, {{"username", "viewer"}, {"password", kPassword}}).status,
            429);
  EXPECT_EQ(post("/api/v1/session", {}, {{"username", "analyst"}, {"password", kPassword}}).status,
            200);
}

TEST_F(ApiSession, one_time_password_has_to_be_changed_first) {
  add_person("new", Role::analyst, std::nullopt, true);
  const auto login = log_in("new");
  EXPECT_EQ(code_of(get("/api/v1/groups", login)), "password_change_required");
  EXPECT_EQ(json::parse(get("/api/v1/session", login).body)["must_change_password"], true);

  EXPECT_EQ(code_of(post("/api/v1/session/password", login,
                         {{"current", "wrong"}, {"new", "a long enough one"}})),
            "forbidden");
  EXPECT_EQ(
      code_of(post("/api/v1/session/password", login, {{"current", kPassword}, {"new", "short"}})),
      "bad_request");
  EXPECT_EQ(
      post("/api/v1/session/password", login, {{"current", kPassword}, {"new", kPassword}}).status,
      400);

  const auto changed = post("/api/v1/session/password", login,
                            {{"current", kPassword}, {"new", "a long enough one"}});
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(json::parse(changed.body)["must_change_password"], false);
  EXPECT_EQ(get("/api/v1/session", login).status, 401) << "the old session ended";
  EXPECT_EQ(get("/api/v1/groups", log_in("new", "a long enough one")).status, 200);
  EXPECT_TRUE(log_in("new").cookie.empty());
}

TEST_F(ApiSession, an_idle_session_ends) {
  ApiSettings settings;
  settings.auth.idle_seconds = -1;
  const auto login = log_in("viewer");
  start(settings);
  EXPECT_EQ(get("/api/v1/session", login).status, 401);
  start({});
  EXPECT_EQ(get("/api/v1/session", login).status, 401) << "ended for good";
}

TEST_F(ApiSession, api_tokens_work_without_csrf_and_stop_when_revoked) {
  const auto secret = make_api_token();
  ApiToken token;
  token.token_hash = secret.hash;
  token.name = "export";
  token.role = Role::viewer;
  token.made = now();
  token.expires = now() + 3'600'000'000;
  const auto id = store_->add_api_token(kSystem, token);
  ASSERT_TRUE(id);
  const ExtraHeaders bearer{{"Authorization", "Bearer " + secret.text}};
  EXPECT_EQ(fetch(port_, "GET", "/api/v1/groups", bearer).status, 200);
  EXPECT_EQ(fetch(port_, "GET", "/api/v1/audit", bearer).status, 403);
  EXPECT_EQ(fetch(port_, "GET", "/api/v1/groups", {{"Authorization", "Bearer chg_wrong"}}).status,
            401);
  EXPECT_EQ(fetch(port_, "GET", "/api/v1/groups", {{"Authorization", "Basic YTpi"}}).status, 401);
  ASSERT_TRUE(store_->revoke_api_token(kSystem, *id));
  EXPECT_EQ(fetch(port_, "GET", "/api/v1/groups", bearer).status, 401);
}

TEST_F(ApiSession, logging_in_and_failing_to_are_audited_without_what_was_typed) {
  (void)log_in("viewer");
  (void)log_in("viewer", "mistyped-secret-password");
  (void)log_in("typed-password-in-the-wrong-box", "x");
  const auto trail = get("/api/v1/audit", log_in("admin"));
  ASSERT_EQ(trail.status, 200);
  EXPECT_NE(trail.body.find("session.begin"), std::string::npos);
  EXPECT_NE(trail.body.find("session.refused"), std::string::npos);
  EXPECT_NE(trail.body.find("127.0.0.1"), std::string::npos);
  EXPECT_EQ(trail.body.find("mistyped-secret"), std::string::npos);
  EXPECT_EQ(trail.body.find("wrong-box"), std::string::npos);
  EXPECT_TRUE(store_->verify_audit());
}

}  // namespace
}  // namespace chieng::server::test
