#include <gtest/gtest.h>

#include <algorithm>

#include "server/api/http.h"
#include "server/api/json_body.h"
#include "server/api/target.h"
#include "server/console/static_files.h"

namespace chieng::server {
namespace {

TEST(Target, splits_and_decodes) {
  const auto target = parse_target("/api/v1/groups/a%2Fb?q=Hu%E1%BA%BF+1&empty=&bare");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->segments, (std::vector<std::string>{"api", "v1", "groups", "a/b"}));
  EXPECT_EQ(*target->find("q"), "Huế 1");
  EXPECT_EQ(*target->find("empty"), "");
  EXPECT_EQ(*target->find("bare"), "");
  EXPECT_EQ(target->find("none"), nullptr);
}

TEST(Target, refuses_what_no_honest_client_sends) {
  for (const std::string& bad :
       std::vector<std::string>{"", "api", "http://host/", "*", "/%", "/%4", "/%zz", "/%00",
                                "/a%0ab", "/%ff", "/%c0%af", "/%ed%a0%80", "/../x", "/a/%2e%2e/b",
                                "/./a", "/?a=1&a=2", "/?a=%", "/" + std::string(9000, 'x')})
    EXPECT_FALSE(parse_target(bad)) << bad.substr(0, 40);
  std::string many = "/?";
  for (int i = 0; i < 33; ++i) many += "m" + std::to_string(i) + "=1&";
  EXPECT_FALSE(parse_target(many));
}

TEST(Cookie, is_found_by_its_whole_name) {
  EXPECT_EQ(find_cookie("a=1; chieng_session=abc; b=2", "chieng_session"), "abc");
  EXPECT_EQ(find_cookie("chieng_session=abc", "chieng_session"), "abc");
  EXPECT_EQ(find_cookie("xchieng_session=abc;chieng_session2=d", "chieng_session"), "");
  EXPECT_EQ(find_cookie("chieng_session", "chieng_session"), "");
  EXPECT_EQ(find_cookie(";;; ;", "chieng_session"), "");
}

TEST(JsonBody, takes_flat_objects) {
  const auto body = JsonBody::parse(R"({"name":"Huế","version":7,"none":null,"yes":true})");
  ASSERT_TRUE(body);
  EXPECT_EQ(*body->needed_text("name", 10), "Huế");
  EXPECT_EQ(**body->number("version"), 7U);
  EXPECT_FALSE(body->text("none", 10)->has_value());
  EXPECT_FALSE(body->text("absent", 10)->has_value());
  EXPECT_FALSE(body->needed_text("absent", 10));
  EXPECT_FALSE(body->text("version", 10));
  EXPECT_FALSE(body->number("name"));
  EXPECT_FALSE(body->text("name", 3)) << "over its limit";
  EXPECT_TRUE(body->only({"name", "version", "none", "yes"}));
  EXPECT_FALSE(body->only({"name", "version", "none"}));
}

TEST(JsonBody, refuses_everything_else) {
  std::string many = "{";
  for (int i = 0; i < 40; ++i) many += (i ? ",\"" : "\"") + std::to_string(i) + "\":1";
  for (const std::string& bad : std::vector<std::string>{
           "", "null", "1", "\"x\"", "[]", "[{}]", "{", "{}{}", "{\"a\":[1]}", "{\"a\":{}}",
           "{\"a\":1,\"a\":1}", "{\"a\":1.5}", "{\"a\":-1}", "{\"a\":1e400}", "{\"a\":\"\xff\"}",
           "{\"a\":\"\\ud800\"}", many + "}", std::string(200'000, '['),
           "{\"a\":99999999999999999999999}"})
    EXPECT_FALSE(JsonBody::parse(bad)) << bad.substr(0, 30);
  EXPECT_TRUE(JsonBody::parse("{}"));
}

TEST(Cursor, only_what_a_store_could_have_made) {
  EXPECT_TRUE(check_cursor(""));
  EXPECT_TRUE(check_cursor("20650.17"));
  EXPECT_FALSE(check_cursor("' OR 1=1"));
  EXPECT_FALSE(check_cursor(std::string(513, '1')));
}

TEST(Etag, follows_rfc_9110) {
  EXPECT_TRUE(etag_matches("\"a\"", "\"a\""));
  EXPECT_TRUE(etag_matches("\"x\", W/\"a\"", "\"a\""));
  EXPECT_TRUE(etag_matches("*", "\"a\""));
  EXPECT_FALSE(etag_matches("\"b\"", "\"a\""));
  EXPECT_FALSE(etag_matches("", "\"a\""));
  EXPECT_FALSE(etag_matches("\"a\"", ""));
  EXPECT_FALSE(etag_matches(",,,", "\"a\""));
}

TEST(StaticFiles, page_for_made_up_addresses_but_never_for_files) {
  static constexpr Asset assets[] = {
      {"/assets/app-1a2b.js", "text/javascript; charset=utf-8", "\"1\"", "script"},
      {"/favicon.svg", "image/svg+xml", "\"2\"", "icon"},
      {"/index.html", "text/html; charset=utf-8", "\"3\"", "page"},
  };
  const StaticFiles files(assets);
  EXPECT_EQ(files.answer("/", "").bytes(), "page");
  EXPECT_EQ(files.answer("/groups/17", "").bytes(), "page");
  EXPECT_EQ(files.answer("/favicon.svg", "").bytes(), "icon");
  const auto script = files.answer("/assets/app-1a2b.js", "");
  EXPECT_EQ(script.bytes(), "script");
  EXPECT_NE(script.header("Cache-Control").find("immutable"), std::string_view::npos);
  EXPECT_EQ(files.answer("/assets/app-old.js", "").status, 404);
  EXPECT_EQ(files.answer("/assets/app", "").status, 404);
  EXPECT_EQ(files.answer("/robots.txt", "").status, 404);
  EXPECT_EQ(files.answer("/", "\"3\"").status, 304);
  EXPECT_EQ(files.answer("/", "\"2\"").status, 200);
}

TEST(StaticFiles, what_is_embedded_is_sorted_and_has_a_page) {
  const auto assets = console_assets();
  EXPECT_TRUE(std::ranges::is_sorted(assets, {}, &Asset::path));
  const auto page = StaticFiles(assets).answer("/", "");
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(page.bytes().find("<html"), std::string_view::npos);
}

}  // namespace
}  // namespace chieng::server
