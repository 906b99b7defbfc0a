// One DNP3 message: requests and responses are transactions of their own.
#pragma once

#include <string>

#include "collector/protocol/dnp3/application.h"
#include "collector/protocol/dnp3/link.h"
#include "core/inspect/transaction.h"

namespace chieng::collector::dnp3 {

enum class Buffer : std::uint8_t { data };
enum class Integer : std::uint8_t { function, indications, object };
enum class Event : std::uint16_t {
  flooded,
  len_too_small,
  bad_link_crc,
  bad_transport_crc,
  unknown_object,
  too_long_reassembly,
  too_many_points,
  too_many_objects
};

extern const ProtocolSpec kSpec;

// Holds the message's bytes (kMostBytes) and the headers of its objects; points are read again when
// they are written.
class Dnp3Transaction final : public Transaction {
 public:
  static constexpr std::size_t kMostBytes = 16'000;

  Dnp3Transaction(AppProto proto, std::uint64_t id, Direction direction);
  // The application fragment with its header; false where it is too short. Where it is not whole,
  // its objects are not read.
  bool set_message(const LinkHeader& link, std::string message, bool whole = true);
  [[nodiscard]] Fault fault() const { return objects_.fault; }
  [[nodiscard]] std::uint8_t function() const { return function_; }

  [[nodiscard]] std::optional<BufferSlice> buffer(unsigned local, Direction d,
                                                  std::uint32_t instance) const override;
  [[nodiscard]] std::optional<std::uint64_t> integer(unsigned local, Direction d,
                                                     std::uint32_t instance) const override;
  void write(JsonWriter& out) const override;
  void write_in_alert(JsonWriter& out) const override;
  [[nodiscard]] Direction event_direction() const override { return direction_; }
  [[nodiscard]] bool one_sided() const override { return true; }

 private:
  void write_members(JsonWriter& out) const;
  void write_application(JsonWriter& out) const;
  [[nodiscard]] bool is_response() const { return direction_ == Direction::to_client; }
  [[nodiscard]] Bytes object_bytes() const;

  Direction direction_;
  LinkHeader link_;
  std::uint8_t control_ = 0, function_ = 0;
  std::uint16_t indications_ = 0;
  bool valid_ = false;
  std::string message_;
  Objects objects_;
};

// Bits of the internal indications, the first byte in the upper half (clause 4.2.2.6).
[[nodiscard]] std::span<const NamedValue> indication_names();

}  // namespace chieng::collector::dnp3
