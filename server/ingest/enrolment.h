// Enrolment and keys: what the transport's listeners ask of the store.
#pragma once

#include <string>

#include "server/store/store.h"
#include "transport/enroll/enroll.h"
#include "transport/listener/key_directory.h"

namespace chieng::server {

// Thread-safe. store and directory outlive the object.
class Enrolment final : public EnrollHandler {
 public:
  // endpoint: where an enrolled agent finds the listener
  Enrolment(Store& store, KeyDirectory& directory, std::string endpoint)
      : store_(store), directory_(directory), endpoint_(std::move(endpoint)) {}

  std::expected<EnrollReply, EnrollRefusal> redeem(const EnrollRequest& request) override;
  // Tells the listener which keys are good now: at the start, after an enrolment, after a
  // revocation.
  [[nodiscard]] Status publish_keys();

 private:
  Store& store_;
  KeyDirectory& directory_;
  const std::string endpoint_;
};

}  // namespace chieng::server
