#include "collector/protocol/smtp/transaction.h"

namespace chieng::collector::smtp {
namespace {

std::optional<BufferSlice> slice(const std::string& text) {
  return BufferSlice{.data = as_bytes(text)};
}
std::optional<BufferSlice> slice(const std::optional<std::string>& text, std::uint32_t instance) {
  if (!text || instance > 0) return std::nullopt;
  return slice(*text);
}
std::optional<BufferSlice> nth(const std::vector<std::string>& list, std::uint32_t instance) {
  if (instance >= list.size()) return std::nullopt;
  return slice(list[instance]);
}

}  // namespace

void SmtpTransaction::complete() {
  reach(Progress::complete);
  set_progress(Direction::to_client, static_cast<std::uint8_t>(Progress::complete));
}

std::optional<BufferSlice> SmtpTransaction::buffer(unsigned local, Direction d,
                                                   std::uint32_t instance) const {
  if (d != Direction::to_server) return std::nullopt;
  const auto b = static_cast<Buffer>(local);
  switch (b) {
    case Buffer::helo:
      return slice(helo, instance);
    case Buffer::mail_from:
      return slice(mail_from, instance);
    case Buffer::rcpt_to:
      return nth(recipients, instance);
    case Buffer::file_data:
    case Buffer::file_name:
    case Buffer::file_md5:
    case Buffer::file_sha1:
    case Buffer::file_sha256:
      return file_buffer(b, instance);
    default:
      return mail_buffer(b, instance);
  }
}

std::optional<BufferSlice> SmtpTransaction::mail_buffer(Buffer b, std::uint32_t instance) const {
  if (!mail) return std::nullopt;
  switch (b) {
    case Buffer::from:
      return slice(mail->field(Field::from), instance);
    case Buffer::subject:
      return slice(mail->field(Field::subject), instance);
    case Buffer::to:
      return slice(mail->field(Field::to), instance);
    case Buffer::cc:
      return slice(mail->field(Field::cc), instance);
    case Buffer::date:
      return slice(mail->field(Field::date), instance);
    case Buffer::message_id:
      return slice(mail->field(Field::message_id), instance);
    case Buffer::x_mailer:
      return slice(mail->field(Field::x_mailer), instance);
    case Buffer::url:
      return nth(mail->urls, instance);
    case Buffer::received:
      return nth(mail->received, instance);
    case Buffer::body_md5:
      if (mail->body_md5.empty() || instance > 0) return std::nullopt;
      return slice(mail->body_md5);
    default:
      return std::nullopt;
  }
}

std::optional<BufferSlice> SmtpTransaction::file_buffer(Buffer b, std::uint32_t instance) const {
  if (instance >= mail_files.size()) return std::nullopt;
  const MailFile& file = mail_files[instance];
  if (b == Buffer::file_data) return file.window.slice();
  if (b == Buffer::file_name) return slice(file.tracked.name());
  if (b == Buffer::file_md5) return slice(file.tracked.hash(DigestKind::md5));
  if (b == Buffer::file_sha1) return slice(file.tracked.hash(DigestKind::sha1));
  return slice(file.tracked.hash(DigestKind::sha256));
}

std::optional<std::uint64_t> SmtpTransaction::integer(unsigned local, Direction d,
                                                      std::uint32_t instance) const {
  if (local != 0 || d != Direction::to_server || instance >= mail_files.size()) return std::nullopt;
  return mail_files[instance].tracked.size();
}

std::optional<FileView> SmtpTransaction::file(std::uint32_t number) const {
  if (number >= mail_files.size()) return std::nullopt;
  return mail_files[number].tracked.view(*this);
}

}  // namespace chieng::collector::smtp
