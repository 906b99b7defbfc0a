// EVE's "ike" object.
#include <algorithm>
#include <string>

#include "collector/protocol/ike/names.h"
#include "collector/protocol/ike/transaction.h"

namespace chieng::collector::ike {
namespace {

constexpr std::uint8_t kFromInitiator = 0x08;
constexpr std::uint16_t kFirstStatus = 16384;  // notifications below are errors

void write_value(JsonWriter& out, const Attribute& a) {
  if (a.is_number())
    out.value(a.number);
  else
    out.value(a.hex);
}

// As members: "alg_enc":"EncAesCbc","alg_enc_raw":7. What comes twice is written once.
void write_members(JsonWriter& out, const Attributes& attributes) {
  std::vector<std::string_view> written;
  for (const Attribute& a : attributes) {
    const std::string key(attribute_key(a.type));
    if (std::ranges::find(written, key) != written.end()) continue;
    written.push_back(attribute_key(a.type));
    out.field(key, attribute_value(a.type, a.number));
    out.key(key + "_raw");
    write_value(out, a);
  }
}

// As a list, which later readers of these events ask for.
void write_list(JsonWriter& out, const Attributes& attributes) {
  if (attributes.empty()) return;
  out.key("attributes").begin_array();
  for (const Attribute& a : attributes) {
    out.begin_object().field("key", attribute_key(a.type));
    out.field("value", attribute_value(a.type, a.number)).key("raw");
    write_value(out, a);
    out.end_object();
  }
  out.end_array();
}

void write_transforms(JsonWriter& out, std::string_view key, const std::vector<Attributes>& list) {
  out.key(key).begin_array();
  for (const Attributes& a : list) {
    out.begin_object();
    write_members(out, a);
    out.end_object();
  }
  out.end_array();
}

void write_secret(JsonWriter& out, const std::string& key,
                  const std::optional<std::string>& bytes) {
  if (!bytes) return;
  out.field(key, to_hex(as_bytes(*bytes))).field(key + "_length", bytes->size());
}

void write_payloads(JsonWriter& out, const Message& m) {
  out.key("payload").begin_array();
  for (const std::uint8_t kind : m.payloads)
    if (const std::string name = payload_name(m.major(), kind); !name.empty()) out.value(name);
  out.end_array();
}

}  // namespace

void IkeTransaction::write_first(JsonWriter& out) const {
  write_members(out, session_.chosen);
  write_list(out, session_.chosen);
  if (sender_ == Direction::to_client && message_.transforms.size() > 1)
    write_transforms(out, "server_proposals", message_.transforms);
  write_payloads(out, message_);
  out.key("ikev1").begin_object();
  if (session_.doi) out.field("doi", *session_.doi);
  out.field("encrypted_payloads", message_.encrypted);
  if (!message_.encrypted) {
    for (const Direction d : {Direction::to_server, Direction::to_client}) {
      const Session::Side& side = session_.sides[index(d)];
      out.key(d == Direction::to_server ? "client" : "server").begin_object();
      write_secret(out, "key_exchange_payload", side.key_exchange);
      write_secret(out, "nonce_payload", side.nonce);
      if (d == Direction::to_server && sender_ == d && !message_.transforms.empty())
        write_transforms(out, "proposals", message_.transforms);
      out.end_object();
    }
    if (!message_.vendors.empty()) {
      out.key("vendor_ids").begin_array();
      for (const std::string& v : message_.vendors) out.value(v);
      out.end_array();
    }
  }
  out.end_object();
}

void IkeTransaction::write_second(JsonWriter& out) const {
  const bool initiator = (message_.flags & kFromInitiator) != 0;
  out.field("role", initiator ? "initiator" : "responder");
  if (!initiator) {
    const auto name = [this](TransformType t) {
      return transform_name(t, session_.transforms[static_cast<std::size_t>(t)]);
    };
    out.field("alg_enc", name(TransformType::encryption));
    out.field("alg_auth", name(TransformType::integrity));
    out.field("alg_prf", name(TransformType::prf));
    out.field("alg_dh", name(TransformType::group));
    out.field("alg_esn", name(TransformType::esn));
  }
  write_payloads(out, message_);
  unsigned errors = 0;
  for (const std::uint16_t type : message_.notifies) errors += type < kFirstStatus;
  out.key("ikev2").begin_object().field("errors", errors);
  if (!message_.notifies.empty()) {
    out.key("notify").begin_array();
    for (const std::uint16_t type : message_.notifies) out.value(notify_name(type));
    out.end_array();
  }
  out.end_object();
}

void IkeTransaction::write(JsonWriter& out) const {
  out.key("ike").begin_object().field("_v", 2);
  out.field("version_major", message_.major()).field("version_minor", message_.version & 15);
  out.field("init_spi", message_.initiator).field("resp_spi", message_.responder);
  out.field("message_id", message_.id).field("exchange_type", message_.exchange);
  if (message_.major() == 1)
    write_first(out);
  else
    write_second(out);
  out.end_object();
}

}  // namespace chieng::collector::ike
