#include "collector/protocol/http/transaction.h"

#include <utility>

namespace chieng::collector::http {
namespace {

std::optional<BufferSlice> slice(std::string_view text) {
  return BufferSlice{as_bytes(text), 0, 0, true};
}

std::optional<BufferSlice> slice_if(bool present, std::string_view text) {
  return present ? slice(text) : std::nullopt;
}

std::optional<Known> header_of(Buffer b, Direction d) {
  switch (b) {
    case Buffer::cookie:
      return d == Direction::to_server ? Known::cookie : Known::set_cookie;
    case Buffer::user_agent:
      return Known::user_agent;
    case Buffer::referer:
      return Known::referer;
    case Buffer::accept:
      return Known::accept;
    case Buffer::accept_enc:
      return Known::accept_encoding;
    case Buffer::accept_lang:
      return Known::accept_language;
    case Buffer::content_type:
      return Known::content_type;
    case Buffer::content_len:
      return Known::content_length;
    case Buffer::connection:
      return Known::connection;
    case Buffer::server:
      return Known::server;
    case Buffer::location:
      return Known::location;
    default:
      return std::nullopt;
  }
}

}  // namespace

void HttpTransaction::advance(Direction d, Progress p) {
  set_progress(d, std::to_underlying(p));
}
bool HttpTransaction::at_least(Direction d, Progress p) const {
  return progress(d) >= std::to_underlying(p);
}

std::optional<BufferSlice> HttpTransaction::buffer(unsigned local, Direction d,
                                                   std::uint32_t instance) const {
  if (local >= kSpec.buffers.size() || !has(kSpec.buffers[local].sides, d)) return std::nullopt;
  if (instance != 0 && !kSpec.buffers[local].multi) return std::nullopt;
  const auto b = static_cast<Buffer>(local);
  switch (b) {
    case Buffer::protocol:
      return slice_if(message(d).protocol_size > 0, message(d).protocol_text());
    case Buffer::method:
    case Buffer::uri:
    case Buffer::uri_raw:
    case Buffer::request_line:
    case Buffer::host:
    case Buffer::host_raw:
      return request_buffer(b);
    case Buffer::response_line:
    case Buffer::stat_code:
    case Buffer::stat_msg:
      return response_buffer(b);
    case Buffer::request_body:
    case Buffer::response_body:
      return message(d).body.slice();
    case Buffer::file_data:
    case Buffer::file_name:
    case Buffer::file_md5:
    case Buffer::file_sha1:
    case Buffer::file_sha256:
      return file_buffer(b, d, instance);
    default:
      return header_buffer(b, d, instance);
  }
}

std::optional<std::uint64_t> HttpTransaction::integer(unsigned local, Direction d,
                                                      std::uint32_t instance) const {
  const auto& files = message(d).files;
  if (local != 0 || instance >= files.size()) return std::nullopt;
  return files[instance].tracked.size();
}

std::optional<BufferSlice> HttpTransaction::request_buffer(Buffer b) const {
  if (!at_least(Direction::to_server, Progress::line)) return std::nullopt;
  if (b == Buffer::method) return slice_if(!method.empty(), method);
  if (b == Buffer::uri) return slice_if(!uri.empty(), uri);
  if (b == Buffer::uri_raw) return slice_if(!uri_raw.empty(), uri_raw);
  if (b == Buffer::host) return slice_if(!host.empty(), host);
  if (b == Buffer::host_raw) return slice_if(!host_raw.empty(), host_raw);
  const PooledString& line = message(Direction::to_server).line;
  return slice_if(!line.empty(), line);
}

std::optional<BufferSlice> HttpTransaction::response_buffer(Buffer b) const {
  const PooledString& line = message(Direction::to_client).line;
  if (line.empty() || !at_least(Direction::to_client, Progress::line)) return std::nullopt;
  if (b == Buffer::stat_code) return slice_if(!status_text.empty(), status_text);
  if (b == Buffer::stat_msg) return slice(reason);
  return slice(line);
}

std::optional<BufferSlice> HttpTransaction::header_buffer(Buffer b, Direction d,
                                                          std::uint32_t instance) const {
  const Message& m = message(d);
  if (!m.seen || !at_least(d, Progress::headers)) return std::nullopt;
  switch (b) {
    case Buffer::start: {
      PooledString& start = start_[index(d)];
      if (start.empty()) start = m.line + "\r\n" + m.headers.all() + "\r\n";
      return slice(start);
    }
    case Buffer::header:
      return slice_if(!m.headers.normalised().empty(), m.headers.normalised());
    case Buffer::header_raw:
      return slice_if(!m.headers.raw().empty(), m.headers.raw());
    case Buffer::header_names:
      return slice_if(!m.headers.empty(), m.headers.names());
    case Buffer::request_header:
    case Buffer::response_header:
      return instance < m.headers.count() ? slice(m.headers.line(instance)) : std::nullopt;
    default:
      return header_value(b, d);
  }
}

std::optional<BufferSlice> HttpTransaction::header_value(Buffer b, Direction d) const {
  const auto known = header_of(b, d);
  if (!known) return std::nullopt;
  const auto value = message(d).headers.find(*known);
  return value ? slice(*value) : std::nullopt;
}

std::optional<FileView> HttpTransaction::file(std::uint32_t number) const {
  for (const Direction d : {Direction::to_server, Direction::to_client}) {
    const auto& files = message(d).files;
    if (number < files.size()) return files[number].tracked.view(*this);
    number -= static_cast<std::uint32_t>(files.size());
  }
  return std::nullopt;
}

std::optional<BufferSlice> HttpTransaction::file_buffer(Buffer b, Direction d,
                                                        std::uint32_t instance) const {
  const Message& m = message(d);
  if (instance >= m.files.size()) return std::nullopt;
  const HttpFile& file = m.files[instance];
  if (b == Buffer::file_name) return slice(file.tracked.name());
  if (b == Buffer::file_md5) return slice(file.tracked.hash(DigestKind::md5));
  if (b == Buffer::file_sha1) return slice(file.tracked.hash(DigestKind::sha1));
  if (b == Buffer::file_sha256) return slice(file.tracked.hash(DigestKind::sha256));
  return file.own_window ? file.own_window->slice() : m.body.slice();
}

}  // namespace chieng::collector::http
