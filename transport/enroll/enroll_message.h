// The bodies of ENROLL, ENROLLED and REFUSED frames. Internal to this folder and its tests.
#pragma once

#include <string>

#include "core/bytes/bytes.h"
#include "transport/enroll/enroll.h"

namespace chieng {

struct EnrollMessage {
  TokenSecret secret{};
  PublicKey key;
  std::string proof;  // 32 bytes
  std::string name, host_facts;
};

[[nodiscard]] std::string enroll_proof(const TokenSecret& secret, const PublicKey& key,
                                       std::string_view name);
[[nodiscard]] std::string encode_enroll(const EnrollMessage& message);
[[nodiscard]] Result<EnrollMessage> decode_enroll(Bytes body);
[[nodiscard]] std::string encode_enrolled(const EnrollReply& reply);
[[nodiscard]] Result<EnrollReply> decode_enrolled(Bytes body);

}  // namespace chieng
