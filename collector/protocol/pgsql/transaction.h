// A request to PostgreSQL with what came back for it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/inspect/transaction.h"

namespace chieng::collector::pgsql {

enum class Buffer : std::uint8_t { query };
enum class Event : std::uint16_t {
  too_many_transactions,
  malformed_request,
  malformed_response,
  invalid_length,
  too_many_responses
};

extern const ProtocolSpec kSpec;

using Pairs = std::vector<std::pair<std::string, std::string>>;

struct Request {
  enum class Kind : std::uint8_t {
    none,
    ssl,
    gss,
    startup,
    cancel,
    password,
    sasl_initial,
    sasl_response,
    query,
    extended_query,
    copy_data,
    copy_fail,
    terminate
  } kind = Kind::none;
  std::uint16_t major = 0, minor = 0;     // of startup
  Pairs parameters;                       // of startup, the user first
  std::uint32_t process = 0, secret = 0;  // of cancel
  std::string mechanism, text;            // of SASL; the query; why a copy failed
  std::uint64_t messages = 0, bytes = 0;  // of copy_data
  bool copy_done = false;
};

struct CopyBegin {
  bool out = false, malformed = false;
  std::uint16_t columns = 0;
};

struct Response {
  bool any = false;
  std::optional<bool> ssl_accepted;
  std::string message, salt, sasl_final;
  Pairs parameters, error;  // error: names of fields as EVE has them
  std::optional<std::pair<std::uint32_t, std::uint32_t>> key;  // process, secret
  std::optional<std::uint16_t> fields;
  bool fields_malformed = false;
  std::uint64_t rows = 0, row_bytes = 0, copied = 0, copied_bytes = 0;
  std::optional<CopyBegin> copy;
  bool copy_done = false;
  std::vector<std::string> completed;
};

// Bounded: kMostTexts parameters, notices and completed commands.
class PgsqlTransaction final : public Transaction {
 public:
  static constexpr std::size_t kMostTexts = 256;

  PgsqlTransaction(AppProto proto, std::uint64_t id) : Transaction(proto, id) {}

  void complete() {
    set_progress(Direction::to_server, 1);
    set_progress(Direction::to_client, 1);
  }

  [[nodiscard]] std::optional<BufferSlice> buffer(unsigned local, Direction d,
                                                  std::uint32_t instance) const override;
  void write(JsonWriter& out) const override;

  Request request;
  Response response;
};

}  // namespace chieng::collector::pgsql
