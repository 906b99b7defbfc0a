// One pipeline under watch: a packet that takes too long, or memory beyond the budget, ends the
// program with what was being fed, so that it can be repeated.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "agent/pipeline/network_pipeline.h"
#include "tests/fuzz/mangle/links.h"

namespace chieng::mangle {

using Rules = std::shared_ptr<const suricata::RuleSet>;

// What is being fed, for the message at the end.
void doing(std::string what);
// Signals and sanitizers tell it too.
void watch();
[[noreturn]] void give_up(const std::string& why);

class Run {
 public:
  // stranger: connections are taken up in the middle and from one side.
  Run(Rules rules, bool stranger);
  void feed(const Buffer& bytes, const collector::Frame& like, int link_type);
  void finish();

  inline static std::size_t packets = 0, most = 0;  // of all runs; bytes
  inline static double longest = 0;                 // seconds

 private:
  class NoSink final : public EventSink {
   public:
    void emit(const Envelope&, std::string_view) override {}
  };
  void check(double begin) const;

  std::size_t base_;
  NoSink sink_;
  agent::EventOut out_;
  agent::NetworkPipeline pipeline_;
};

}  // namespace chieng::mangle
