#include "collector/protocol/smtp/mail.h"

#include <algorithm>

#include "collector/protocol/mime/fields.h"

namespace chieng::collector::smtp {
namespace {

// In the order of Field.
constexpr std::string_view kHeaderNames[] = {
    "from",       "to",       "cc",          "reply-to",         "bcc",         "message-id",
    "subject",    "x-mailer", "user-agent",  "x-originating-ip", "in-reply-to", "references",
    "importance", "priority", "sensitivity", "organization",     "content-md5", "date"};
static_assert(std::size(kHeaderNames) == static_cast<std::size_t>(Field::count));

Event event_of(mime::Fault fault) {
  switch (fault) {
    case mime::Fault::invalid_base64:
      return Event::mime_invalid_base64;
    case mime::Fault::invalid_qp:
      return Event::mime_invalid_qp;
    case mime::Fault::long_line:
      return Event::mime_long_line;
    case mime::Fault::long_enc_line:
      return Event::mime_long_enc_line;
    case mime::Fault::long_header_name:
      return Event::mime_long_header_name;
    case mime::Fault::long_header_value:
      return Event::mime_long_header_value;
    case mime::Fault::long_boundary:
      return Event::mime_long_boundary;
    case mime::Fault::long_filename:
      break;
  }
  return Event::mime_long_filename;
}

}  // namespace

Mail::Mail(ParserHost& host, SmtpTransaction& tx) : host_(host), tx_(tx) {
  if (!tx_.mail) tx_.mail.emplace();
}

bool Mail::keep(std::size_t bytes) {
  if (bytes > kMaxText - text_) return false;
  text_ += bytes;
  return true;
}

void Mail::field(std::string_view name, std::string_view value) {
  MailContent& mail = *tx_.mail;
  if (mime::same_word(name, "received")) {
    if (mail.received.size() < kMaxReceived && keep(value.size()))
      mail.received.emplace_back(value);
    return;
  }
  const auto known = std::ranges::find_if(
      kHeaderNames, [&](std::string_view header) { return mime::same_word(name, header); });
  if (known == std::end(kHeaderNames)) return;
  auto& field = mail.fields[static_cast<std::size_t>(known - std::begin(kHeaderNames))];
  if (!field && keep(value.size())) field = value;
}

void Mail::attachment(std::string_view name) {
  if (tx_.mail->attachments.size() < kMaxFiles && keep(name.size()))
    tx_.mail->attachments.emplace_back(name);
}

void Mail::url(std::string_view address) {
  if (tx_.mail->urls.size() < kMaxUrls && keep(address.size()))
    tx_.mail->urls.emplace_back(address);
}

void Mail::file_begins(std::string_view name) {
  if (tx_.mail_files.size() >= kMaxFiles) return;
  WindowSettings window = kWindow;
  window.limit =
      std::clamp<std::uint64_t>(kMaxWindows - std::min(kMaxWindows, windows_), 1, kWindow.limit);
  tx_.mail_files.push_back(
      {TrackedFile(std::string(name), Direction::to_server, host_.settings().files),
       InspectionWindow(window)});
  file_open_ = true;
}

void Mail::file_data(Bytes data) {
  if (!file_open_) return;
  MailFile& file = tx_.mail_files.back();
  windows_ += std::min<std::uint64_t>(data.size(),
                                      kWindow.limit - std::min(kWindow.limit, file.tracked.size()));
  file.tracked.update(data);
  if (file.window.append(data)) tx_.touch(Direction::to_server);
}

void Mail::file_ends(bool whole) {
  if (!file_open_) return;
  file_open_ = false;
  MailFile& file = tx_.mail_files.back();
  if (file.window.finish()) tx_.touch(Direction::to_server);
  file.tracked.finish(host_, tx_, whole ? FileView::State::closed : FileView::State::truncated);
}

void Mail::fault(mime::Fault fault) {
  host_.event(&tx_, static_cast<std::uint16_t>(event_of(fault)), Direction::to_server);
}

void Mail::lost(std::uint64_t bytes) {
  reader_.lost();
  lost_ = true;
  if (!file_open_) return;
  MailFile& file = tx_.mail_files.back();
  file.tracked.gap(bytes);
  if (file.window.gap(bytes)) tx_.touch(Direction::to_server);
}

void Mail::finish(bool whole) {
  reader_.finish(whole);
  if (whole && !lost_) tx_.mail->body_md5 = to_hex(as_bytes(md5_.finish()));
}

}  // namespace chieng::collector::smtp
