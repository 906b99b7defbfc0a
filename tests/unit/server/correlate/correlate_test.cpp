#include "server/correlate/grouping.h"
#include "tests/unit/server/store/store_fixture.h"

namespace chieng::server {
namespace {

constexpr std::int64_t kMinute = 60'000'000;

class CorrelateTest : public StoreTest {
 protected:
  CorrelateTest()
      : other(add_agency("Xã Hai")),
        third(add_agency("Xã Ba")),
        b(enrol(other, "may-hai")),
        c(enrol(third, "may-ba")) {}
  std::vector<Incident> incidents(const Scope& scope = everything()) {
    return store->incidents(scope, std::nullopt, {})->items;
  }
  Uuid other, third, b, c;
};

TEST_F(CorrelateTest, OneInternetSourceAtTwoAgenciesWithinAnHour) {
  const Timestamp t = now();
  put(batch({alert(1, t + -50 * kMinute, "203.0.113.9", "192.168.1.10", 4)}));
  EXPECT_TRUE(incidents().empty());
  put(batch({alert(1, t, "203.0.113.9", "192.168.1.10", 6)}, b, other));
  ASSERT_EQ(incidents().size(), 1U);
  EXPECT_EQ(incidents()[0].count, 10U);
  EXPECT_EQ(incidents()[0].agencies.size(), 2U);
  EXPECT_EQ(incidents()[0].groups.size(), 2U);
  EXPECT_EQ(incidents()[0].first, t + -50 * kMinute);
  put(batch({alert(1, t, "203.0.113.9", "192.168.1.10", 1)}, c, third));
  ASSERT_EQ(incidents().size(), 1U);
  EXPECT_EQ(incidents()[0].agencies_total, 3U);
  EXPECT_EQ(groups()[0].src_agencies, 3U);

  const auto own = incidents(*store->scope_for(agency));
  ASSERT_EQ(own.size(), 1U);
  EXPECT_EQ(own[0].agencies.size(), 1U);
  EXPECT_EQ(own[0].agencies_total, 3U);
  EXPECT_EQ(own[0].count, 4U);
  EXPECT_EQ(own[0].groups.size(), 1U);
  EXPECT_TRUE(incidents(*store->scope_for(add_agency("Xã Bốn"))).empty());
}

TEST_F(CorrelateTest, MoreThanAnHourApartIsNoIncident) {
  const Timestamp t = now();
  put(batch({alert(1, t + -61 * kMinute, "203.0.113.9", "192.168.1.10")}));
  put(batch({alert(1, t, "203.0.113.9", "192.168.1.10")}, b, other));
  EXPECT_TRUE(incidents().empty());
  EXPECT_EQ(groups()[0].src_agencies, 2U);
}

TEST_F(CorrelateTest, ALateEventStillMeetsTheHourItBelongsTo) {
  const Timestamp t = now();
  put(batch({alert(1, t + -300 * kMinute, "203.0.113.9", "192.168.1.10"),
             alert(2, t, "203.0.113.9", "192.168.1.10")}));
  put(batch({alert(1, t + -320 * kMinute, "203.0.113.9", "192.168.1.10")}, b, other));
  ASSERT_EQ(incidents().size(), 1U);
  EXPECT_EQ(incidents()[0].last, t + -300 * kMinute);
}

TEST_F(CorrelateTest, PrivateAddressesOfDifferentOfficesNeverMeet) {
  for (const char* source :
       {"192.168.1.77", "10.9.9.9", "100.64.3.3", "169.254.1.1", "fd00::7", "fe80::1"}) {
    put(batch({alert(store->cursors(agent)->empty() ? 1 : (*store->cursors(agent))[0].committed + 1,
                     now(), source, "192.168.1.1")}));
    put(batch({alert(store->cursors(b)->empty() ? 1 : (*store->cursors(b))[0].committed + 1, now(),
                     source, "192.168.1.1")},
              b, other));
  }
  EXPECT_TRUE(incidents().empty());
  EXPECT_EQ(groups().size(), 12U);
  EXPECT_EQ(groups()[0].src_agencies, 0U);
  EXPECT_NE(groups()[0].src.zone, groups()[1].src.zone);
}

TEST_F(CorrelateTest, HostAlertsGroupByRuleHostAndWhoDidIt) {
  const auto log_alert = [](std::uint64_t sequence, const std::string& host,
                            const std::string& user, const std::string& src) {
    IncomingEvent out = alert(sequence, now(), "203.0.113.1", "10.0.0.1");
    out.json =
        R"({"event_type":"alert","log":{"file":"/var/log/auth.log","line":1},"host":{"name":")" +
        host + R"("},"user":{"name":")" + user + "\"}" +
        (src.empty() ? "" : R"(,"src_ip":")" + src + "\"") +
        R"(,"alert":{"engine":"sigma","rule_id":"8d1cbf2e","signature":"m","severity":1}})";
    return out;
  };
  put(batch({log_alert(1, "may1", "root", "203.0.113.5"),
             log_alert(2, "may1", "admin", "203.0.113.5"),
             log_alert(3, "may2", "root", "203.0.113.5"), log_alert(4, "may1", "root", ""),
             log_alert(5, "may1", "an", "")}));
  const auto found = groups();
  ASSERT_EQ(found.size(), 4U);
  std::uint64_t most = 0;
  for (const Group& g : found) most = std::max(most, g.count);
  EXPECT_EQ(most, 2U);
}

TEST_F(CorrelateTest, WhatIsNoAlertMakesNoGroupAndWhatCannotBeReadIsSeen) {
  AgentBatch stats = batch({alert(1, now(), "203.0.113.1", "10.0.0.1")});
  stats.lane = EventClass::health;
  stats.events[0].envelope.event_class = EventClass::health;
  put(stats);
  EXPECT_TRUE(groups().empty());
  AgentBatch broken =
      batch({alert(1, now(), "203.0.113.1", "10.0.0.1"), alert(2, now(), "203.0.113.1", "10.0.0.1"),
             alert(3, now(), "x", "y")});
  broken.events[0].json = "\xff{";
  broken.events[1].json = R"({"alert":[1,2],"src_ip":7})";
  broken.events[2].json =
      R"({"alert":{"signature_id":-1,"severity":"x","source":{"ip":[]}},"src_ip":{}})";
  put(broken);
  ASSERT_EQ(groups().size(), 2U);
  EXPECT_EQ(groups()[1].rule.rule_id, "unreadable");
  EXPECT_EQ(groups()[1].rows, 2U);
}

TEST(AddressEntity, ZoneAndCanonicalForm) {
  const Uuid agency = Uuid::random();
  EXPECT_EQ(address_entity("2001:0db8:0000:0000:0000:0000:0000:0001", agency).ip, "2001:db8::1");
  EXPECT_EQ(address_entity("192.168.1.1", agency).zone, "site:" + to_string(agency));
  EXPECT_EQ(address_entity("1.1.1.1", agency).zone, "internet");
  EXPECT_EQ(address_entity("not an address", agency).ip, "");
}

}  // namespace
}  // namespace chieng::server
