#include "transport/enroll/enroll_message.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <cstring>

#include "transport/message/fields.h"
#include "transport/spool/little.h"

namespace chieng {
namespace {

constexpr FieldRule kEnrollRules[] = {
    {0x8001, 16, 16}, {0x8002, 32, 32}, {0x8003, 32, 32}, {0x8004, 1, 128}, {0x0005, 0, 8192}};
constexpr FieldRule kEnrolledRules[] = {
    {0x8001, 16, 16}, {0x8002, 16, 16}, {0x8003, 16, 16}, {0x8004, 1, 256}};

template <std::size_t N>
std::string_view raw(const std::array<std::uint8_t, N>& bytes) {
  return as_text(as_bytes(bytes.data(), bytes.size()));
}

template <std::size_t N>
void copy_to(std::array<std::uint8_t, N>& out, Reader in) {
  const Bytes bytes = in.take(N);
  if (bytes.size() == N) std::memcpy(out.data(), bytes.data(), N);
}

Uuid uuid(const Fields& fields, std::uint16_t tag) {
  Reader in = fields.one(tag);
  return read_uuid(in);
}

}  // namespace

std::string enroll_proof(const TokenSecret& secret, const PublicKey& key, std::string_view name) {
  std::string data = "chieng-enroll-1";
  data += raw(key.bytes);
  data += name;
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  ::HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(data.data()), data.size(),
         reinterpret_cast<unsigned char*>(out.data()), &size);
  out.resize(size);
  return out;
}

std::string encode_enroll(const EnrollMessage& m) {
  std::string out;
  put_field(out, 0x8001, raw(m.secret));
  put_field(out, 0x8002, raw(m.key.bytes));
  put_field(out, 0x8003, m.proof);
  put_field(out, 0x8004, m.name);
  put_field(out, 0x0005, m.host_facts);
  return out;
}

Result<EnrollMessage> decode_enroll(Bytes body) {
  CHIENG_TRY(const Fields fields, Fields::read(body, kEnrollRules));
  EnrollMessage out;
  copy_to(out.secret, fields.one(0x8001));
  copy_to(out.key.bytes, fields.one(0x8002));
  out.proof = fields.text(0x8003);
  out.name = fields.text(0x8004);
  out.host_facts = fields.text(0x0005);
  if (std::ranges::any_of(out.name,
                          [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }))
    return fail(ErrorCode::parse, "an agent's name has no control characters");
  return out;
}

std::string encode_enrolled(const EnrollReply& reply) {
  std::string out;
  put_field(out, 0x8001, raw(reply.agent.bytes));
  put_field(out, 0x8002, raw(reply.agency.bytes));
  put_field(out, 0x8003, raw(reply.server.bytes));
  put_field(out, 0x8004, reply.transport_endpoint);
  return out;
}

Result<EnrollReply> decode_enrolled(Bytes body) {
  CHIENG_TRY(const Fields fields, Fields::read(body, kEnrolledRules));
  return EnrollReply{uuid(fields, 0x8001), uuid(fields, 0x8002), uuid(fields, 0x8003),
                     fields.text(0x8004)};
}

}  // namespace chieng
