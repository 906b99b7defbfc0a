#include "agent/pipeline/network_pipeline.h"

#include "agent/pipeline/catalogue.h"

namespace chieng::agent {

NetworkPipeline::NetworkPipeline(const collector::SensorSettings& settings,
                                 std::shared_ptr<const suricata::RuleSet> rules, EventOut& out,
                                 std::shared_ptr<suricata::SharedState> state)
    : out_(out),
      writer_(out, catalogue()),
      state_(std::move(state)),
      sensor_(settings, catalogue(), nullptr, &writer_) {
  if (rules) swap_rules(std::move(rules));
}

void NetworkPipeline::packet(const collector::Frame& frame) {
  last_time_ = frame.time;
  sensor_.packet(frame);
  if (evidence_) evidence_->packet(frame, sensor_.last_flow());
}

void NetworkPipeline::finish() {
  sensor_.finish();
  if (evidence_) evidence_->finish();
}

void NetworkPipeline::keep_evidence(std::shared_ptr<EvidenceStore> store, std::size_t memory) {
  evidence_.emplace(std::move(store), memory, writer_, out_);
}

void NetworkPipeline::swap_rules(std::shared_ptr<const suricata::RuleSet> rules) {
  const auto [md5, sha1, sha256] = rules->file_hashes();
  sensor_.also_hash(md5, sha1, sha256);
  if (detector_) {
    detector_->swap(std::move(rules));
    return;
  }
  AlertSink& sink = evidence_ ? static_cast<AlertSink&>(*evidence_) : writer_;
  detector_.emplace(std::move(rules), sink, state_);
  sensor_.set_inspector(&*detector_);
}

}  // namespace chieng::agent
