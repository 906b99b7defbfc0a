// What goes into the store from agents and from the correlator.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/store/types.h"

namespace chieng::server {

struct IncomingEvent {
  std::uint64_t sequence = 0;
  Envelope envelope;
  Timestamp placed;
  std::uint32_t flags = 0;
  std::string json;
};

struct LostRange {  // what the agent gave up before it could be sent, and says so
  std::uint64_t first = 0, last = 0;
  std::string reason;
};

// A stretch of one lane of one agent's spool, in order of sequence.
struct AgentBatch {
  Uuid agent, agency, spool;
  std::uint64_t epoch = 1;
  EventClass lane = EventClass::alert;
  Timestamp received;
  std::int64_t clock_offset_ms = 0;
  ClockQuality clock_quality = ClockQuality::unknown;
  std::vector<IncomingEvent> events;
  std::vector<LostRange> lost;  // in order; with the events they leave no hole
};

struct LaneCursor {
  Uuid agent, spool;
  std::uint64_t epoch = 1;
  EventClass lane = EventClass::alert;
  std::uint64_t committed = 0;  // everything up to here is stored or known to be lost
  std::uint64_t stored = 0;     // by this append(): events that were new
};

// One alert as the grouping sees it.
struct GroupHit {
  EventRef ref;
  std::string group_id;  // digest of the grouping key
  Uuid agency, agent;
  RuleFacts rule;
  AddressEntity src, dst;
  std::string host, user;
  std::uint64_t count = 1;
  Timestamp first, last, placed, received;
};

struct ProjectionBatch {
  EventRef from, to;  // applied() must be from; becomes to
  std::vector<GroupHit> hits;
};

struct ApplyOutcome {
  std::vector<std::string> groups, incidents;  // ids of those that moved
};

struct DayFigures {  // sums of weights of a stretch of time
  struct Line {
    AgencyRef agency;
    std::uint64_t groups = 0, count = 0;
    std::array<std::uint64_t, 5> groups_by_severity{}, count_by_severity{};  // [1]..[4]
  };
  struct Rule {
    RuleFacts rule;
    std::uint64_t groups = 0, count = 0;
    std::uint32_t agencies = 0;
  };
  std::vector<Line> lines;  // agencies with alerts, most first
  std::vector<Rule> rules;  // at most 20, most first
  std::vector<Incident> incidents;
  std::uint64_t events_received = 0, events_lost = 0;
};

}  // namespace chieng::server
