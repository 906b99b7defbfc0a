#include "transport/spool/record.h"

#include "core/hash/crc32c.h"
#include "transport/spool/zstd.h"

namespace chieng {

std::string_view to_string(GapReason reason) {
  switch (reason) {
    case GapReason::evicted:
      return "evicted";
    case GapReason::damaged:
      return "damaged";
    case GapReason::absent:
      return "absent";
  }
  return "absent";
}

Result<SpoolRecord> make_record(const Envelope& envelope, std::string_view json, Codec codec) {
  if (codec == Codec::zstd_aead)
    return fail(ErrorCode::unsupported, "spool records cannot be encrypted yet");
  SpoolRecord out;
  encode_envelope(out.body, envelope);
  out.body += json;
  if (out.body.size() > kMaxRecordBody)
    return fail(ErrorCode::limit, "the event has " + std::to_string(out.body.size()) +
                                      " bytes with its envelope, a spool record holds " +
                                      std::to_string(kMaxRecordBody));
  out.decoded_bytes = static_cast<std::uint32_t>(out.body.size());
  if (codec == Codec::zstd) {
    CHIENG_TRY(std::string packed, zstd_compress(as_bytes(out.body)));
    if (packed.size() < out.body.size()) {
      out.body = std::move(packed);
      out.codec = Codec::zstd;
    }
  }
  out.body_crc = crc32c(as_bytes(out.body));
  return out;
}

Result<DecodedRecord> decode_record(const SpoolRecord& record) {
  if (crc32c(as_bytes(record.body)) != record.body_crc)
    return fail(ErrorCode::corrupt,
                "record " + std::to_string(record.sequence) + ": checksum does not match");
  if (record.codec == Codec::zstd_aead)
    return fail(ErrorCode::unsupported,
                "record " + std::to_string(record.sequence) + " is encrypted");
  std::string unpacked;
  if (record.codec == Codec::zstd) {
    CHIENG_TRY(unpacked, zstd_decompress(as_bytes(record.body), kMaxRecordBody));
  }
  const std::string& plain = record.codec == Codec::zstd ? unpacked : record.body;
  if (plain.size() != record.decoded_bytes)
    return fail(ErrorCode::corrupt,
                "record " + std::to_string(record.sequence) + ": length does not match");
  Bytes rest = as_bytes(plain);
  DecodedRecord out;
  CHIENG_TRY(out.envelope, decode_envelope(rest));
  out.json = as_text(rest);
  return out;
}

}  // namespace chieng
