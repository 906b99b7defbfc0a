// What one QUIC packet told.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "collector/protocol/quic/google_hello.h"
#include "collector/protocol/quic/spec.h"
#include "collector/protocol/tls/hello.h"
#include "core/inspect/transaction.h"

namespace chieng::collector::quic {

class QuicTransaction final : public Transaction {
 public:
  QuicTransaction(AppProto proto, std::uint64_t id, Direction sender, std::uint32_t version);

  void set_hello(tls::Hello hello);  // the packet completed it
  void set_google_hello(const GoogleHello& hello);

  [[nodiscard]] std::optional<BufferSlice> buffer(unsigned local, Direction d,
                                                  std::uint32_t instance) const override;
  void write(JsonWriter& out) const override;
  [[nodiscard]] Direction event_direction() const override { return sender_; }
  [[nodiscard]] bool one_sided() const override { return true; }

 private:
  // What nobody may ask for is made when somebody does.
  struct Prints {
    std::string ja3, ja3_hash, ja4;  // of a server: JA3S, and no JA4; empty without a hello
  };
  [[nodiscard]] const Prints& prints() const;
  void write_extensions(JsonWriter& out) const;

  Direction sender_;
  std::uint32_t number_;
  std::string version_, sni_, user_agent_, cyu_, cyu_hash_;
  std::optional<tls::Hello> hello_;
  mutable std::optional<Prints> prints_;
};

}  // namespace chieng::collector::quic
