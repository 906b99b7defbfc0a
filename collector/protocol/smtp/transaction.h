// A mail with its envelope, from the greeting or the mail before to the end of its message.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "collector/protocol/file_support/tracked_file.h"
#include "collector/protocol/file_support/window.h"
#include "collector/protocol/smtp/spec.h"
#include "core/inspect/transaction.h"

namespace chieng::collector::smtp {

// Header fields that EVE names, in the order of kFieldNames (eve.cpp); the first of a name counts.
enum class Field : std::uint8_t {
  from,
  to,
  cc,
  reply_to,
  bcc,
  message_id,
  subject,
  x_mailer,
  user_agent,
  x_originating_ip,
  in_reply_to,
  references,
  importance,
  priority,
  sensitivity,
  organization,
  content_md5,
  date,
  count
};

struct MailFile {
  TrackedFile tracked;
  InspectionWindow window;
};

// Bounded by the limits of the reader (mail.h).
struct MailContent {
  std::array<std::optional<std::string>, static_cast<std::size_t>(Field::count)> fields;
  std::vector<std::string> received, attachments, urls;
  std::string body_md5;
  [[nodiscard]] const std::optional<std::string>& field(Field f) const {
    return fields[static_cast<std::size_t>(f)];
  }
};

// Owned by its flow; the parser fills it.
class SmtpTransaction final : public Transaction {
 public:
  using Transaction::Transaction;

  [[nodiscard]] std::optional<BufferSlice> buffer(unsigned local, Direction d,
                                                  std::uint32_t instance) const override;
  [[nodiscard]] std::optional<std::uint64_t> integer(unsigned local, Direction d,
                                                     std::uint32_t instance) const override;
  void write(JsonWriter& out) const override;
  [[nodiscard]] std::optional<FileView> file(std::uint32_t number) const override;

  void reach(Progress p) { set_progress(Direction::to_server, static_cast<std::uint8_t>(p)); }
  void complete();

  std::optional<std::string> helo, mail_from;
  std::vector<std::string> recipients;
  std::optional<MailContent> mail;  // once the client has begun to send a message
  std::vector<MailFile> mail_files;

 private:
  [[nodiscard]] std::optional<BufferSlice> mail_buffer(Buffer b, std::uint32_t instance) const;
  [[nodiscard]] std::optional<BufferSlice> file_buffer(Buffer b, std::uint32_t instance) const;
};

}  // namespace chieng::collector::smtp
