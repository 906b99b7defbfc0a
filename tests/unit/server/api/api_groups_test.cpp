#include "api_fixture.h"

namespace chieng::server::test {
namespace {

using ApiGroups = ApiFixture;

TEST_F(ApiGroups, lists_what_the_scope_holds) {
  const auto all = json::parse(get("/api/v1/groups", log_in("viewer")).body);
  EXPECT_EQ(all["total"], 2);
  EXPECT_EQ(all["items"].size(), 2U);
  const auto own = json::parse(get("/api/v1/groups", log_in("hue_analyst")).body);
  ASSERT_EQ(own["total"], 1);
  const auto& group = own["items"][0];
  EXPECT_EQ(group["agency"]["name"], "Huế");
  EXPECT_EQ(group["rule"]["sid"], 9'700'001);
  EXPECT_EQ(group["src"]["ip"], "198.51.100.7");
  EXPECT_EQ(group["src"]["zone"], "internet");
  EXPECT_EQ(group["status"], "open");
  EXPECT_EQ(group["sparkline"].size(), 24U);
  EXPECT_EQ(group["first"].get<std::string>().back(), 'Z');
}

TEST_F(ApiGroups, counts_are_weights) {
  alert(hue_, hue_agent_, 2, "198.51.100.7", "10.0.0.5", 9'700'001, 41);
  const auto group = json::parse(get("/api/v1/groups/" + group_of(hue_), log_in("viewer")).body);
  EXPECT_EQ(group["count"], 42);
  EXPECT_EQ(group["rows"], 2);
}

TEST_F(ApiGroups, ids_of_another_agency_are_not_found) {
  const auto login = log_in("hue_analyst");
  const auto foreign = group_of(lao_cai_), own = group_of(hue_);
  for (const auto* tail : {"", "/events", "/actions"}) {
    EXPECT_EQ(get("/api/v1/groups/" + own + tail, login).status, 200) << tail;
    const auto reply = get("/api/v1/groups/" + foreign + tail, login);
    EXPECT_EQ(reply.status, 404) << tail;
    EXPECT_EQ(code_of(reply), "not_found");
  }
  EXPECT_EQ(get("/api/v1/events/" + hue_event_, login).status, 200);
  EXPECT_EQ(get("/api/v1/events/" + lao_cai_event_, login).status, 404);
  EXPECT_EQ(
      post("/api/v1/groups/" + foreign + "/actions", login, {{"action", "archive"}, {"version", 0}})
          .status,
      404);
  EXPECT_EQ(json::parse(get("/api/v1/agents", login).body)["total"], 1);
  EXPECT_EQ(json::parse(get("/api/v1/agencies", login).body)["total"], 1);
  const auto asked = get("/api/v1/groups?status=all&agency=" + to_string(lao_cai_), login);
  EXPECT_EQ(json::parse(asked.body)["items"].size(), 0U);
}

TEST_F(ApiGroups, an_event_is_the_envelope_and_the_bytes_of_the_agent) {
  const auto event = json::parse(get("/api/v1/events/" + hue_event_, log_in("viewer")).body);
  EXPECT_EQ(event["id"], hue_event_);
  EXPECT_EQ(event["class"], "alert");
  EXPECT_EQ(event["agent"]["name"], "hue-1");
  EXPECT_EQ(event["event"]["alert"]["signature_id"], 9'700'001);
  EXPECT_EQ(get("/api/v1/events/xyz", log_in("viewer")).status, 404);
}

TEST_F(ApiGroups, etag_answers_304_until_something_moves) {
  const auto login = log_in("analyst");
  const auto path = "/api/v1/groups/" + group_of(hue_);
  const auto first = get(path, login);
  ASSERT_EQ(first.status, 200);
  auto headers = login.headers();
  headers.emplace_back("If-None-Match", first.header("etag"));
  const auto same = fetch(port_, "GET", path, headers);
  EXPECT_EQ(same.status, 304);
  EXPECT_TRUE(same.body.empty());
  alert(hue_, hue_agent_, 2, "198.51.100.7", "10.0.0.5", 9'700'001);
  EXPECT_EQ(fetch(port_, "GET", path, headers).status, 200);
}

TEST_F(ApiGroups, archive_undo_and_the_conflict_with_another_person) {
  const auto mine = log_in("analyst"), other = log_in("hue_analyst");
  const auto path = "/api/v1/groups/" + group_of(hue_);
  const auto version = json::parse(get(path, mine).body)["version"];
  const auto done = post(path + "/actions", other,
                         {{"action", "archive"},
                          {"disposition", "false_positive"},
                          {"reason", "quét nội bộ"},
                          {"version", version}});
  ASSERT_EQ(done.status, 201) << done.body;
  EXPECT_EQ(json::parse(done.body)["group"]["status"], "archived");

  const auto late = post(path + "/actions", mine, {{"action", "escalate"}, {"version", version}});
  EXPECT_EQ(late.status, 409);
  EXPECT_EQ(code_of(late), "conflict");
  const auto theirs = json::parse(late.body)["params"]["action"];
  EXPECT_EQ(theirs["action"], "archive");
  EXPECT_EQ(theirs["user"]["name"], "hue_analyst");

  const auto current = json::parse(get(path, mine).body)["version"];
  const auto undone = post(path + "/actions", mine, {{"action", "undo"}, {"version", current}});
  ASSERT_EQ(undone.status, 201) << undone.body;
  EXPECT_EQ(json::parse(undone.body)["group"]["status"], "open");
  const auto actions = json::parse(get(path + "/actions", mine).body)["items"];
  ASSERT_EQ(actions.size(), 2U);
  EXPECT_EQ(actions[1]["undoes"], actions[0]["id"]);
  EXPECT_EQ(actions[0]["undone_by"], actions[1]["id"]);
}

TEST_F(ApiGroups, actions_that_say_too_little_or_too_much_are_refused) {
  const auto login = log_in("analyst");
  const auto path = "/api/v1/groups/" + group_of(hue_) + "/actions";
  const std::vector<json> bad = {
      {{"action", "archive"}},
      {{"version", 0}},
      {{"action", "delete"}, {"version", 0}},
      {{"action", "archive"}, {"version", "0"}},
      {{"action", "archive"}, {"version", -1}},
      {{"action", "archive"}, {"version", 0}, {"disposition", "false_positive"}},
      {{"action", "archive"}, {"version", 0}, {"disposition", "nonsense"}},
      {{"action", "comment"}, {"version", 0}},
      {{"action", "comment"}, {"version", 0}, {"note", std::string(4001, 'x')}},
      {{"action", "archive"}, {"version", 0}, {"reson", "mistyped"}},
      {{"action", {{"nested", 1}}}, {"version", 0}},
      json::array(),
  };
  for (const auto& body : bad)
    EXPECT_EQ(code_of(post(path, login, body)), "bad_request") << body.dump().substr(0, 100);
  EXPECT_EQ(json::parse(get(path, login).body)["total"], 0);
}

TEST_F(ApiGroups, pages_follow_one_another_and_bad_ones_are_refused) {
  for (std::uint64_t i = 0; i < 7; ++i)
    alert(hue_, hue_agent_, 2 + i, "198.51.100.7", "10.0.0.5", 9'700'010 + i);
  const auto login = log_in("viewer");
  std::vector<std::string> ids;
  std::string cursor;
  for (int page = 0; page < 10; ++page) {
    const auto answer = json::parse(get("/api/v1/groups?limit=2" + cursor, login).body);
    EXPECT_EQ(answer["total"], 9);
    for (const auto& item : answer["items"]) ids.push_back(item["id"]);
    if (answer["next_cursor"].is_null()) break;
    cursor = "&cursor=" + answer["next_cursor"].get<std::string>();
  }
  EXPECT_EQ(ids.size(), 9U);
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 9U);
  const std::string events = "/api/v1/groups/" + group_of(hue_) + "/events?cursor=";
  for (const std::string& path : std::vector<std::string>{
           "/api/v1/groups?limit=0", "/api/v1/groups?limit=501", "/api/v1/groups?limit=x",
           "/api/v1/groups?cursor=%27%20OR", "/api/v1/groups?cursor=zzz",
           "/api/v1/groups?cursor=-1", events + "1", events + "x.y", events + "1.2.3",
           "/api/v1/groups?status=gone", "/api/v1/groups?severity=9", "/api/v1/groups?agency=x",
           "/api/v1/groups?nonsense=1", "/api/v1/groups?limit=1&limit=2", "/api/v1/groups?q=%ff",
           "/api/v1/groups?q=%"})
    EXPECT_EQ(code_of(get(path, login)), "bad_request") << path;
}

TEST_F(ApiGroups, filters_find_by_text_and_status) {
  const auto login = log_in("viewer");
  const auto total = [&](const std::string& query) {
    return json::parse(get("/api/v1/groups?" + query, login).body)["total"];
  };
  EXPECT_EQ(total("q=198.51"), 1);
  EXPECT_EQ(total("q=%25"), 0) << "a text, not a pattern";
  EXPECT_EQ(total("q=Th%E1%BB%AD"), 2);
  EXPECT_EQ(total("status=archived"), 0);
  EXPECT_EQ(total("severity=2"), 2);
  EXPECT_EQ(total("agency=" + to_string(hue_)), 1);
}

TEST_F(ApiGroups, a_hostile_event_does_not_break_the_answer) {
  AgentBatch batch;
  batch.agent = hue_agent_;
  batch.agency = hue_;
  batch.spool = spool_;
  batch.received = now();
  IncomingEvent event;
  event.sequence = 2;
  event.envelope.event_time = event.envelope.observed_time = event.placed = now();
  event.json = R"({"alert":{"broken)";
  batch.events.push_back(event);
  ASSERT_TRUE(store_->append(std::span(&batch, 1)));
  const auto id = to_string(make_event_id(hue_agent_, {spool_, 1, EventClass::alert, 2}));
  const auto answer = json::parse(get("/api/v1/events/" + id, log_in("viewer")).body);
  EXPECT_TRUE(answer["event"].is_null());
  EXPECT_EQ(answer["event_text"], event.json);
}

}  // namespace
}  // namespace chieng::server::test
