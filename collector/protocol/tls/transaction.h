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
  // The chain as sent; the first one is read. now: the packet's time. Returns what is wrong with
  // it.
  std::optional<Event> set_certificates(Direction sender, std::vector<std::string> chain,
                                        Timestamp now);
  void reach(Direction d, Progress p) { set_progress(d, static_cast<std::uint8_t>(p)); }

  [[nodiscard]] std::uint16_t version() const;
  [[nodiscard]] bool has_certificate(Direction sender) const {
    return sides_[index(sender)].certificate.has_value();
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
  struct Side {
    std::optional<Hello> hello;
    std::vector<std::string> chain;  // DER
    std::optional<Certificate> certificate;
    Period period = Period::valid;
  };
  [[nodiscard]] std::optional<BufferSlice> certificate_buffer(Buffer b, const Side& side,
                                                              std::uint32_t instance) const;
  void write_certificate(JsonWriter& out, const Side& side) const;

  std::array<Side, 2> sides_;  // by sender: to_server is the client
  std::string ja3_, ja3_hash_, ja3s_, ja3s_hash_, ja4_;
};

}  // namespace chieng::collector::tls
