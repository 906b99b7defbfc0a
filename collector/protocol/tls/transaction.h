// The one transaction of a TLS connection: its handshake.
#pragma once

#include <array>
#include <optional>

#include "collector/protocol/tls/certificate.h"
#include "collector/protocol/tls/hello.h"
#include "collector/protocol/tls/spec.h"
#include "core/inspect/transaction.h"
#include "core/time/timestamp.h"

namespace chieng::collector::tls {

class TlsTransaction final : public Transaction {
 public:
  TlsTransaction(AppProto proto, std::uint64_t id) : Transaction(proto, id) {}

  void set_client_hello(Hello hello);
  void set_server_hello(Hello hello);
  // The chain as sent; now: the packet's time. Returns what is wrong with the first one.
  std::optional<Event> set_certificates(Direction sender, std::vector<std::string> chain,
                                        Timestamp now);
  void reach(Direction d, Progress p) { set_progress(d, static_cast<std::uint8_t>(p)); }

  [[nodiscard]] std::uint16_t version() const;
  [[nodiscard]] bool has_certificate(Direction sender) const {
    return sides_[index(sender)].is_certificate;
  }

  [[nodiscard]] std::optional<BufferSlice> buffer(unsigned local, Direction d,
                                                  std::uint32_t instance) const override;
  [[nodiscard]] std::optional<std::uint64_t> integer(unsigned local, Direction d,
                                                     std::uint32_t instance) const override;
  void write(JsonWriter& out) const override;

  std::uint16_t record_version = 0;  // of the first record, for connections without a hello
  bool resumed = false;
  std::string_view from_proto = {};  // what the connection spoke before TLS; static

 private:
  // What nobody may ask for is made when somebody does.
  struct Prints {
    std::string ja3, ja3_hash, ja4;  // of a server: JA3S, and no JA4
  };
  struct Side {
    std::optional<Hello> hello;
    std::vector<std::string> chain;       // DER
    mutable bool is_certificate = false;  // chain.front(); built as one, until it is read
    mutable std::optional<Prints> prints;
    mutable std::optional<Certificate> certificate;
    Timestamp seen_at;  // the certificate
  };
  [[nodiscard]] const Prints& prints(Direction sender) const;
  [[nodiscard]] static const Certificate* certificate(const Side& side);
  [[nodiscard]] std::optional<BufferSlice> certificate_buffer(Buffer b, const Side& side,
                                                              std::uint32_t instance) const;
  [[nodiscard]] std::optional<BufferSlice> print_buffer(Buffer b, Direction d,
                                                        std::uint32_t instance) const;
  void write_certificate(JsonWriter& out, const Side& side) const;

  std::array<Side, 2> sides_;  // by sender: to_server is the client
};

}  // namespace chieng::collector::tls
