// A batch writes each of its groups once. What comes out must not depend on how the events were
// split into batches.
#include <algorithm>
#include <random>

#include "server/correlate/grouping.h"
#include "tests/unit/server/store/store_fixture.h"

namespace chieng::server {
namespace {

constexpr std::int64_t kMinute = 60'000'000;

class MergeTest : public StoreTest {
 protected:
  MergeTest() : other(add_agency("Xã Hai")), b(enrol(other, "may-hai")) {}

  // A hit as the correlator makes it; `n` is its place in the event file.
  GroupHit hit(std::int64_t n, const IncomingEvent& event, bool of_other) const {
    StoredEvent stored;
    stored.ref = {20'000, n};
    stored.agent = of_other ? b : agent;
    stored.agency.id = of_other ? other : agency;
    stored.envelope = event.envelope;
    stored.placed = event.placed;
    stored.received = start;
    stored.json = event.json;
    return *group_hit(stored);
  }
  // Late, repeated, heavy and out of order; revisions that go up and down; three sources. Those of
  // the Internet stay within an hour: what lies further apart may make one incident or two, as it
  // comes.
  std::vector<GroupHit> mixture(std::size_t n, std::uint32_t seed) const {
    std::mt19937 dice(seed);
    const auto roll = [&](std::uint32_t sides) { return dice() % sides; };
    std::vector<GroupHit> out;
    for (std::size_t i = 0; i < n; ++i) {
      const std::string source =
          roll(3) == 0 ? "192.168.1.9" : fmt::format("203.0.113.{}", roll(2));
      IncomingEvent event =
          alert(i + 1, start + -static_cast<std::int64_t>(roll(50)) * kMinute, source,
                fmt::format("10.0.0.{}", roll(2)), 1 + roll(1000), 1 + static_cast<int>(roll(4)),
                9'700'001 + static_cast<int>(roll(3)));
      if (roll(4) == 0 && source.starts_with("192"))
        event.envelope.first = event.placed + -70 * kMinute;
      out.push_back(hit(static_cast<std::int64_t>(i) + 1, event, roll(2) == 0));
      out.back().rule.severity = static_cast<std::uint8_t>(1 + roll(4));
      out.back().rule.message = fmt::format("message {}", out.back().rule.rev);
    }
    return out;
  }
  void apply(const std::vector<GroupHit>& hits, std::size_t at_once) {
    EventRef from;
    for (std::size_t i = 0; i < hits.size(); i += at_once) {
      ProjectionBatch one;
      one.from = from;
      const std::size_t end = std::min(hits.size(), i + at_once);
      one.hits.assign(hits.begin() + static_cast<std::ptrdiff_t>(i),
                      hits.begin() + static_cast<std::ptrdiff_t>(end));
      one.to = from = one.hits.back().ref;
      const auto done = store->apply(one);
      ASSERT_TRUE(done) << done.error().message();
    }
  }
  // Everything that a reader sees, in the order that a reader sees it.
  std::string seen() {
    std::string out;
    for (const Group& g : groups()) {
      out += fmt::format("{} {} {} {} {} {} {} {} {} {}:", g.id, g.count, g.rows, g.severity,
                         g.rule.severity, g.rule.rev, g.rule.message, g.first.micros, g.last.micros,
                         g.src_agencies);
      for (const auto n : g.sparkline) out += fmt::format(" {}", n);
      for (const Uuid& one : g.agents) out += " " + to_string(one);
      out += "\n";
    }
    std::vector<std::string> lines;
    const auto incidents = *store->incidents(everything(), std::nullopt, {500, ""});
    for (const Incident& i : incidents.items)
      lines.push_back(fmt::format("{} {} {} {} {} {} {}\n", i.entity_value, i.count,
                                  i.agencies_total, i.groups.size(), i.first.micros, i.last.micros,
                                  i.severity));
    std::sort(lines.begin(), lines.end());
    for (const std::string& line : lines) out += line;
    return out;
  }
  // An empty store with the same agencies: ids are the hits', names do not matter here.
  void fresh() {
    store.reset();
    std::filesystem::remove_all(folder);
    reopen();
  }
  Timestamp start = now();
  Uuid other, b;
};

TEST_F(MergeTest, BatchesOfAnySizeMakeTheSameGroupsAndIncidents) {
  for (std::uint32_t seed = 1; seed <= 4; ++seed) {
    const auto hits = mixture(300, seed);
    fresh();
    apply(hits, 1);
    const std::string one_by_one = seen();
    std::uint64_t weights = 0, counted = 0;
    for (const GroupHit& h : hits) weights += h.count;
    for (const Group& g : groups()) counted += g.count;
    EXPECT_EQ(counted, weights);
    EXPECT_FALSE(store->incidents(everything(), std::nullopt, {})->items.empty());
    for (const std::size_t size : {2U, 7U, 64U, 300U}) {
      fresh();
      apply(hits, size);
      EXPECT_TRUE(seen() == one_by_one) << "batches of " << size << ", seed " << seed;
    }
  }
}

TEST_F(MergeTest, ABatchThatWasAppliedIsRefusedTheSecondTime) {
  ProjectionBatch one;
  one.hits = mixture(10, 1);
  one.to = one.hits.back().ref;
  ASSERT_TRUE(store->apply(one));
  const std::string before = seen();
  EXPECT_FALSE(store->apply(one));
  EXPECT_EQ(seen(), before);
}

TEST_F(MergeTest, AnArchivedGroupReopensOnceForABatchAndForItsNewestHit) {
  put(batch({alert(1, now(), "203.0.113.1", "10.0.0.1")}));
  const std::string id = groups()[0].id;
  ASSERT_TRUE(store->act(everything(), kTester, id, archive("true_positive")));
  put(batch({alert(2, now() + -60 * kMinute, "203.0.113.1", "10.0.0.1"),
             alert(3, now(), "203.0.113.1", "10.0.0.1"),
             alert(4, now() + -30 * kMinute, "203.0.113.1", "10.0.0.1")}));
  EXPECT_EQ(store->group(everything(), id)->reopened_why, "new_activity");
  EXPECT_EQ(store->group_actions(everything(), id)->size(), 2U);
}

TEST_F(MergeTest, OneStepTakesManyReadsAndStopsAtItsBound) {
  std::vector<IncomingEvent> events;
  for (std::uint64_t i = 1; i <= Correlator::kBatch + 250; ++i)
    events.push_back(alert(i, now(), "203.0.113.1", "10.0.0.1", 2));
  const AgentBatch all = batch(std::move(events));
  ASSERT_TRUE(store->append(std::span(&all, 1)));
  EXPECT_EQ(*Correlator::step(*store), Correlator::kBatch);
  EXPECT_EQ(*Correlator::step(*store), 250U);
  EXPECT_EQ(*Correlator::step(*store), 0U);
  EXPECT_EQ(groups()[0].count, 2 * (Correlator::kBatch + 250));
}

}  // namespace
}  // namespace chieng::server
