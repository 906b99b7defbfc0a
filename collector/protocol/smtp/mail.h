// Puts what a message carries into its transaction.
#pragma once

#include <optional>

#include "collector/protocol/mime/reader.h"
#include "collector/protocol/parser.h"
#include "collector/protocol/smtp/transaction.h"
#include "core/hash/digest.h"

namespace chieng::collector::smtp {

// Lives from the first byte of a message to its last; so does the transaction. Bound: what is kept
// of a message is at most kMaxText bytes of fields, addresses and names, kMaxFiles files and
// kMaxWindows bytes of them.
class Mail final : private mime::Sink {
 public:
  static constexpr std::size_t kMaxText = 256 * 1024;
  static constexpr std::size_t kMaxReceived = 128, kMaxUrls = 1024, kMaxFiles = 128;
  static constexpr std::uint64_t kMaxWindows = 2 * 1024 * 1024;
  static constexpr WindowSettings kWindow{
      .limit = 100'000, .first_look = 32 * 1024, .window = 4096};

  Mail(ParserHost& host, SmtpTransaction& tx);
  Mail(const Mail&) = delete;
  Mail& operator=(const Mail&) = delete;

  void data(std::string_view data) { reader_.data(data); }
  void lost(std::uint64_t bytes);
  void finish(bool whole);

 private:
  void field(std::string_view name, std::string_view value) override;
  void header_done() override { tx_.reach(Progress::header); }
  void attachment(std::string_view name) override;
  void file_begins(std::string_view name) override;
  void file_data(Bytes data) override;
  void file_ends(bool whole) override;
  void body(Bytes data) override { md5_.update(data); }
  void fault(mime::Fault fault) override;
  void url(std::string_view address) override;

  [[nodiscard]] bool keep(std::size_t bytes);

  ParserHost& host_;
  SmtpTransaction& tx_;
  mime::Reader reader_{*this};
  Digest md5_{DigestKind::md5};
  std::size_t text_ = 0;
  std::uint64_t windows_ = 0;
  bool file_open_ = false, lost_ = false;
};

}  // namespace chieng::collector::smtp
