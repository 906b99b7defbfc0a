#include "collector/protocol/ike/spec.h"

namespace chieng::collector::ike {
namespace {

// In the order of Buffer.
constexpr BufferSpec kBuffers[] = {
    {.name = "ike.init_spi", .sides = Sides::to_server, .ready = {1, 1}},
    {.name = "ike.resp_spi", .sides = Sides::to_client, .ready = {1, 1}},
    {.name = "ike.vendor", .sides = Sides::to_server, .ready = {1, 1}, .multi = true},
    {.name = "ike.key_exchange_payload", .ready = {1, 1}},
    {.name = "ike.nonce_payload", .ready = {1, 1}},
};

// ike.chosen_sa_attribute:NAME=VALUE asks for one of them.
constexpr IntegerSpec chosen(std::string_view name) {
  return {.name = name, .sides = Sides::to_client, .ready = {1, 1}, .bits = 32};
}
constexpr IntegerSpec kIntegers[] = {
    {.name = "ike.exchtype", .ready = {1, 1}, .bits = 8},
    {.name = "ike.key_exchange_payload_length", .ready = {1, 1}, .bits = 32},
    {.name = "ike.nonce_payload_length", .ready = {1, 1}, .bits = 32},
    chosen("ike.chosen_sa_attribute.alg_enc"),
    chosen("ike.chosen_sa_attribute.alg_hash"),
    chosen("ike.chosen_sa_attribute.alg_auth"),
    chosen("ike.chosen_sa_attribute.alg_dh"),
    chosen("ike.chosen_sa_attribute.sa_group_type"),
    chosen("ike.chosen_sa_attribute.sa_group_prime"),
    chosen("ike.chosen_sa_attribute.sa_group_generator_one"),
    chosen("ike.chosen_sa_attribute.sa_group_generator_two"),
    chosen("ike.chosen_sa_attribute.sa_group_curve_a"),
    chosen("ike.chosen_sa_attribute.sa_group_curve_b"),
    chosen("ike.chosen_sa_attribute.sa_life_type"),
    chosen("ike.chosen_sa_attribute.sa_life_duration"),
    chosen("ike.chosen_sa_attribute.alg_prf"),
    chosen("ike.chosen_sa_attribute.sa_key_length"),
    chosen("ike.chosen_sa_attribute.sa_field_size"),
    chosen("ike.chosen_sa_attribute.sa_group_order"),
};
static_assert(std::size(kIntegers) == static_cast<std::size_t>(Integer::attributes) + kAttributes);

constexpr std::string_view kEvents[] = {
    "malformed_data",   "no_encryption",    "weak_crypto_enc",    "weak_crypto_prf",
    "weak_crypto_dh",   "weak_crypto_auth", "weak_crypto_no_dh",  "weak_crypto_no_auth",
    "invalid_proposal", "unknown_proposal", "payload_extra_data", "multiple_server_proposal"};

}  // namespace

constinit const ProtocolSpec kSpec{.name = "ike",
                                   .rule_names = {"ike"},
                                   .transport = TransportMask::udp,
                                   .complete = {1, 1},
                                   .buffers = kBuffers,
                                   .integers = kIntegers,
                                   .event_prefix = "ike",
                                   .events = kEvents};

}  // namespace chieng::collector::ike
