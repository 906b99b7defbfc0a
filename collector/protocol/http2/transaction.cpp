#include "collector/protocol/http2/transaction.h"

#include <algorithm>
#include <utility>

namespace chieng::collector::http2 {
namespace {

std::optional<BufferSlice> slice(std::string_view text) {
  return BufferSlice{.data = as_bytes(text)};
}
std::optional<BufferSlice> slice_if(std::string_view text) {
  return text.empty() ? std::nullopt : slice(text);
}
std::optional<BufferSlice> slice_of(std::optional<std::string_view> text) {
  return text ? slice(*text) : std::nullopt;
}

// The header that a buffer is the value of. HTTP/2 has them in lower case.
std::string_view header_of(Buffer b, Direction d) {
  switch (b) {
    case Buffer::cookie:
      return d == Direction::to_server ? "cookie" : "set-cookie";
    case Buffer::user_agent:
      return "user-agent";
    case Buffer::referer:
      return "referer";
    case Buffer::accept:
      return "accept";
    case Buffer::accept_enc:
      return "accept-encoding";
    case Buffer::accept_lang:
      return "accept-language";
    case Buffer::content_type:
      return "content-type";
    case Buffer::content_len:
      return "content-length";
    case Buffer::connection:
      return "connection";
    case Buffer::server:
      return "server";
    case Buffer::location:
      return "location";
    case Buffer::stat_code:
      return ":status";
    case Buffer::method:
      return ":method";
    case Buffer::uri:
    case Buffer::uri_raw:
      return ":path";
    default:
      return {};
  }
}

std::uint64_t value_of(std::uint64_t n) {
  return n;
}
std::uint64_t value_of(const FrameValue& v) {
  return v.value;
}
template <class T>
std::optional<std::uint64_t> nth(const std::vector<T>& list, std::uint32_t instance) {
  if (instance >= list.size()) return std::nullopt;
  return value_of(list[instance]);
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

// Without user and port, in lower case.
std::string host_name(std::string_view authority) {
  if (const auto at = authority.rfind('@'); at != std::string_view::npos)
    authority.remove_prefix(at + 1);
  const auto bracket = authority.starts_with('[') ? authority.find(']') : std::string_view::npos;
  const auto colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  std::string out(authority.substr(0, colon));
  std::ranges::transform(out, out.begin(), lower);
  return out;
}

}  // namespace

void Http2Transaction::advance(Direction d, Progress p) {
  set_progress(d, std::to_underlying(p));
}

void Http2Transaction::add_fields(Direction d, std::vector<Field> fields) {
  StreamSide& s = side(d);
  for (Field& f : fields) {
    s.header_bytes += f.name.size() + f.value.size() + sizeof(Field);
    if (s.header_bytes > StreamSide::kMostHeaderBytes) break;
    if (f.state == FieldState::size_update) s.size_updates.push_back(f.size_update);
    s.fields.push_back(std::move(f));
  }
  views_[index(d)] = {};
  check_worth();
  touch(d);
}

const Http2Transaction::Views& Http2Transaction::views(Direction d) const {
  Views& v = views_[index(d)];
  if (std::exchange(v.made, true)) return v;
  for (const Field& f : side(d).fields) {
    if (f.state != FieldState::good) continue;
    const auto known =
        std::ranges::find(v.joined, f.name, &std::pair<std::string, std::string>::first);
    if (known == v.joined.end())
      v.joined.emplace_back(f.name, f.value);
    else
      known->second.append(", ").append(f.value);
  }
  const std::string_view cookie = header_of(Buffer::cookie, d);
  v.names = "\r\n";
  for (const Field& f : side(d).fields) {
    if (f.state != FieldState::good) continue;
    const std::size_t begin = v.raw.size();
    v.raw.append(f.name).append(": ").append(f.value).append("\r\n");
    if (f.name != cookie) v.header.append(v.raw, begin);
    v.names.append(f.name).append("\r\n");
  }
  v.names += "\r\n";
  if (d == Direction::to_server) {
    v.first_line.append(header(d, ":method").value_or("")).append(" ");
    v.first_line.append(header(d, ":path").value_or("")).append(" HTTP/2\r\n");
    const auto host = header(d, ":authority");
    v.host = host_name(host ? *host : header(d, "host").value_or(""));
  } else {
    v.first_line.append("HTTP/2 ").append(header(d, ":status").value_or("")).append("\r\n");
  }
  return v;
}

std::optional<std::string_view> Http2Transaction::header(Direction d, std::string_view name) const {
  for (const auto& [known, value] : views(d).joined)
    if (known == name) return value;
  return std::nullopt;
}

std::optional<BufferSlice> Http2Transaction::buffer(unsigned local, Direction d,
                                                    std::uint32_t instance) const {
  if (local >= kSpec.buffers.size()) {
    const auto& message = dns_[index(d)];
    if (!message) return std::nullopt;
    return message->buffer(static_cast<unsigned>(local - kSpec.buffers.size()), d, instance);
  }
  if (!has(kSpec.buffers[local].sides, d)) return std::nullopt;
  if (instance != 0 && !kSpec.buffers[local].multi) return std::nullopt;
  const auto b = static_cast<Buffer>(local);
  switch (b) {
    case Buffer::request_body:
    case Buffer::response_body:
    case Buffer::file_data:
    case Buffer::file_md5:
    case Buffer::file_sha1:
    case Buffer::file_sha256:
      return file_buffer(b, d, instance);
    default:
      break;
  }
  if (side(d).fields.empty() || progress(d) < std::to_underlying(Progress::headers))
    return std::nullopt;
  switch (b) {
    case Buffer::request_header:
    case Buffer::response_header:
    case Buffer::header_name:
      return field_buffer(b, d, instance);
    default:
      return header_value(b, d);
  }
}

std::optional<BufferSlice> Http2Transaction::header_value(Buffer b, Direction d) const {
  switch (b) {
    case Buffer::protocol:
      return slice("HTTP/2");
    case Buffer::stat_msg:
      return slice("");
    case Buffer::request_line:
    case Buffer::response_line:
      return slice(views(d).first_line);
    case Buffer::header:
      return slice_if(views(d).header);
    case Buffer::header_raw:
      return slice_if(views(d).raw);
    case Buffer::header_names:
      return slice(views(d).names);
    case Buffer::host:
      return slice_if(views(d).host);
    case Buffer::host_raw: {
      const auto authority = header(d, ":authority");
      return slice_of(authority ? authority : header(d, "host"));
    }
    default:
      return slice_of(header(d, header_of(b, d)));
  }
}

std::optional<BufferSlice> Http2Transaction::field_buffer(Buffer b, Direction d,
                                                          std::uint32_t instance) const {
  const auto& fields = side(d).fields;
  // Nearly always all of them are good, and then the instance is the position.
  std::uint32_t n = 0;
  for (const Field& f : fields) {
    if (f.state != FieldState::good || n++ != instance) continue;
    if (b == Buffer::header_name) return slice(f.name);
    line_.assign(f.name).append(": ").append(f.value);
    return slice(line_);
  }
  return std::nullopt;
}

// The first is the body, the second the file that it completed.
std::optional<BufferSlice> Http2Transaction::file_buffer(Buffer b, Direction d,
                                                         std::uint32_t instance) const {
  const auto& body = side(d).body;
  if (!body || instance > 1 || (instance == 1 && body->whole() == nullptr)) return std::nullopt;
  const TrackedFile& file = instance == 0 ? body->file() : body->whole()->tracked;
  switch (b) {
    case Buffer::file_md5:
      return slice(file.hash(DigestKind::md5));
    case Buffer::file_sha1:
      return slice(file.hash(DigestKind::sha1));
    case Buffer::file_sha256:
      return slice(file.hash(DigestKind::sha256));
    default:
      return instance == 0 ? body->window().slice() : body->whole()->window.slice();
  }
}

std::optional<std::uint64_t> Http2Transaction::integer(unsigned local, Direction d,
                                                       std::uint32_t instance) const {
  if (local >= kSpec.integers.size()) {
    const auto& message = dns_[index(d)];
    if (!message) return std::nullopt;
    return message->integer(static_cast<unsigned>(local - kSpec.integers.size()), d, instance);
  }
  const StreamSide& s = side(d);
  switch (static_cast<Integer>(local)) {
    case Integer::frame_type:
      return nth(s.frames, instance);
    case Integer::error_code:
      return nth(s.errors, instance);
    case Integer::priority:
      return nth(s.priorities, instance);
    case Integer::window:
      return nth(s.windows, instance);
    case Integer::size_update:
      return nth(s.size_updates, instance);
    case Integer::file_size:
      if (!s.body || instance > 1) return std::nullopt;
      if (instance == 0) return s.body->file().size();
      if (s.body->whole() == nullptr) return std::nullopt;
      return s.body->whole()->tracked.size();
    default:
      break;
  }
  const unsigned id = local - std::to_underlying(Integer::settings) + 1;
  std::uint32_t n = 0;
  for (const Setting& setting : s.settings)
    if (setting.id == id && n++ == instance) return setting.value;
  return std::nullopt;
}

std::optional<FileView> Http2Transaction::file(std::uint32_t number) const {
  for (const StreamSide& s : sides_) {
    if (!s.body) continue;
    if (number-- == 0) return s.body->file().view(*this);
    if (s.body->whole() != nullptr && number-- == 0) return s.body->whole()->tracked.view(*this);
  }
  return std::nullopt;
}

std::optional<Transaction::Place> Http2Transaction::place(unsigned local, Direction d,
                                                          std::uint32_t instance) const {
  const StreamSide& s = side(d);
  const std::vector<FrameValue>* values = nullptr;
  if (local == std::to_underlying(Integer::error_code)) values = &s.errors;
  if (local == std::to_underlying(Integer::priority)) values = &s.priorities;
  if (local == std::to_underlying(Integer::window)) values = &s.windows;
  if (values == nullptr) return std::nullopt;
  const auto of = static_cast<std::uint32_t>(s.frames.size());
  return Place{instance < values->size() ? (*values)[instance].frame : of, of};
}

void Http2Transaction::set_dns(Direction d, dns::Message message) {
  dns_[index(d)] = std::make_unique<dns::DnsTransaction>(proto(), 0, d, std::move(message));
  touch(d);
}

void Http2Transaction::check_worth() {
  if (worth_) return;
  worth_ = std::ranges::any_of(sides_, [](const StreamSide& s) {
    return !s.settings.empty() || !s.errors.empty() || !s.priorities.empty() || !s.fields.empty();
  });
  logging_disabled = !worth_;
}

}  // namespace chieng::collector::http2
