// Every route of the table, asked by everybody: the description says the least role, the server has
// to keep to it.
#include "api_fixture.h"
#include "server/api/handlers/handlers.h"
#include "server/api/openapi.h"

namespace chieng::server::test {
namespace {

class ApiAccess : public ApiFixture {
 protected:
  struct Operation {
    std::string method, path, role;
    json described;
  };
  std::vector<Operation> operations() {
    const auto document = json::parse(get("/api/v1/openapi.json").body);
    std::vector<Operation> out;
    for (const auto& [path, methods] : document.at("paths").items()) {
      std::string real = path;
      const auto id = path.starts_with("/events/") ? hue_event_ : group_of(hue_);
      if (const auto at = real.find("{id}"); at != std::string::npos) real.replace(at, 4, id);
      for (const auto& [method, described] : methods.items()) {
        std::string name = method;
        for (auto& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        out.push_back({name, "/api/v1" + real, described.at("x-role"), described});
      }
    }
    return out;
  }
  // The status only: a stream's answer has no end.
  int ask(const Operation& operation, const ExtraHeaders& headers, const std::string& body = {}) {
    auto all = headers;
    if (!body.empty()) all.emplace_back("Content-Type", "application/json");
    return fetch(port_, operation.method, operation.path, all, body).status;
  }
};

TEST_F(ApiAccess, nobody_gets_in_without_being_known) {
  int guarded = 0;
  for (const auto& operation : operations()) {
    if (operation.role == "anyone") continue;
    ++guarded;
    const std::string body = operation.described.contains("requestBody") ? "{}" : "";
    EXPECT_EQ(ask(operation, {}, body), 401) << operation.method << ' ' << operation.path;
    EXPECT_EQ(ask(operation, {{"Cookie", "chieng_session=invented"}}, body), 401) << operation.path;
    EXPECT_EQ(ask(operation, {{"Authorization", "Bearer chg_invented"}}, body), 401)
        << operation.path;
  }
  EXPECT_EQ(guarded, 15);
}

TEST_F(ApiAccess, each_role_gets_what_it_may_and_no_more) {
  const std::vector<std::pair<std::string, int>> people = {
      {"viewer", 0}, {"analyst", 1}, {"admin", 2}};
  const std::map<std::string, int> ranks = {
      {"anyone", 0}, {"viewer", 0}, {"analyst", 1}, {"admin", 2}};
  for (const auto& [name, rank] : people) {
    auto login = log_in(name);
    for (const auto& operation : operations()) {
      if (operation.path.ends_with("/incidents/" + group_of(hue_)))
        continue;  // no such incident: 404 for everybody
      const bool has_body = operation.described.contains("requestBody");
      const int status = ask(operation, login.headers(), has_body ? R"({"wrong":1})" : "");
      const bool may = rank >= ranks.at(operation.role);
      const int expected = !may ? 403 : has_body ? 400 : operation.method == "DELETE" ? 204 : 200;
      EXPECT_EQ(status, expected) << name << ' ' << operation.method << ' ' << operation.path;
      if (operation.method == "DELETE") login = log_in(name);
    }
  }
}

TEST_F(ApiAccess, every_change_needs_the_csrf_token) {
  const auto login = log_in("admin");
  int changes = 0;
  for (const auto& operation : operations()) {
    if (operation.method == "GET" || operation.role == "anyone") continue;
    ++changes;
    EXPECT_EQ(ask(operation, login.cookie_only(),
                  operation.described.contains("requestBody") ? "{}" : ""),
              403)
        << operation.path;
  }
  EXPECT_EQ(changes, 3);
}

TEST_F(ApiAccess, malformed_bodies_and_queries_are_told_so) {
  const auto login = log_in("admin");
  const std::vector<std::string> bodies = {
      "{",        "[]",  "1",    "{\"a\":{}}",          "{\"a\":1,\"a\":2}",
      "\xff\xfe", "{}x", "null", std::string(5000, '[')};
  for (const auto& operation : operations()) {
    if (!operation.described.contains("requestBody")) {
      auto asked = operation;
      asked.path += "?nonsense=1";
      if (operation.method == "GET") {
        EXPECT_EQ(ask(asked, login.headers()), 400) << asked.path;
      }
      continue;
    }
    for (const auto& body : bodies)
      EXPECT_EQ(ask(operation, login.headers(), body), 400) << operation.path << body.substr(0, 20);
    auto plain = login.headers();
    plain.emplace_back("Content-Type", "text/plain");
    EXPECT_EQ(fetch(port_, operation.method, operation.path, plain, "{}").status, 415);
    auto typed = login.headers();
    typed.emplace_back("Content-Type", "application/json");
    EXPECT_EQ(
        fetch(port_, operation.method, operation.path, typed, std::string(300'000, ' ')).status,
        413);
  }
}

TEST_F(ApiAccess, the_description_and_the_table_are_the_same_set) {
  std::set<std::string> described, routed;
  const auto document = json::parse(get("/api/v1/openapi.json").body);
  for (const auto& [path, methods] : document.at("paths").items())
    for (const auto& [method, operation] : methods.items()) described.insert(method + " " + path);
  Authenticator authenticator(*store_, {});
  StreamHub hub(*store_, feed_, authenticator);
  for (const auto& route : all_routes({*store_, authenticator, hub})) {
    std::string method(to_string(route.method));
    for (auto& c : method) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    EXPECT_TRUE(routed.insert(method + " " + std::string(route.path)).second)
        << route.path << " is there twice";
    EXPECT_FALSE(route.summary.empty());
  }
  EXPECT_EQ(described, routed);
}

// Small checker of the JSON Schema that the description uses, so that answers are held to it.
class Checker {
 public:
  explicit Checker(const json& document) : document_(document) {}
  void check(const json& schema, const json& value, const std::string& where) const {
    if (schema.contains("$ref")) {
      const auto name =
          schema["$ref"].get<std::string>().substr(std::string("#/components/schemas/").size());
      return check(document_["components"]["schemas"].at(name), value, where);
    }
    if (schema.contains("type")) check_type(schema["type"], value, where);
    const auto choices = schema.value("enum", json::array());
    EXPECT_TRUE(choices.empty() ||
                std::find(choices.begin(), choices.end(), value) != choices.end())
        << where << value;
    for (const std::string name : schema.value("required", json::array()))
      EXPECT_TRUE(value.contains(name)) << where << '.' << name;
    if (schema.contains("properties") && value.is_object())
      for (const auto& [name, part] : value.items()) {
        const bool known = schema["properties"].contains(name);
        EXPECT_TRUE(known) << where << '.' << name << " is not described";
        if (known) check(schema["properties"][name], part, where + "." + name);
      }
    if (schema.contains("items") && value.is_array())
      for (const auto& item : value) check(schema["items"], item, where + "[]");
  }

 private:
  static void check_type(const json& type, const json& value, const std::string& where) {
    const auto is = [&](const std::string& name) {
      return (name == "object" && value.is_object()) || (name == "array" && value.is_array()) ||
             (name == "string" && value.is_string()) ||
             (name == "integer" && value.is_number_integer()) ||
             (name == "boolean" && value.is_boolean()) || (name == "null" && value.is_null());
    };
    bool fits = false;
    if (type.is_string())
      fits = is(type);
    else
      for (const auto& one : type) fits = fits || is(one);
    EXPECT_TRUE(fits) << where << " is " << value.dump().substr(0, 60);
  }
  const json& document_;
};

TEST_F(ApiAccess, answers_are_what_the_description_says) {
  const auto login = log_in("admin");
  const auto document = json::parse(get("/api/v1/openapi.json").body);
  ASSERT_EQ(post("/api/v1/groups/" + group_of(hue_) + "/actions", login,
                 {{"action", "escalate"},
                  {"note", "xem"},
                  {"version",
                   json::parse(get("/api/v1/groups/" + group_of(hue_), login).body)["version"]}})
                .status,
            201);
  const Checker checker(document);
  int checked = 0;
  for (const auto& operation : operations()) {
    const auto& answers = operation.described["responses"];
    if (operation.method != "GET" || !answers.contains("2XX")) continue;
    const auto& content = answers["2XX"]["content"];
    if (!content.contains("application/json")) continue;
    const auto reply = fetch(port_, "GET", operation.path, login.headers());
    if (reply.status == 404) continue;
    ASSERT_EQ(reply.status, 200) << operation.path;
    checker.check(content["application/json"]["schema"], json::parse(reply.body), operation.path);
    ++checked;
  }
  EXPECT_GE(checked, 12);
  const auto problem = get("/api/v1/groups/none", login);
  checker.check(document["components"]["schemas"]["Problem"], json::parse(problem.body), "problem");
}

TEST_F(ApiAccess, unknown_addresses_and_methods) {
  const auto login = log_in("admin");
  EXPECT_EQ(code_of(get("/api/v1/nothing", login)), "not_found");
  EXPECT_EQ(code_of(get("/api/v2/groups", login)), "not_found");
  const auto wrong = fetch(port_, "PUT", "/api/v1/groups", login.headers());
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.header("allow"), "GET");
  EXPECT_EQ(fetch(port_, "POST", "/", login.headers()).status, 405);
  EXPECT_EQ(get("/api/v1/../v1/groups", login).status, 400);
  EXPECT_EQ(get("/api/v1/%2e%2e/groups", login).status, 400);
}

TEST_F(ApiAccess, every_answer_has_the_strict_headers) {
  for (const auto* path : {"/", "/api/v1/health/live", "/api/v1/groups", "/nothing.js", "/%"}) {
    const auto reply = get(path);
    EXPECT_NE(reply.header("content-security-policy").find("default-src 'self'"), std::string::npos)
        << path;
    EXPECT_NE(reply.header("content-security-policy").find("frame-ancestors 'none'"),
              std::string::npos)
        << path;
    EXPECT_EQ(reply.header("content-security-policy").find("unsafe"), std::string::npos) << path;
    EXPECT_EQ(reply.header("x-content-type-options"), "nosniff") << path;
    EXPECT_EQ(reply.header("referrer-policy"), "no-referrer") << path;
    EXPECT_TRUE(reply.header("strict-transport-security").empty())
        << "plain HTTP cannot promise TLS";
    EXPECT_EQ(reply.header("cache-control"), path == std::string("/") ? "no-cache" : "no-store")
        << path;
  }
}

TEST_F(ApiAccess, the_page_is_served_for_its_own_addresses) {
  const auto page = get("/");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.header("content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(get("/groups/some-id").body, page.body);
  EXPECT_EQ(get("/assets/gone.js").status, 404);
  EXPECT_EQ(fetch(port_, "GET", "/", {{"If-None-Match", page.header("etag")}}).status, 304);
}

TEST_F(ApiAccess, health_says_ready_and_head_has_no_body) {
  EXPECT_EQ(get("/api/v1/health/ready").status, 200);
  const auto head = fetch(port_, "HEAD", "/api/v1/health/ready");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("content-length"), "18");
}

}  // namespace
}  // namespace chieng::server::test
