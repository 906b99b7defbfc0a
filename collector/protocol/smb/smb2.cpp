#include "collector/protocol/smb/smb2.h"

#include <algorithm>

#include "collector/protocol/smb/guid.h"
#include "collector/protocol/smb/names.h"
#include "collector/protocol/smb/text.h"

namespace chieng::collector::smb {
namespace {

enum Command : std::uint16_t {
  c_negotiate,
  c_session_setup,
  c_logoff,
  c_tree_connect,
  c_tree_disconnect,
  c_create,
  c_close,
  c_flush,
  c_read,
  c_write,
  c_lock,
  c_ioctl,
  c_cancel,
  c_echo,
  c_find,
  c_notify,
  c_get_info,
  c_set_info,
  c_break
};

constexpr std::uint32_t kPending = 0x103, kBufferOverflow = 0x80000005, kEndOfFile = 0xc0000011;
constexpr std::size_t kMostName = 8192;
constexpr std::size_t kFileId = 16;

Reader body_of(Bytes message) {
  Reader in(message);
  in.skip(Header2::kSize);
  return in;
}

std::string text_of(Bytes bytes) {
  return std::string(as_text(bytes));
}

// Where a read response or write request has its data. Nothing: it is none.
struct Located {
  std::size_t begin = 0;
  std::uint32_t length = 0;
  std::uint64_t offset = 0;  // write
  Bytes file;                // write
};
std::optional<Located> locate_write(Bytes message) {
  Reader in = body_of(message);
  in.skip(2);
  Located out;
  out.begin = in.u16le();
  out.length = in.u32le();
  out.offset = in.u64le();
  out.file = in.take(kFileId);
  if (!in.ok()) return std::nullopt;
  return out;
}
std::optional<Located> locate_read(Bytes message) {
  Reader in = body_of(message);
  in.skip(2);
  Located out;
  out.begin = in.u8();
  in.skip(1);
  out.length = in.u32le();
  if (!in.ok()) return std::nullopt;
  return out;
}

// What of the data is in the bytes at hand.
Bytes present(Bytes message, const Located& at) {
  if (at.begin >= message.size()) return {};
  return message.subspan(at.begin, std::min<std::size_t>(at.length, message.size() - at.begin));
}

}  // namespace

std::optional<Header2> read_header2(Bytes message) {
  Reader in(message);
  if (in.u32() != 0xfe534d42) return std::nullopt;
  Header2 out;
  if (in.u16le() != Header2::kSize) return std::nullopt;
  in.skip(2);
  out.status = in.u32le();
  out.command = in.u16le();
  in.skip(2);
  out.flags = in.u32le();
  out.next = in.u32le();
  out.message = in.u64le();
  in.skip(4);
  const std::uint32_t tree = in.u32le();
  if (!out.is_async()) out.tree = tree;
  out.session = in.u64le();
  in.skip(16);
  if (!in.ok()) return std::nullopt;
  return out;
}

Origin Messages2::origin(const Header2& header) const {
  Origin out{.version = 2, .command = header.command, .session = header.session};
  out.tree = header.tree;
  if (header.is_response()) out.status = Status{.nt = true, .code = header.status};
  return out;
}

SmbTransaction& Messages2::begin(const Header2& header) {
  return session_.begin(origin(header));
}

void Messages2::wait(const Header2& header, SmbTransaction* tx) {
  if (tx != nullptr && header.command != c_tree_connect) tx->set_progress(Direction::to_server, 1);
  session_.add_pending(header.message, {.command = header.command, .tx = tx, .tree = header.tree});
}

std::optional<Chunk> Messages2::transfer(Direction d, Bytes head) {
  const auto header = read_header2(head);
  const bool client = d == Direction::to_server;
  if (!header || header->is_response() == client || header->next != 0) return std::nullopt;
  if (header->command != (client ? c_write : c_read)) return std::nullopt;
  const auto at = client ? locate_write(head) : locate_read(head);
  if (!at || at->begin < Header2::kSize) return std::nullopt;
  std::string file = text_of(at->file);
  Origin from = origin(*header);
  std::uint64_t offset = at->offset;
  if (client) {
    if (session_.is_pipe(from.tree, file, present(head, *at))) return std::nullopt;
    if (header->is_related()) session_.set_file_name(file, chain_name_);
    wait(*header, nullptr);
    session_.find_pending(header->message)->file = file;
  } else {
    const Pending* pending = session_.find_pending(header->message);
    const bool good = header->status == 0 || header->status == kBufferOverflow;
    if (pending == nullptr || pending->command != c_read || !good) return std::nullopt;
    if (header->is_async()) from.tree = pending->tree;
    if (session_.is_pipe(from.tree, pending->file, present(head, *at))) return std::nullopt;
    file = pending->file;
    offset = pending->offset;
    (void)session_.take_pending(header->message);
  }
  if (at->length == 0) return Chunk{.file = file, .offset = offset, .begin = at->begin};
  session_.begin_chunk(d, file, guid_text(as_bytes(file)), from, offset);
  const std::uint32_t most = client ? session_.max_write : session_.max_read;
  if (at->length > Session::kMostSize || (most != 0 && at->length > most))
    session_.transfer_event(
        d, file, client ? Event::write_request_too_large : Event::read_response_too_large);
  return Chunk{.file = file, .offset = offset, .begin = at->begin, .length = at->length};
}

void Messages2::message(Direction d, Bytes message) {
  const auto header = read_header2(message);
  if (!header) return session_.flaw(Event::malformed_data, d, 2);
  if (header->is_response()) {
    if (d == Direction::to_server) return session_.flaw(Event::response_to_server, d, 2);
    response(*header, message);
  } else {
    if (d == Direction::to_client) return session_.flaw(Event::request_to_client, d, 2);
    request(*header, message);
  }
}

void Messages2::request(const Header2& header, Bytes message) {
  switch (header.command) {
    case c_negotiate:
      return negotiate(header, message);
    case c_session_setup:
      return session_setup(header, message);
    case c_tree_connect:
      return tree_connect(header, message);
    case c_create:
      return create(header, message);
    case c_read:
      return read(header, message);
    case c_write:
      return write(header, message);
    case c_ioctl:
      return control(header, message);
    case c_set_info:
      return set_info(header, message);
    case c_get_info:
    case c_cancel:
      return;
    case c_close: {
      Reader in = body_of(message);
      in.skip(8);
      session_.close(text_of(in.take(kFileId)));
      break;
    }
    default:
      break;
  }
  wait(header, &begin(header));
}

void Messages2::negotiate(const Header2& header, Bytes message) {
  Reader in = body_of(message);
  in.skip(2);
  const unsigned count = in.u16le();
  in.skip(8);
  const Bytes guid = in.take(16);
  in.skip(8);
  SmbTransaction& tx = begin(header);
  Negotiate out;
  if (in.ok()) out.client_guid = guid_text(guid);
  for (unsigned i = 0; i < count && in.remaining() >= 2; ++i)
    out.dialects.push_back(dialect_name(in.u16le()));
  const bool whole = out.dialects.size() == count;
  tx.detail = std::move(out);
  if (!whole) session_.event(tx, Event::negotiate_malformed_dialects, Direction::to_server);
  if (session_.negotiation != nullptr)
    session_.event(tx, Event::duplicate_negotiate, Direction::to_server);
  session_.negotiation = &tx;
  wait(header, &tx);
}

void Messages2::session_setup(const Header2& header, Bytes message) {
  Reader in = body_of(message);
  in.skip(12);
  const std::size_t offset = in.u16le(), length = in.u16le();
  SmbTransaction& tx = begin(header);
  SessionSetup out;
  if (in.ok()) out.credentials = read_credentials(part_of(message, offset, length));
  const bool bad = out.credentials.malformed_ntlmssp;
  tx.detail = std::move(out);
  if (bad) session_.event(tx, Event::malformed_ntlmssp_request, Direction::to_server);
  wait(header, &tx);
}

void Messages2::tree_connect(const Header2& header, Bytes message) {
  Reader in = body_of(message);
  in.skip(4);
  const std::size_t offset = in.u16le(), length = in.u16le();
  SmbTransaction& tx = begin(header);
  TreeConnect out;
  if (in.ok()) out.share = from_utf16(part_of(message, offset, std::min(length, kMostName)));
  tx.detail = std::move(out);
  wait(header, &tx);
}

void Messages2::create(const Header2& header, Bytes message) {
  constexpr std::uint32_t kDirectory = 1, kDeleteOnClose = 0x1000;
  Reader in = body_of(message);
  in.skip(36);
  Create out;
  out.disposition = in.u32le();
  const std::uint32_t options = in.u32le();
  const std::size_t offset = in.u16le(), length = in.u16le();
  SmbTransaction& tx = begin(header);
  if (in.ok()) out.name = from_utf16(part_of(message, offset, std::min(length, kMostName)));
  out.directory = (options & kDirectory) != 0;
  out.delete_on_close = (options & kDeleteOnClose) != 0;
  chain_name_ = out.name;
  tx.detail = std::move(out);
  wait(header, &tx);
}

void Messages2::read(const Header2& header, Bytes message) {
  Reader in = body_of(message);
  in.skip(4);
  const std::uint32_t length = in.u32le();
  const std::uint64_t offset = in.u64le();
  const Bytes file = in.take(kFileId);
  if (!in.ok()) return session_.flaw(Event::malformed_data, Direction::to_server, 2);
  if ((session_.max_read != 0 && length > session_.max_read) || length > Session::kMostSize)
    session_.flaw(Event::read_request_too_large, Direction::to_server, 2);
  wait(header, nullptr);
  Pending* pending = session_.find_pending(header.message);
  pending->file = text_of(file);
  pending->offset = offset;
  if (header.is_related()) session_.set_file_name(pending->file, chain_name_);
}

// Only what goes into a pipe, or is too short to tell.
void Messages2::write(const Header2& header, Bytes message) {
  const auto at = locate_write(message);
  if (!at) return session_.flaw(Event::malformed_data, Direction::to_server, 2);
  const std::string file = text_of(at->file);
  const Bytes data = present(message, *at);
  if (header.is_related()) session_.set_file_name(file, chain_name_);
  if (session_.is_pipe(header.tree, file, data)) {
    (void)session_.pipe_data(Direction::to_server, file, origin(header), data);
    return;
  }
  // Followed by others in a chain: it came whole.
  wait(header, nullptr);
  session_.find_pending(header.message)->file = file;
  if (data.empty()) return;
  session_.begin_chunk(Direction::to_server, file, guid_text(at->file), origin(header), at->offset);
  session_.file_data(Direction::to_server, file, at->offset, data);
}

void Messages2::control(const Header2& header, Bytes message) {
  constexpr std::uint32_t kTransceive = 0x0011c017;
  Reader in = body_of(message);
  in.skip(4);
  const std::uint32_t code = in.u32le();
  const std::string file = text_of(in.take(kFileId));
  const std::size_t offset = in.u32le(), length = in.u32le();
  if (!in.ok()) return session_.flaw(Event::malformed_data, Direction::to_server, 2);
  if (code == kTransceive) {
    const Bytes data = part_of(message, offset, length);
    if (data.size() >= dcerpc::Header::kSize && dcerpc::read_header(data) &&
        session_.pipe_data(Direction::to_server, file, origin(header), data)) {
      wait(header, nullptr);
      session_.find_pending(header.message)->file = file;
      return;
    }
  }
  SmbTransaction& tx = begin(header);
  tx.detail = Control{code};
  wait(header, &tx);
}

void Messages2::set_info(const Header2& header, Bytes message) {
  constexpr std::uint8_t kFile = 1, kRename = 10, kDisposition = 13;
  Reader in = body_of(message);
  in.skip(2);
  const std::uint8_t klass = in.u8(), level = in.u8();
  const std::size_t length = in.u32le(), offset = in.u16le();
  in.skip(6);
  const Bytes file = in.take(kFileId);
  if (!in.ok()) return session_.flaw(Event::malformed_data, Direction::to_server, 2);
  const std::string id = text_of(file);
  const std::string name = header.is_related() ? chain_name_ : session_.file_name(id);
  Reader info(part_of(message, offset, length));
  if (klass != kFile || (level != kRename && level != kDisposition)) return;
  SmbTransaction& tx = begin(header);
  if (level == kRename) {
    info.skip(16);
    const std::size_t size = info.u32le();
    tx.detail =
        Rename{name, from_utf16(info.take(std::min(size, info.remaining()))), guid_text(file)};
  } else {
    tx.detail = SetDisposition{name, guid_text(file), (info.u8() & 1) != 0};
  }
  wait(header, &tx);
}

void Messages2::response(const Header2& header, Bytes message) {
  if (header.status == kPending) {
    const Pending* pending = session_.find_pending(header.message);
    if (pending != nullptr && pending->tx != nullptr)
      pending->tx->status = Status{.nt = true, .code = header.status};
    return;
  }
  auto pending = session_.take_pending(header.message);
  // SMB 1 may begin the negotiation, and SMB 2 answer it.
  if (!pending && header.command == c_negotiate && session_.negotiation != nullptr) {
    pending = Pending{.command = c_negotiate, .tx = session_.negotiation};
    session_.forget(*pending->tx);
  }
  if (!pending || pending->command != header.command) return;
  switch (header.command) {
    case c_negotiate:
      negotiated(header, message, *pending->tx);
      break;
    case c_session_setup:
      pending->tx->session = header.session;
      break;
    case c_tree_connect:
      connected(header, message, *pending->tx);
      break;
    case c_create:
      created(header, message, *pending, *pending->tx);
      break;
    case c_read:
      return was_read(header, message, *pending);
    case c_write:
      session_.set_transfer_status(Direction::to_server, pending->file,
                                   Status{.nt = true, .code = header.status});
      return;
    case c_ioctl:
      if (pending->tx == nullptr) return controlled(header, message, *pending);
      break;
    default:
      break;
  }
  if (pending->tx != nullptr) session_.complete(*pending->tx, origin(header));
}

void Messages2::negotiated(const Header2& header, Bytes message, SmbTransaction& tx) {
  Reader in = body_of(message);
  in.skip(4);
  const std::uint16_t dialect = in.u16le();
  in.skip(2);
  const Bytes guid = in.take(16);
  in.skip(8);
  const std::uint32_t read = in.u32le(), write = in.u32le();
  if (!in.ok() || header.status != 0) return;
  session_.dialect = tx.dialect = dialect_name(dialect);
  tx.session = header.session;  // SMB 1 may have asked
  tx.tree = header.tree;
  session_.max_read = read;
  session_.max_write = write;
  auto* out = std::get_if<Negotiate>(&tx.detail);
  if (out == nullptr) return;
  out->server_guid = guid_text(guid);
  out->max_read = read;
  out->max_write = write;
  if (read > Session::kMostSize)
    session_.event(tx, Event::negotiate_max_read_size_too_large, Direction::to_client);
  if (write > Session::kMostSize)
    session_.event(tx, Event::negotiate_max_write_size_too_large, Direction::to_client);
}

void Messages2::connected(const Header2& header, Bytes message, SmbTransaction& tx) {
  constexpr std::uint8_t kPipe = 2;
  Reader in = body_of(message);
  in.skip(2);
  const std::uint8_t type = in.u8();
  auto* out = std::get_if<TreeConnect>(&tx.detail);
  if (!in.ok() || out == nullptr || header.status != 0) return;
  out->type = type;
  out->is_pipe = type == kPipe;
  tx.tree = header.tree;
  session_.set_tree(header.tree, {out->share, out->is_pipe});
}

void Messages2::created(const Header2& header, Bytes message, const Pending&, SmbTransaction& tx) {
  Reader in = body_of(message);
  in.skip(8);
  const std::uint64_t created = in.u64le(), accessed = in.u64le(), written = in.u64le(),
                      changed = in.u64le();
  in.skip(8);
  const std::uint64_t size = in.u64le();
  in.skip(8);
  const Bytes file = in.take(kFileId);
  auto* out = std::get_if<Create>(&tx.detail);
  if (!in.ok() || out == nullptr || header.status != 0) return;
  out->created = unix_seconds(created);
  out->accessed = unix_seconds(accessed);
  out->modified = unix_seconds(written);
  out->changed = unix_seconds(changed);
  out->size = size;
  out->fuid = guid_text(file);
  session_.set_file_name(text_of(file), out->name);
}

// Only what comes out of a pipe, failures, and what other messages follow in a chain.
void Messages2::was_read(const Header2& header, Bytes message, const Pending& pending) {
  if (header.status == kEndOfFile)
    return session_.end_transfer(Direction::to_client, pending.file, FileView::State::closed);
  const auto at = locate_read(message);
  if (!at || (header.status != 0 && header.status != kBufferOverflow)) return;
  const Bytes data = present(message, *at);
  Origin from = origin(header);
  if (header.is_async()) from.tree = pending.tree;
  if (session_.is_pipe(from.tree, pending.file, data)) {
    const bool call = session_.pipe_data(Direction::to_client, pending.file, from, data);
    // What a program says through a pipe, whenever it says it, is followed like a file.
    if (call || !header.is_async()) return;
  }
  if (data.empty()) return;
  session_.begin_chunk(Direction::to_client, pending.file, guid_text(as_bytes(pending.file)), from,
                       pending.offset);
  session_.file_data(Direction::to_client, pending.file, pending.offset, data);
}

void Messages2::controlled(const Header2& header, Bytes message, const Pending& pending) {
  Reader in = body_of(message);
  in.skip(32);
  const std::size_t offset = in.u32le(), length = in.u32le();
  if (!in.ok()) return;
  (void)session_.pipe_data(Direction::to_client, pending.file, origin(header),
                           part_of(message, offset, length));
}

}  // namespace chieng::collector::smb
