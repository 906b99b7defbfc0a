// Everything that is read from the network: frames and each type's body.
#include <cstddef>
#include <cstdint>

#include "transport/enroll/enroll_message.h"
#include "transport/message/frame.h"
#include "transport/message/messages.h"

namespace {

void read_bodies(chieng::Bytes body) {
  using namespace chieng;
  (void)decode_hello(body);
  (void)decode_welcome(body);
  (void)decode_credit(body);
  (void)decode_gap(body, EventClass::alert, 1);
  (void)decode_beat(body);
  (void)decode_beat_answer(body);
  (void)decode_error(body);
  (void)decode_enroll(body);
  (void)decode_enrolled(body);
  for (std::size_t count = 1; count < 4; ++count)
    if (const auto records = decode_records(body, 1, count))
      for (const SpoolRecord& record : *records) (void)decode_record(record);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const chieng::Bytes bytes = chieng::as_bytes(data, size);
  // Checksums keep a fuzzer out: the bodies are read with and without the frame around them.
  if (const auto frame = chieng::decode_frame(bytes)) read_bodies(chieng::as_bytes(frame->body));
  read_bodies(bytes);
  return 0;
}
