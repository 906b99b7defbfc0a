#include "tests/unit/server/store/store_fixture.h"

namespace chieng::server {
namespace {

using GroupTest = StoreTest;
constexpr std::int64_t kMinute = 60'000'000;

TEST_F(GroupTest, CountsAreSumsOfWeightsWhateverTheOrder) {
  const Timestamp t = now();
  IncomingEvent storm = alert(1, t, "203.0.113.1", "10.0.0.1", 1000);
  storm.envelope.first = t + -5 * kMinute;
  put(batch({storm, alert(2, t + -30 * kMinute, "203.0.113.1", "10.0.0.1", 5),
             alert(3, t + -kMinute, "203.0.113.1", "10.0.0.1")}));
  ASSERT_EQ(groups().size(), 1U);
  const Group g = groups()[0];
  EXPECT_EQ(g.count, 1006U);
  EXPECT_EQ(g.rows, 3U);
  EXPECT_EQ(g.first, t + -30 * kMinute);
  EXPECT_EQ(g.last, t);
  std::uint64_t hours = 0;
  for (const auto n : g.sparkline) hours += n;
  EXPECT_EQ(hours, 1006U);
  EXPECT_EQ(g.agents, std::vector{agent});
}

TEST_F(GroupTest, RevisionsStayInOneGroupOtherRulesAndAgenciesDoNot) {
  const Uuid other = add_agency("Xã Hai");
  const Uuid second = enrol(other, "may-hai");
  put(batch({alert(1, now(), "203.0.113.1", "10.0.0.1", 1, 1),
             alert(2, now(), "203.0.113.1", "10.0.0.1", 1, 2),
             alert(3, now(), "203.0.113.1", "10.0.0.1", 1, 1, 9'700'002)}));
  put(batch({alert(1, now(), "203.0.113.1", "10.0.0.1")}, second, other));
  EXPECT_EQ(groups().size(), 3U);
  std::uint32_t newest = 0;
  for (const Group& g : groups()) newest = std::max(newest, g.rule.rev);
  EXPECT_EQ(newest, 2U);
}

TEST_F(GroupTest, EventsComeNewestFirstInPages) {
  std::vector<IncomingEvent> events;
  for (std::uint64_t i = 1; i <= 7; ++i)
    events.push_back(alert(i, now(), "203.0.113.1", "10.0.0.1"));
  put(batch(events));
  std::vector<std::uint64_t> seen;
  PageRequest page{3, ""};
  do {
    const auto got = store->group_events(everything(), groups()[0].id, page);
    ASSERT_TRUE(got);
    EXPECT_EQ(got->total, 7U);
    for (const auto& e : got->items) seen.push_back(e.position.sequence);
    page.cursor = got->next_cursor;
  } while (!page.cursor.empty());
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{7, 6, 5, 4, 3, 2, 1}));
  EXPECT_FALSE(store->group_events(everything(), groups()[0].id, {3, "7.x"}));
  EXPECT_FALSE(store->groups(everything(), {}, {3, "-1"}));
}

TEST_F(GroupTest, AFilterIsATextNotAPattern) {
  const auto total = [&](const std::string& q, std::optional<std::uint8_t> severity,
                         std::optional<Uuid> of) {
    GroupFilter filter;
    filter.q = q;
    filter.severity = severity;
    filter.agency = of;
    return store->groups(everything(), filter, {})->total;
  };
  put(batch(
      {alert(1, now(), "203.0.113.1", "10.0.0.1"), alert(2, now(), "198.51.100.7", "10.0.0.1")}));
  EXPECT_EQ(total("51.100", {}, {}), 1U);
  EXPECT_EQ(total("%", {}, {}), 0U);
  EXPECT_EQ(total("' OR 1=1 --", {}, {}), 0U);
  EXPECT_EQ(total("", 2, {}), 2U);
  EXPECT_EQ(total("", 1, {}), 0U);
  EXPECT_EQ(total("", {}, agency), 2U);
  EXPECT_EQ(total("", {}, Uuid::random()), 0U);
}

TEST_F(GroupTest, AnArchivedGroupThatMovesReopensAndSaysWhy) {
  put(batch({alert(1, now(), "203.0.113.1", "10.0.0.1")}));
  const std::string id = groups()[0].id;
  const auto done = store->act(everything(), kTester, id, archive("true_positive"));
  ASSERT_TRUE(done);
  EXPECT_EQ(done->group.status, GroupStatus::archived);
  EXPECT_EQ(done->group.version, 1U);

  put(batch({alert(2, now() + -60 * kMinute, "203.0.113.1", "10.0.0.1")}));
  Group g = *store->group(everything(), id);
  EXPECT_EQ(g.status, GroupStatus::open);
  EXPECT_EQ(g.reopened_why, "late_activity");
  EXPECT_EQ(g.version, 2U);

  ASSERT_TRUE(store->act(everything(), kTester, id, archive("", "", 2)));
  put(batch({alert(3, now(), "203.0.113.1", "10.0.0.1")}));
  g = *store->group(everything(), id);
  EXPECT_EQ(g.reopened_why, "new_activity");
  EXPECT_EQ(store->group_actions(everything(), id)->size(), 4U);
}

TEST_F(GroupTest, AStaleVersionGetsTheOthersAction) {
  put(batch({alert(1, now(), "203.0.113.1", "10.0.0.1")}));
  const std::string id = groups()[0].id;
  ASSERT_TRUE(store->act(everything(), {"a", "An"}, id, request(GroupActionKind::escalate)));
  const auto late = store->act(everything(), {"b", "Bình"}, id, archive(""));
  ASSERT_TRUE(late);
  EXPECT_TRUE(late->conflict);
  EXPECT_EQ(late->action->user.name, "An");
  EXPECT_EQ(late->group.status, GroupStatus::escalated);
  const auto noted = store->act(everything(), {"b", "Bình"}, id, comment("đã gọi"));
  EXPECT_FALSE(noted->conflict);
}

TEST_F(GroupTest, UndoTakesBackTheNamedActionOnce) {
  put(batch({alert(1, now(), "203.0.113.1", "10.0.0.1")}));
  const std::string id = groups()[0].id;
  const auto archived = store->act(everything(), kTester, id, archive("false_positive", "thử"));
  const auto undone = store->act(everything(), kTester, id, undo(1, archived->action->id));
  ASSERT_TRUE(undone) << undone.error().message();
  EXPECT_EQ(undone->group.status, GroupStatus::open);
  EXPECT_EQ(undone->group.disposition, "");
  EXPECT_EQ(store->group_actions(everything(), id)->front().undone_by, undone->action->id);
  EXPECT_FALSE(store->act(everything(), kTester, id, undo(2, archived->action->id)));
  EXPECT_FALSE(store->act(everything(), kTester, id, undo(2)));
}

TEST_F(GroupTest, DispositionsThatHideWantAReason) {
  put(batch({alert(1, now(), "203.0.113.1", "10.0.0.1")}));
  const std::string id = groups()[0].id;
  EXPECT_FALSE(store->act(everything(), kTester, id, archive("false_positive")));
  EXPECT_FALSE(store->act(everything(), kTester, id, archive("whatever")));
  EXPECT_FALSE(store->act(everything(), kTester, id, comment("")));
}

TEST_F(GroupTest, AScopeShowsItsSubtreeOnly) {
  const Uuid province = add_agency("Tỉnh");
  const Uuid commune = add_agency("Xã Ba", province);
  const Uuid there = enrol(commune, "may-ba");
  put(batch({alert(1, now(), "203.0.113.1", "10.0.0.1")}));
  put(batch({alert(1, now(), "203.0.113.1", "10.0.0.1")}, there, commune));
  const Scope of_province = *store->scope_for(province), of_commune = *store->scope_for(commune);
  const Scope elsewhere = *store->scope_for(agency), nothing = *store->scope_for(Uuid::random());
  ASSERT_EQ(groups().size(), 2U);
  ASSERT_EQ(groups(of_province).size(), 1U);
  EXPECT_EQ(groups(of_commune).size(), 1U);
  EXPECT_EQ(groups(nothing).size(), 0U);
  EXPECT_EQ(groups(Scope{}).size(), 0U);
  const std::string id = groups(of_commune)[0].id;
  EXPECT_TRUE(store->group(of_province, id));
  for (const Scope& blind : {elsewhere, nothing}) {
    EXPECT_EQ(store->group(blind, id).error().code, ErrorCode::not_found);
    EXPECT_EQ(store->group_events(blind, id, {}).error().code, ErrorCode::not_found);
    EXPECT_EQ(store->group_actions(blind, id).error().code, ErrorCode::not_found);
    EXPECT_EQ(store->act(blind, kTester, id, archive("")).error().code, ErrorCode::not_found);
    EXPECT_EQ(
        store->event(blind, make_event_id(there, {spool, 1, EventClass::alert, 1})).error().code,
        ErrorCode::not_found);
    EXPECT_EQ(store->agent(blind, there, now()).error().code, ErrorCode::not_found);
    EXPECT_EQ(store->revoke_agent(blind, kTester, there).error().code, ErrorCode::not_found);
    EXPECT_TRUE(store->audit_trail(blind, {})->items.empty());
    const auto seen = store->agencies(blind, now());
    for (const Agency& a : *seen) EXPECT_NE(a.id, commune);
  }
  EXPECT_EQ(store->agents(of_province, now())->size(), 1U);
  EXPECT_EQ(store->agencies(of_commune, now())->size(), 1U);
  EXPECT_FALSE(store->agencies(of_commune, now())->front().parent);
}

}  // namespace
}  // namespace chieng::server
