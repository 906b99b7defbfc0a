#include "agent/pipeline/network_pipeline.h"

#include "agent/pipeline/catalogue.h"

namespace chieng::agent {

NetworkPipeline::NetworkPipeline(const collector::SensorSettings& settings,
                                 std::shared_ptr<const suricata::RuleSet> rules, EventOut& out)
    : writer_(out, catalogue()), sensor_(settings, catalogue(), nullptr, &writer_) {
  if (rules) swap_rules(std::move(rules));
}

void NetworkPipeline::packet(const collector::Frame& frame) {
  last_time_ = frame.time;
  sensor_.packet(frame);
}

void NetworkPipeline::swap_rules(std::shared_ptr<const suricata::RuleSet> rules) {
  const auto [md5, sha1, sha256] = rules->file_hashes();
  sensor_.also_hash(md5, sha1, sha256);
  if (detector_) {
    detector_->swap(std::move(rules));
    return;
  }
  detector_.emplace(std::move(rules), writer_);
  sensor_.set_inspector(&*detector_);
}

}  // namespace chieng::agent
