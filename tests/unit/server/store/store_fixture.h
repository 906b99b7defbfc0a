// A real store in a temporary folder, with agencies, an agent and events to put in.
#pragma once

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "server/correlate/correlator.h"
#include "server/store/sqlite_store.h"
#include "server/store/system_access.h"

namespace chieng::server {

inline Scope everything() {
  return Scope::all(system_access());
}
inline const Actor kTester{"tester", "tester"};

inline GroupActionRequest request(GroupActionKind kind, std::uint64_t version = 0) {
  GroupActionRequest out;
  out.kind = kind;
  out.version = version;
  return out;
}
inline GroupActionRequest archive(std::string disposition, std::string reason = {},
                                  std::uint64_t version = 0) {
  GroupActionRequest out = request(GroupActionKind::archive, version);
  out.disposition = std::move(disposition);
  out.reason = std::move(reason);
  return out;
}
inline GroupActionRequest comment(std::string note) {
  GroupActionRequest out = request(GroupActionKind::comment);
  out.note = std::move(note);
  return out;
}
inline GroupActionRequest undo(std::uint64_t version, std::string of = {}) {
  GroupActionRequest out = request(GroupActionKind::undo, version);
  out.undo_of = std::move(of);
  return out;
}

class StoreTest : public ::testing::Test {
 protected:
  StoreTest() {
    std::string name = (std::filesystem::temp_directory_path() / "chieng-store-XXXXXX").string();
    folder = ::mkdtemp(name.data());
    reopen();
    agency = add_agency("Xã Một");
    agent = enrol(agency, "may-mot");
  }
  ~StoreTest() override {
    store.reset();
    std::filesystem::remove_all(folder);
  }

  void reopen() {
    store.reset();
    auto opened = open_store({folder, &feed});
    ASSERT_TRUE(opened) << opened.error().message();
    store = std::move(*opened);
  }
  Uuid add_agency(const std::string& name, std::optional<Uuid> parent = std::nullopt) {
    return *store->add_agency(everything(), kTester, {Uuid{}, parent, name, "", ""});
  }
  Uuid enrol(const Uuid& at, const std::string& name) {
    const std::string hash = "hash-of-" + name;
    EXPECT_TRUE(store->add_enrol_token(
        everything(), kTester, {hash, at, now(), now() + 60'000'000, Timestamp{}, "tester"}));
    return store->enrol(hash, name, "key-of-" + name, now())->id;
  }

  // An alert of `weight` equal ones, ending at `t`.
  static IncomingEvent alert(std::uint64_t sequence, Timestamp t, const std::string& src,
                             const std::string& dst, std::uint64_t weight = 1, int rev = 1,
                             int sid = 9'700'001) {
    IncomingEvent out;
    out.sequence = sequence;
    out.envelope.event_time = out.envelope.observed_time = out.envelope.first = out.envelope.last =
        t;
    out.envelope.count = weight;
    out.placed = t;
    out.json = fmt::format(
        R"({{"timestamp":"{}","event_type":"alert","src_ip":"{}","dest_ip":"{}","proto":"TCP",)"
        R"("alert":{{"engine":"suricata","gid":1,"signature_id":{},"rev":{},"signature":"Thử","category":"c","severity":2}}}})",
        to_iso(t), src, dst, sid, rev);
    return out;
  }
  AgentBatch batch(std::vector<IncomingEvent> events, Uuid from = {}, Uuid of = {}) const {
    AgentBatch out;
    out.agent = from.is_set() ? from : agent;
    out.agency = of.is_set() ? of : agency;
    out.spool = spool;
    out.received = now();
    out.events = std::move(events);
    return out;
  }
  // Stores and groups.
  void put(const AgentBatch& one) {
    const auto stored = store->append(std::span(&one, 1));
    ASSERT_TRUE(stored) << stored.error().message();
    group_all();
  }
  void group_all() {
    for (;;) {
      const auto done = Correlator::step(*store);
      ASSERT_TRUE(done) << done.error().message();
      if (*done == 0) return;
    }
  }
  std::vector<Group> groups(const Scope& scope = everything()) {
    return store->groups(scope, {}, {})->items;
  }

  std::filesystem::path folder;
  ChangeFeed feed;
  std::unique_ptr<Store> store;
  Uuid agency, agent;
  Uuid spool = Uuid::random();
};

}  // namespace chieng::server
