#include "collector/protocol/smtp/spec.h"

#include <array>
#include <utility>

namespace chieng::collector::smtp {
namespace {

constexpr std::uint8_t at(Progress p) {
  return std::to_underlying(p);
}

constexpr BufferSpec buffer(std::string_view name, Progress ready, FieldClass privacy,
                            bool multi = false) {
  return {.name = name,
          .sides = Sides::to_server,
          .ready = {at(ready), 0},
          .multi = multi,
          .privacy = privacy};
}

constexpr auto plain = FieldClass::plain;
constexpr auto personal = FieldClass::personal;
constexpr auto content = FieldClass::content;

// In the order of Buffer.
constexpr std::array kBuffers = {
    buffer("smtp.helo", Progress::greeting, plain),
    buffer("smtp.mail_from", Progress::sender, personal),
    buffer("smtp.rcpt_to", Progress::envelope, personal, true),
    buffer("email.from", Progress::header, personal),
    buffer("email.subject", Progress::header, content),
    buffer("email.to", Progress::header, personal),
    buffer("email.cc", Progress::header, personal),
    buffer("email.date", Progress::header, plain),
    buffer("email.message_id", Progress::header, plain),
    buffer("email.x_mailer", Progress::header, plain),
    buffer("email.url", Progress::complete, content, true),
    buffer("email.received", Progress::header, plain, true),
    buffer("email.body_md5", Progress::complete, plain),
    BufferSpec{.name = "file.data",
               .sides = Sides::to_server,
               .ready = {at(Progress::header), 0},
               .multi = true,
               .streaming = true,
               .aliases = {"file_data"},
               .privacy = content},
    BufferSpec{.name = "file.name",
               .sides = Sides::to_server,
               .ready = {at(Progress::complete), 0},
               .multi = true,
               .aliases = {"file_name"}},
    buffer("file.md5", Progress::complete, plain, true),
    buffer("file.sha1", Progress::complete, plain, true),
    buffer("file.sha256", Progress::complete, plain, true),
};
static_assert(kBuffers.size() == std::to_underlying(Buffer::file_sha256) + 1);
static_assert(kBuffers[std::to_underlying(Buffer::received)].name == "email.received");

constexpr std::array kIntegers = {
    IntegerSpec{.name = "filesize",
                .sides = Sides::to_server,
                .ready = {at(Progress::complete), 0},
                .bits = 64,
                .multi = true},
};

constexpr std::array kEvents = {
#define CHIENG_SMTP_EVENT(name) std::string_view(#name),
    CHIENG_SMTP_EVENTS(CHIENG_SMTP_EVENT)
#undef CHIENG_SMTP_EVENT
};

constexpr std::string_view kFrames[] = {"command_line", "data", "response_line"};

}  // namespace

constinit const ProtocolSpec kSpec{
    .name = "smtp",
    .rule_names = {"smtp"},
    .transport = TransportMask::tcp,
    .complete = {at(Progress::complete), at(Progress::complete)},
    .buffers = kBuffers,
    .integers = kIntegers,
    .event_prefix = "smtp",
    .events = kEvents,
    .frames = kFrames,
};

}  // namespace chieng::collector::smtp
