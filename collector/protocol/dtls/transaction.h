// How a DTLS association begins.
#pragma once

#include <optional>
#include <string>

#include "collector/protocol/tls/hello.h"
#include "core/inspect/transaction.h"

namespace chieng::collector::dtls {

enum class Buffer : std::uint8_t { sni, alpn, ja4 };
enum class Event : std::uint16_t { malformed_hello };

extern const ProtocolSpec kSpec;

class DtlsTransaction final : public Transaction {
 public:
  using Transaction::Transaction;

  void set_client(tls::Hello hello);
  void set_server(tls::Hello hello);
  [[nodiscard]] std::optional<BufferSlice> buffer(unsigned local, Direction d,
                                                  std::uint32_t instance) const override;
  void write(JsonWriter& out) const override;

  bool cookie = false;  // the server asked for it

 private:
  std::optional<tls::Hello> client_, server_;
  std::string ja4_;
};

}  // namespace chieng::collector::dtls
