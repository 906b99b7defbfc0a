// The "smtp" and "email" members of EVE events.
#include <iterator>

#include "collector/protocol/mime/fields.h"
#include "collector/protocol/smtp/transaction.h"

namespace chieng::collector::smtp {
namespace {

// In the order of Field.
constexpr std::string_view kFieldNames[] = {
    "from",       "to",       "cc",          "reply_to",         "bcc",         "message_id",
    "subject",    "x_mailer", "user_agent",  "x_originating_ip", "in_reply_to", "references",
    "importance", "priority", "sensitivity", "organization",     "content_md5", "date"};
static_assert(std::size(kFieldNames) == static_cast<std::size_t>(Field::count));

bool is_list(Field f) {
  return f == Field::to || f == Field::cc || f == Field::bcc;
}

void write_field(JsonWriter& out, Field f, std::string_view value) {
  const std::string_view name = kFieldNames[static_cast<std::size_t>(f)];
  if (!is_list(f)) {
    out.field(name, value);
    return;
  }
  const auto list = mime::addresses(value);
  if (list.empty()) return;
  out.key(name).begin_array();
  for (const std::string_view one : list) out.value(one);
  out.end_array();
}

template <typename List>
void write_list(JsonWriter& out, std::string_view name, const List& list) {
  if (list.empty()) return;
  out.key(name).begin_array();
  for (const auto& one : list) out.value(std::string_view(one));
  out.end_array();
}

}  // namespace

void SmtpTransaction::write(JsonWriter& out) const {
  out.key("smtp").begin_object();
  if (helo) out.field("helo", *helo);
  if (mail_from) out.field("mail_from", *mail_from);
  write_list(out, "rcpt_to", recipients);
  out.end_object();
  if (!mail) return;
  out.key("email").begin_object();
  for (std::size_t i = 0; i < mail->fields.size(); ++i)
    if (mail->fields[i]) write_field(out, static_cast<Field>(i), *mail->fields[i]);
  write_list(out, "received", mail->received);
  out.field("status", "PARSE_DONE");
  write_list(out, "attachment", mail->attachments);
  // The last one found comes first, as readers of these events know it.
  write_list(out, "url", std::vector<std::string>(mail->urls.rbegin(), mail->urls.rend()));
  out.end_object();
}

}  // namespace chieng::collector::smtp
