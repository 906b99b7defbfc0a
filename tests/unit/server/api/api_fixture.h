// A real API server over a real SQLite store in a folder of its own: two provinces with an agent
// and alerts each, and people with different rights.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "http_client.h"
#include "server/api/api_server.h"
#include "server/auth/secrets.h"
#include "server/correlate/correlator.h"
#include "server/store/sqlite_store.h"
#include "server/store/system_access.h"

namespace chieng::server::test {

using nlohmann::json;

class ApiFixture : public ::testing::Test {
 protected:
  static constexpr const char* kPassword = "correct horse battery";

  struct Login {
    std::string cookie, csrf;
    [[nodiscard]] ExtraHeaders headers() const {
      return {{"Cookie", "chieng_session=" + cookie}, {"X-Chieng-CSRF", csrf}};
    }
    [[nodiscard]] ExtraHeaders cookie_only() const {
      return {{"Cookie", "chieng_session=" + cookie}};
    }
  };

  void SetUp() override {
    char name[] = "/tmp/chieng-api-test-XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    folder_ = name;
    auto store = open_store({.folder = folder_ / "store", .changes = &feed_});
    ASSERT_TRUE(store) << store.error().message();
    store_ = std::move(*store);
    fill();
    start({});
  }
  void TearDown() override {
    server_.reset();
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  void start(ApiSettings settings) {
    settings.http.port = 0;
    server_.reset();
    server_ = std::make_unique<ApiServer>(settings, *store_, feed_);
    const auto started = server_->start();
    ASSERT_TRUE(started) << started.error().message();
    port_ = server_->port();
  }

  Scope everything() { return Scope::all(system_access()); }

  void fill() {
    const Scope all = everything();
    hue_ = *store_->add_agency(all, kSystem, {{}, {}, "Huế", "HUE", "province"});
    lao_cai_ = *store_->add_agency(all, kSystem, {{}, {}, "Lào Cai", "LCA", "province"});
    hue_agent_ = enrol(hue_, "hue-1", "k1");
    lao_cai_agent_ = enrol(lao_cai_, "lao-cai-1", "k2");
    static const std::string hash = *hash_password(kPassword);
    hash_ = hash;
    add_person("admin", Role::admin, std::nullopt);
    add_person("analyst", Role::analyst, std::nullopt);
    add_person("viewer", Role::viewer, std::nullopt);
    add_person("hue_analyst", Role::analyst, hue_);
    hue_event_ = alert(hue_, hue_agent_, 1, "198.51.100.7", "10.0.0.5", 9'700'001);
    lao_cai_event_ = alert(lao_cai_, lao_cai_agent_, 1, "203.0.113.9", "10.0.0.5", 9'700'001);
  }

  Uuid enrol(const Uuid& agency, const std::string& name, const std::string& key) {
    EnrolToken token;
    token.hash = secret_hash(name);
    token.agency = agency;
    token.made = now();
    token.expires = now() + 3'600'000'000;
    token.made_by = "system";
    EXPECT_TRUE(store_->add_enrol_token(everything(), kSystem, token));
    const auto agent = store_->enrol(token.hash, name, key, now());
    EXPECT_TRUE(agent) << agent.error().message();
    return agent ? agent->id : Uuid{};
  }

  void add_person(const std::string& name, Role role, const std::optional<Uuid>& agency,
                  bool must_change = false) {
    User user;
    user.name = name;
    user.role = role;
    user.agency = agency;
    user.password_hash = hash_;
    user.must_change_password = must_change;
    ASSERT_TRUE(store_->add_user(kSystem, user));
  }

  // Stores an alert as an agent would have sent it, and groups it.
  std::string alert(const Uuid& agency, const Uuid& agent, std::uint64_t sequence,
                    const std::string& src, const std::string& dst, std::uint64_t sid,
                    std::uint64_t count = 1) {
    AgentBatch batch;
    batch.agent = agent;
    batch.agency = agency;
    batch.spool = spool_;
    batch.received = now();
    IncomingEvent event;
    event.sequence = sequence;
    event.envelope.event_time = event.envelope.observed_time = event.envelope.first =
        event.envelope.last = now();
    event.envelope.count = count;
    event.placed = now();
    event.json = json{
        {"timestamp", to_iso(now())},
        {"event_type", "alert"},
        {"src_ip", src},
        {"dest_ip", dst},
        {"proto", "TCP"},
        {"alert",
         {{"action", "allowed"},
          {"gid", 1},
          {"signature_id", sid},
          {"rev", 1},
          {"signature", "Thử nghiệm " + std::to_string(sid)},
          {"category", ""},
          {"severity",
           2}}}}.dump();
    batch.events.push_back(event);
    const auto stored = store_->append(std::span(&batch, 1));
    EXPECT_TRUE(stored) << stored.error().message();
    while (Correlator::step(*store_).value_or(0) > 0) {
    }
    return to_string(make_event_id(agent, {spool_, 1, EventClass::alert, sequence}));
  }

  Login log_in(const std::string& name, const std::string& password = kPassword) {
    const auto reply =
        post("/api/v1/session", {}, json{{"username", name}, {"password", password}});
    Login login;
    if (reply.status != 200) return login;
    const auto cookie = reply.header("set-cookie");
    const auto from = cookie.find('=') + 1;
    login.cookie = cookie.substr(from, cookie.find(';') - from);
    login.csrf = json::parse(reply.body).at("csrf");
    return login;
  }

  Reply get(const std::string& path, const Login& login = {}) {
    return fetch(port_, "GET", path, login.cookie.empty() ? ExtraHeaders{} : login.headers());
  }
  Reply post(const std::string& path, const Login& login, const json& body) {
    auto headers = login.cookie.empty() ? ExtraHeaders{} : login.headers();
    headers.emplace_back("Content-Type", "application/json");
    return fetch(port_, "POST", path, headers, body.dump());
  }
  std::string code_of(const Reply& reply) {
    EXPECT_EQ(reply.header("content-type"), "application/problem+json; charset=utf-8")
        << reply.body;
    const auto body = json::parse(reply.body, nullptr, false);
    return body.is_object() ? body.value("code", "") : "";
  }
  // The one group that a login sees of an agency.
  std::string group_of(const Uuid& agency) {
    const auto page =
        store_->groups(everything(), {.status = {}, .q = {}, .agency = agency, .severity = {}}, {});
    EXPECT_TRUE(page);
    return page && !page->items.empty() ? page->items.front().id : "";
  }

  static inline const Actor kSystem{"system", "system"};
  std::filesystem::path folder_;
  ChangeFeed feed_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<ApiServer> server_;
  std::uint16_t port_ = 0;
  Uuid hue_, lao_cai_, hue_agent_, lao_cai_agent_, spool_ = Uuid::random();
  std::string hue_event_, lao_cai_event_, hash_;
};

}  // namespace chieng::server::test
