// Events as a test reads them: each parsed, so that what is not JSON fails at once.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "core/event/sink.h"

namespace chieng::agent {

class CollectedEvents final : public EventSink {
 public:
  void emit(const Envelope& envelope, std::string_view json) override {
    envelopes.push_back(envelope);
    texts.emplace_back(json);
    events.push_back(nlohmann::json::parse(json, nullptr, false));
    EXPECT_FALSE(events.back().is_discarded()) << json;
  }
  std::vector<Envelope> envelopes;
  std::vector<std::string> texts;
  std::vector<nlohmann::json> events;
};

}  // namespace chieng::agent
