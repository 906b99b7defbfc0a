// What messages carry: fields, files, addresses; and what is wrong with them.
#include <gtest/gtest.h>

#include "collector/protocol/mime/fields.h"
#include "collector/protocol/smtp/smtp.h"
#include "collector/protocol/smtp/transaction.h"
#include "core/hash/digest.h"
#include "tests/unit/collector/protocol/conversation.h"

namespace chieng::collector::test {
namespace {

using smtp::SmtpTransaction;

// A conversation in which the client sends the message, its lines with LF here.
class Message {
 public:
  explicit Message(std::string_view text, std::size_t piece = std::string_view::npos)
      : talk(kSmtp) {
    begin(piece);
    talk.client(with_crlf(text)).asks("\r\n.\r\n");
  }
  static std::string with_crlf(std::string_view text) {
    std::string out;
    for (const char c : text) out += c == '\n' ? "\r\n" : std::string(1, c);
    return out;
  }
  [[nodiscard]] const smtp::MailContent& mail() const { return *talk.tx<SmtpTransaction>(0).mail; }
  [[nodiscard]] const Conversation::SeenFile& file(std::size_t n = 0) const {
    return talk.files().at(n);
  }

  Conversation talk;

 private:
  void begin(std::size_t piece) {
    talk.in_pieces(piece).server("220 mx\r\n").asks("HELO c\r\n").asks("MAIL FROM:<a@x>\r\n");
    talk.asks("DATA\r\n", "354 go\r\n");
  }
};

constexpr std::string_view kMultipart =
    "From: a@x\nContent-Type: multipart/mixed;\n boundary=\"B B\"\n\npreamble\n--B B\n";

std::string part(std::string_view header, std::string_view body) {
  return std::string(kMultipart).append(header).append("\n\n").append(body) + "\n--B B--\nepilogue";
}
std::string attachment(std::string_view coding, std::string_view body) {
  return part("Content-Disposition: attachment; filename=f.bin\nContent-Transfer-Encoding: " +
                  std::string(coding),
              body);
}

TEST(MailWords, EmptyOnesAreEqual) {
  EXPECT_TRUE(mime::same_word({}, {}));
  EXPECT_TRUE(mime::same_word("Base64", "bASE64"));
  EXPECT_FALSE(mime::same_word({}, "x"));
}

TEST(SmtpMail, FieldsAreUnfolded) {
  const Message m(
      "Subject: one\n two\nTo:\n b@y\nReceived: r1\nX-Mailer : m\nReceived: r2\n\t r3\n"
      "no colon here\nSubject: second\nFrom: \n\nSubject: body");
  EXPECT_EQ(m.talk.text(0, "email.subject"), "onetwo");
  EXPECT_EQ(m.talk.text(0, "email.to"), "b@y");
  EXPECT_EQ(m.talk.text(0, "email.from"), "");
  EXPECT_EQ(m.talk.text(0, "email.cc"), "-");
  EXPECT_EQ(m.talk.text(0, "email.x_mailer"), "m");
  EXPECT_EQ(m.talk.text(0, "email.received"), "r1");
  EXPECT_EQ(m.talk.text(0, "email.received", 1), "r2 r3");
}

TEST(SmtpMail, HeaderWithoutABody) {
  const Message m("From: a@x\nTo: b@y");
  EXPECT_EQ(m.talk.text(0, "email.from"), "a@x");
  EXPECT_EQ(m.talk.text(0, "email.to"), "b@y");
}

TEST(SmtpMail, DigestOfTheBody) {
  const Message m("From: a@x\n\none\n..two");
  EXPECT_EQ(m.talk.text(0, "email.body_md5"),
            digest_hex(DigestKind::md5, as_bytes(std::string_view("one\r\n.two\r\n"))));
}

TEST(SmtpMail, FilesInAnyPieces) {
  for (const std::size_t piece : {std::string_view::npos, std::size_t{1}, std::size_t{5}}) {
    const Message m(attachment("base64", "aGVsbG8g\nd29ybGQ="), piece);
    ASSERT_EQ(m.talk.files().size(), 1u);
    EXPECT_EQ(m.file().name, "f.bin");
    EXPECT_EQ(m.file().size, 11u);
    EXPECT_EQ(m.file().state, FileView::State::closed);
    EXPECT_EQ(m.file().md5, digest_hex(DigestKind::md5, as_bytes(std::string_view("hello world"))));
    EXPECT_EQ(m.talk.text(0, "file.data"), "hello world");
    EXPECT_EQ(m.talk.text(0, "file.name"), "f.bin");
    EXPECT_TRUE(m.talk.events().empty());
  }
}

TEST(SmtpMail, Codings) {
  EXPECT_EQ(Message(attachment("BASE64 (c)", "YQ==\nYg=\nYw")).talk.text(0, "file.data"), "abc");
  EXPECT_EQ(Message(attachment("base64", "Y W!J\nj")).talk.text(0, "file.data"), "abc");
  EXPECT_EQ(Message(attachment("quoted-printable", "a=3Db =\nc  \n d=20=\n\ne"))
                .talk.text(0, "file.data"),
            "a=b c\r\n d \r\ne");
  EXPECT_EQ(Message(attachment("7bit", "one\ntwo\n")).talk.text(0, "file.data"), "one\r\ntwo\r\n");
  EXPECT_EQ(
      Message(attachment("x-uuencode", "begin 644 n\n#86)C\n`\nend")).talk.text(0, "file.data"),
      "abc");
}

TEST(SmtpMail, BadCodings) {
  const Message qp(attachment("quoted-printable", "a=zzb="));
  EXPECT_EQ(qp.talk.text(0, "file.data"), "a=zzb");
  EXPECT_EQ(qp.talk.events(), std::vector<std::string>{"mime_invalid_qp"});
  const Message base64(attachment("base64", "YWJjY"));
  EXPECT_EQ(base64.talk.text(0, "file.data"), "abc");
  EXPECT_EQ(base64.talk.events(), std::vector<std::string>{"mime_invalid_base64"});
}

TEST(SmtpMail, UuencodeInText) {
  const Message m("From: a@x\n\nsee\nbegin 644 u v.bin\n#86)C\n`\nend\nhttp://x.vn/\n");
  ASSERT_EQ(m.talk.files().size(), 1u);
  EXPECT_EQ(m.file().name, "u v.bin");
  EXPECT_EQ(m.file().md5, digest_hex(DigestKind::md5, as_bytes(std::string_view("abc"))));
  EXPECT_EQ(m.mail().urls, std::vector<std::string>{"x.vn/"});
}

std::string named(std::string_view header) {
  const Message m(part(header, "x"));
  return m.talk.files().empty() ? "-" : m.file().name;
}

TEST(SmtpMail, FileNames) {
  EXPECT_EQ(named("Content-Type: a/b; name=\"c;d.txt\""), "c;d.txt");
  EXPECT_EQ(named("Content-Disposition: inline; FileName = my file.txt ; x=y"), "my file.txt");
  EXPECT_EQ(named("Content-Disposition: attachment; filename=d\nContent-Type: a/b; name=c"), "d");
  EXPECT_EQ(named("Content-Type: a/b; name=c\nContent-Disposition: attachment; filename=d"), "c");
  EXPECT_EQ(named("Content-Disposition: a; filename*=UTF-8''na%20me%2etxt%"), "na me.txt%");
  EXPECT_EQ(named("Content-Disposition: a;\n filename*0=\"a b\";\n filename*1=\"c.txt\""),
            "a bc.txt");
  EXPECT_EQ(named("Content-Disposition: a; filename*0*=''%61; filename*1*=%62; filename*2=%63"),
            "ab%63");
  EXPECT_EQ(named("Content-Disposition: attachment"), "-");
  EXPECT_EQ(named("Content-Disposition: a; filename=\"open"), "open");
}

TEST(SmtpMail, NestedParts) {
  const Message m(
      "Content-Type: multipart/mixed; boundary=A\n\n--A\n"
      "Content-Type: multipart/alternative; boundary=AA\n\n--AA\n\nhttp://plain.vn/\n"
      "--AA  \nContent-Type: text/html\n\n<a href='HTTP://html.vn/x'>\n--AAA\n"
      "--A\nContent-Disposition: attachment; filename=1\n\none\n--AA\ntwo\n"
      "--A\nContent-Type: message/rfc822\n\nSubject: inner\n"
      "Content-Disposition: attachment; filename=2\n\nthree\n--A--\n"
      "Content-Disposition: attachment; filename=3\n\nno\n");
  ASSERT_EQ(m.talk.files().size(), 2u);
  EXPECT_EQ(m.file(0).name, "1");
  EXPECT_EQ(m.talk.text(0, "file.data", 1), "three");
  EXPECT_EQ(m.talk.text(0, "email.subject"), "-");
  EXPECT_EQ(m.mail().urls, (std::vector<std::string>{"plain.vn/", "html.vn/x"}));
  EXPECT_EQ(m.mail().attachments, (std::vector<std::string>{"1", "2"}));
}

TEST(SmtpMail, DelimiterRightBehindTheHeader) {
  const Message m(
      "Content-Type: multipart/mixed; boundary=A\n--A\n"
      "Content-Disposition: attachment; filename=1\n\none\n--A--");
  EXPECT_EQ(m.talk.text(0, "file.data"), "one");
}

TEST(SmtpMail, AddressesInText) {
  const Message m(
      "Content-Type: text/plain\n\nhttp://a.vn/p?q. http://b.vn\" x http:// hhttp://c.vn]\n"
      "https://d.vn http://e.vn/\nhttp://f");
  EXPECT_EQ(m.mail().urls, (std::vector<std::string>{"a.vn/p?q.", "b.vn", "c.vn", "e.vn/", "f"}));
  EXPECT_EQ(m.talk.text(0, "email.url", 2), "c.vn");
  const Message binary("Content-Type: image/png\n\nhttp://a.vn/");
  EXPECT_TRUE(binary.mail().urls.empty());
  const Message coded(
      "Content-Type: text/html\nContent-Transfer-Encoding: base64\n\naHR0cDov\nL2IudnM+");
  EXPECT_EQ(coded.mail().urls, std::vector<std::string>{"b.vs"});
}

TEST(SmtpMail, LongThings) {
  const auto events = [](std::string_view text) { return Message(text).talk.events(); };
  using Names = std::vector<std::string>;
  EXPECT_EQ(events("X: y\n\n" + std::string(998, 'l')), Names{});
  EXPECT_EQ(events("X: y\n\n" + std::string(999, 'l') + "\n" + std::string(20'000, 'l')),
            Names{"mime_long_line"});
  EXPECT_EQ(events(std::string(76, 'n') + ": v\n\n"), Names{"mime_long_header_name"});
  EXPECT_EQ(events("X: " + std::string(2001, 'v') + "\n\n"),
            (Names{"mime_long_line", "mime_long_header_value"}));
  EXPECT_EQ(events(attachment("base64", std::string(80, 'A'))), Names{"mime_long_enc_line"});
  EXPECT_EQ(events("Content-Type: multipart/x; boundary=" + std::string(255, 'b') + "\n\n"),
            Names{"mime_long_boundary"});
  EXPECT_EQ(events(part("Content-Type: a/b; name=" + std::string(256, 'f'), "x")),
            Names{"mime_long_filename"});
  EXPECT_EQ(named("Content-Type: a/b; name=" + std::string(256, 'f')), std::string(255, 'f'));
}

TEST(SmtpMail, LongFilesAreCountedWhole) {
  std::string body;
  for (int i = 0; i < 20'000; ++i) body += "0123456789\n";
  const Message m(attachment("7bit", body));
  EXPECT_EQ(m.file().size, 20'000u * 12);
  EXPECT_EQ(m.talk.tx<SmtpTransaction>(0).mail_files.size(), 1u);
  EXPECT_LE(m.talk.text(0, "file.data").size(), 100'000u);
}

TEST(SmtpMail, DoubledDots) {
  EXPECT_EQ(Message(attachment("7bit", "..a\n...\n..")).talk.text(0, "file.data"), ".a\r\n..\r\n.");
}

TEST(SmtpMail, CutOffAndLost) {
  Conversation talk(kSmtp);
  talk.server("220 mx\r\n").asks("HELO c\r\n").asks("DATA\r\n", "354 go\r\n");
  const std::string whole = part("Content-Type: a/b; name=n", "abc\ndef");
  talk.client(Message::with_crlf(whole.substr(0, whole.find("def"))));
  talk.lose(Direction::to_server, 10).end();
  ASSERT_EQ(talk.files().size(), 1u);
  EXPECT_EQ(talk.files()[0].state, FileView::State::truncated);
  EXPECT_TRUE(talk.files()[0].gaps);
  EXPECT_EQ(talk.text(0, "email.body_md5"), "-");
}

TEST(SmtpMail, WhatIsKeptIsBounded) {
  std::string text(kMultipart);
  for (int i = 0; i < 1000; ++i)
    text += "Content-Type: a/b; name=n\n\nx\n--B B\nContent-Type: multipart/x; boundary=" +
            std::to_string(i) + "\n\nhttp://x/ http://y/\n--B B\n";
  for (int i = 0; i < 3000; ++i) text += "\nhttp://" + std::string(500, 'u') + "\n--B B\n";
  const Message m(text);
  EXPECT_LE(m.mail().attachments.size(), 128u);
  EXPECT_LE(m.talk.tx<SmtpTransaction>(0).mail_files.size(), 128u);
  EXPECT_LE(m.mail().urls.size(), 1024u);
}

}  // namespace
}  // namespace chieng::collector::test
