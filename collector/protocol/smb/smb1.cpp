#include "collector/protocol/smb/smb1.h"

#include <algorithm>

#include "collector/protocol/smb/guid.h"
#include "collector/protocol/smb/text.h"

namespace chieng::collector::smb {
namespace {

enum Command : std::uint8_t {
  c_close = 0x04,
  c_read = 0x0a,
  c_write = 0x0b,
  c_trans = 0x25,
  c_write_and_close = 0x2c,
  c_read_andx = 0x2e,
  c_write_andx = 0x2f,
  c_trans2 = 0x32,
  c_tree_disconnect = 0x71,
  c_negotiate = 0x72,
  c_session_setup = 0x73,
  c_logoff = 0x74,
  c_tree_connect = 0x75,
  c_create = 0xa2,
  c_cancel = 0xa4
};

constexpr unsigned kMostChained = 16;
constexpr std::uint8_t kNoMore = 0xff;
constexpr std::uint32_t kEndOfFile = 0xc0000011;

// Commands whose words begin with the next command and its offset.
bool is_chained(std::uint8_t command) {
  switch (command) {
    case 0x24:
    case 0x2d:
    case c_read_andx:
    case c_write_andx:
    case c_session_setup:
    case c_logoff:
    case c_tree_connect:
    case c_create:
      return true;
    default:
      return false;
  }
}

std::optional<Block> read_block(Bytes message, std::size_t at, std::uint8_t command) {
  if (at > message.size()) return std::nullopt;
  Reader in(message.subspan(at));
  Block out;
  out.command = command;
  out.word_count = in.u8();
  out.words = in.take(std::size_t{2} * out.word_count);
  if (!in.ok()) return std::nullopt;
  const std::size_t size = in.u16le();
  // Of a message that is cut off, or in reach of a count that is wrong, what there is.
  if (in.ok()) {
    out.data_at = at + in.position();
    out.data = in.take(std::min(size, in.remaining()));
  }
  return out;
}

// Text behind `at` bytes of the data; in Unicode it stands at an even offset of the message.
Reader text_at(const Block& block, std::size_t at, bool unicode) {
  Reader in(block.data);
  in.skip(at);
  if (unicode && (block.data_at + at) % 2 != 0) in.skip(1);
  return in;
}

std::string id_text(Bytes two) {
  return std::string(as_text(two));
}

// Where a WRITE_ANDX or READ_ANDX has its data.
struct Located {
  Bytes file;  // write
  std::uint64_t offset = 0;
  std::size_t begin = 0;
  std::uint64_t length = 0;
};
std::optional<Located> locate_write(const Block& block) {
  Reader in(block.words);
  in.skip(4);
  Located out;
  out.file = in.take(2);
  out.offset = in.u32le();
  in.skip(8);
  const std::uint64_t high = in.u16le();
  out.length = high << 16 | in.u16le();
  out.begin = in.u16le();
  if (!in.ok()) return std::nullopt;
  if (block.word_count >= 14) out.offset |= std::uint64_t{in.u32le()} << 32;
  return out;
}
std::optional<Located> locate_read(const Block& block) {
  Reader in(block.words);
  in.skip(10);
  Located out;
  out.length = in.u16le();
  out.begin = in.u16le();
  out.length |= std::uint64_t{in.u16le()} << 16;
  if (!in.ok()) return std::nullopt;
  return out;
}

Bytes present(Bytes message, const Located& at) {
  if (at.begin >= message.size()) return {};
  return message.subspan(at.begin, static_cast<std::size_t>(std::min<std::uint64_t>(
                                       at.length, message.size() - at.begin)));
}

}  // namespace

std::optional<Header1> read_header1(Bytes message) {
  Reader in(message);
  if (in.u32() != 0xff534d42) return std::nullopt;
  Header1 out;
  out.command = in.u8();
  const std::uint32_t status = in.u32le();
  out.flags = in.u8();
  out.flags2 = in.u16le();
  const std::uint32_t process_high = in.u16le();
  in.skip(10);  // signature, reserved
  out.tree = in.u16le();
  out.process = process_high << 16 | in.u16le();
  out.user = in.u16le();
  out.multiplex = in.u16le();
  if (!in.ok()) return std::nullopt;
  constexpr std::uint16_t kNtStatus = 0x4000;
  if ((out.flags2 & kNtStatus) != 0)
    out.status = {.nt = true, .code = status};
  else
    out.status = {
        .nt = false, .dos_class = static_cast<std::uint8_t>(status), .code = status >> 16};
  return out;
}

Origin Messages1::origin(const Header1& header, std::uint8_t command) const {
  Origin out{.version = 1, .command = command, .session = header.user, .tree = header.tree};
  if (header.is_response()) out.status = header.status;
  return out;
}

SmbTransaction& Messages1::begin(const Header1& header, std::uint8_t command) {
  return session_.begin(origin(header, command));
}

void Messages1::wait(const Header1& header, std::uint8_t command, SmbTransaction* tx,
                     std::string file, std::uint64_t offset, std::uint16_t level) {
  if (tx != nullptr && command != c_tree_connect) tx->set_progress(Direction::to_server, 1);
  session_.add_pending(header.key() << 8 | command, {.command = command,
                                                     .tx = tx,
                                                     .tree = header.tree,
                                                     .file = std::move(file),
                                                     .offset = offset,
                                                     .level = level});
}

std::optional<Chunk> Messages1::transfer(Direction d, Bytes head) {
  const auto header = read_header1(head);
  const bool client = d == Direction::to_server;
  if (!header || header->is_response() == client) return std::nullopt;
  if (header->command != (client ? c_write_andx : c_read_andx)) return std::nullopt;
  const auto block = read_block(head, Header1::kSize, header->command);
  const auto at = !block ? std::nullopt : client ? locate_write(*block) : locate_read(*block);
  if (!at || at->begin < Header1::kSize) return std::nullopt;
  Origin from = origin(*header, header->command);
  std::string file = id_text(at->file);
  std::uint64_t offset = at->offset;
  if (client) {
    if (session_.is_pipe(header->tree, file, present(head, *at))) return std::nullopt;
    wait(*header, header->command, nullptr, file);
  } else {
    const std::uint64_t key = header->key() << 8 | header->command;
    const Pending* pending = session_.find_pending(key);
    if (pending == nullptr || header->status.code != 0) return std::nullopt;
    if (session_.is_pipe(header->tree, pending->file, present(head, *at))) return std::nullopt;
    file = pending->file;
    offset = pending->offset;
    (void)session_.take_pending(key);
  }
  if (at->length > 0) session_.begin_chunk(d, file, guid_text(as_bytes(file)), from, offset);
  return Chunk{.file = file, .offset = offset, .begin = at->begin, .length = at->length};
}

void Messages1::message(Direction d, Bytes message) {
  const auto header = read_header1(message);
  if (!header) return session_.flaw(Event::malformed_data, d, 1);
  const bool client = d == Direction::to_server;
  if (header->is_response() == client)
    return session_.flaw(client ? Event::response_to_server : Event::request_to_client, d, 1);
  std::size_t at = Header1::kSize;
  std::uint8_t command = header->command;
  for (unsigned i = 0; i < kMostChained; ++i) {
    const auto block = read_block(message, at, command);
    if (!block) return session_.flaw(Event::malformed_data, d, 1);
    if (client)
      request(*header, *block, message);
    else
      response(*header, *block, message);
    if (!is_chained(command) || block->word_count < 2) return;
    Reader in(block->words);
    command = in.u8();
    in.skip(1);
    const std::size_t next = in.u16le();
    if (command == kNoMore || next <= at) return;
    at = next;
  }
}

void Messages1::request(const Header1& header, const Block& block, Bytes message) {
  switch (block.command) {
    case c_negotiate:
      return negotiate(header, block);
    case c_session_setup:
      return session_setup(header, block);
    case c_tree_connect:
      return tree_connect(header, block);
    case c_create:
      return create(header, block);
    case c_trans:
      return transact(header, block, message);
    case c_trans2:
      return set_by_transaction(header, block, message);
    case c_read_andx: {
      Reader in(block.words);
      in.skip(4);
      const std::string file = id_text(in.take(2));
      std::uint64_t offset = in.u32le();
      in.skip(10);
      if (block.word_count >= 12) offset |= std::uint64_t{in.u32le()} << 32;
      return wait(header, block.command, nullptr, file, offset);
    }
    case c_write_andx:
    case c_write:
    case c_write_and_close:
      return write(header, block, message);
    case c_cancel:
      return;
    case c_close: {
      Reader in(block.words);
      session_.close(id_text(in.take(2)));
      break;
    }
    default:
      break;
  }
  wait(header, block.command, &begin(header, block.command));
}

void Messages1::negotiate(const Header1& header, const Block& block) {
  SmbTransaction& tx = begin(header, block.command);
  Negotiate out;
  bool whole = true;
  Reader in(block.data);
  while (!in.at_end() && out.dialects.size() < 64) {
    if (in.u8() != 2) {
      whole = false;
      break;
    }
    out.dialects.push_back(take_text(in, false, 256));
  }
  tx.detail = std::move(out);
  if (!whole) session_.event(tx, Event::negotiate_malformed_dialects, Direction::to_server);
  if (session_.negotiation != nullptr)
    session_.event(tx, Event::duplicate_negotiate, Direction::to_server);
  session_.negotiation = &tx;
  wait(header, block.command, &tx);
}

void Messages1::negotiated(const Header1& header, const Block& block, SmbTransaction& tx) {
  constexpr std::uint32_t kExtendedSecurity = 0x80000000;
  auto* out = std::get_if<Negotiate>(&tx.detail);
  Reader in(block.words);
  const std::size_t chosen = in.u16le();
  if (!in.ok() || out == nullptr || header.status.code != 0) return;
  if (chosen < out->dialects.size()) session_.dialect = tx.dialect = out->dialects[chosen];
  in.skip(17);
  const std::uint32_t capabilities = in.u32le();
  if (in.ok() && (capabilities & kExtendedSecurity) != 0 && block.data.size() >= 16)
    out->server_guid = guid_text(block.data.first(16));
}

void Messages1::session_setup(const Header1& header, const Block& block) {
  SmbTransaction& tx = begin(header, block.command);
  SessionSetup out;
  Reader words(block.words);
  words.skip(14);
  const std::size_t first = words.u16le();
  std::size_t skip = first;
  const bool extended = block.word_count == 12;
  if (block.word_count == 13) skip += words.u16le();  // two passwords
  Reader in = text_at(block, skip, header.is_unicode());
  if (words.ok() && in.ok()) {
    if (extended) {
      out.credentials = read_credentials(block.data.first(first));
    } else if (block.word_count == 13) {
      Ntlmssp plain;
      plain.user = take_text(in, header.is_unicode());
      plain.domain = take_text(in, header.is_unicode());
      out.credentials.ntlmssp = std::move(plain);
    }
    NativeNames names;
    names.os = take_text(in, header.is_unicode());
    names.lm = take_text(in, header.is_unicode());
    out.request = std::move(names);
  }
  const bool bad = out.credentials.malformed_ntlmssp;
  tx.detail = std::move(out);
  if (bad) session_.event(tx, Event::malformed_ntlmssp_request, Direction::to_server);
  wait(header, block.command, &tx);
}

void Messages1::set_up(const Header1& header, const Block& block, SmbTransaction& tx) {
  tx.session = header.user;
  auto* out = std::get_if<SessionSetup>(&tx.detail);
  if (out == nullptr || block.word_count < 3) return;
  Reader words(block.words);
  words.skip(6);
  const std::size_t blob = block.word_count >= 4 ? words.u16le() : 0;
  Reader in = text_at(block, blob, header.is_unicode());
  if (!in.ok()) return;
  NativeNames names;
  names.os = take_text(in, header.is_unicode());
  names.lm = take_text(in, header.is_unicode());
  out->response = std::move(names);
}

void Messages1::tree_connect(const Header1& header, const Block& block) {
  SmbTransaction& tx = begin(header, block.command);
  TreeConnect out;
  Reader words(block.words);
  words.skip(6);
  const std::size_t password = words.u16le();
  Reader in = text_at(block, password, header.is_unicode());
  if (words.ok() && in.ok()) {
    out.share = take_text(in, header.is_unicode());
    out.service_request = take_text(in, false);
  }
  tx.detail = std::move(out);
  wait(header, block.command, &tx);
}

void Messages1::connected(const Header1& header, const Block& block, SmbTransaction& tx) {
  auto* out = std::get_if<TreeConnect>(&tx.detail);
  if (out == nullptr || header.status.code != 0) return;
  Reader in(block.data);
  out->service_response = take_text(in, false);
  out->is_pipe = *out->service_response == "IPC";
  tx.tree = header.tree;
  session_.set_tree(header.tree, {out->share, out->is_pipe});
}

void Messages1::create(const Header1& header, const Block& block) {
  constexpr std::uint32_t kDirectory = 1, kDeleteOnClose = 0x1000;
  SmbTransaction& tx = begin(header, block.command);
  Create out;
  Reader words(block.words);
  words.skip(35);
  out.disposition = words.u32le();
  const std::uint32_t options = words.u32le();
  Reader in = text_at(block, 0, header.is_unicode());
  if (words.ok()) {
    out.name = take_text(in, header.is_unicode());
    out.directory = (options & kDirectory) != 0;
    out.delete_on_close = (options & kDeleteOnClose) != 0;
  }
  tx.detail = std::move(out);
  wait(header, block.command, &tx);
}

void Messages1::created(const Block& block, SmbTransaction& tx) {
  auto* out = std::get_if<Create>(&tx.detail);
  Reader in(block.words);
  in.skip(5);
  const Bytes file = in.take(2);
  in.skip(4);
  const std::uint64_t created = in.u64le(), accessed = in.u64le(), written = in.u64le(),
                      changed = in.u64le();
  in.skip(12);
  const std::uint64_t size = in.u64le();
  if (!in.ok() || out == nullptr) return;
  out->created = unix_seconds(created);
  out->accessed = unix_seconds(accessed);
  out->modified = unix_seconds(written);
  out->changed = unix_seconds(changed);
  out->size = size;
  out->fuid = guid_text(file);
  session_.set_file_name(id_text(file), out->name);
}

// A remote call in one go through a pipe. Other transactions are not followed.
void Messages1::transact(const Header1& header, const Block& block, Bytes message) {
  constexpr std::uint16_t kTransactPipe = 0x26;
  Reader in(block.words);
  in.skip(22);
  const std::size_t length = in.u16le(), offset = in.u16le();
  const std::uint8_t setup = in.u8();
  in.skip(1);
  const std::uint16_t function = in.u16le();
  const std::string file = id_text(in.take(2));
  if (in.ok() && setup >= 2 && function == kTransactPipe &&
      session_.pipe_data(Direction::to_server, file, origin(header, block.command),
                         part_of(message, offset, length)))
    wait(header, block.command, nullptr, file);
}

void Messages1::transacted(const Header1& header, const Block& block, Bytes message,
                           const Pending& pending) {
  Reader in(block.words);
  in.skip(12);
  const std::size_t length = in.u16le(), offset = in.u16le();
  if (in.ok())
    (void)session_.pipe_data(Direction::to_client, pending.file, origin(header, block.command),
                             part_of(message, offset, length));
}

// TRANS2: what renames files and has them deleted; everything else without details.
void Messages1::set_by_transaction(const Header1& header, const Block& block, Bytes message) {
  constexpr std::uint16_t kSetPath = 6, kSetFile = 8;
  constexpr std::uint16_t kDisposition = 0x102, kRename = 1010, kDispositionToo = 1013;
  Reader in(block.words);
  in.skip(18);
  const std::size_t parameters = in.u16le(), parameters_at = in.u16le(), length = in.u16le(),
                    offset = in.u16le();
  in.skip(2);
  const std::uint16_t function = in.u16le();
  SmbTransaction& tx = begin(header, block.command);
  Reader asked(part_of(message, parameters_at, parameters));
  Reader data(part_of(message, offset, length));
  std::string id, name;
  std::uint16_t level = 0;
  if (in.ok() && function == kSetFile) {
    id = id_text(asked.take(2));
    level = asked.u16le();
    name = session_.file_name(id);
  } else if (in.ok() && function == kSetPath) {
    level = asked.u16le();
    asked.skip(4);
    name = take_text(asked, header.is_unicode());
  }
  if (level == kRename) {
    data.skip(8);
    const std::size_t size = data.u32le();
    const Bytes text = data.take(std::min(size, data.remaining()));
    tx.detail = Rename{name, header.is_unicode() ? from_utf16(text) : std::string(as_text(text)),
                       guid_text(as_bytes(id))};
  } else if (level == kDisposition || level == kDispositionToo) {
    tx.detail = SetDisposition{name, guid_text(as_bytes(id)), (data.u8() & 1) != 0};
  }
  wait(header, block.command, &tx);
}

// Only what the framing did not follow as a transfer: pipes, the older commands, chains.
void Messages1::write(const Header1& header, const Block& block, Bytes message) {
  std::optional<Located> at;
  if (block.command == c_write_andx) {
    at = locate_write(block);
  } else {
    Reader in(block.words);
    Located plain;
    plain.file = in.take(2);
    plain.length = in.u16le();
    plain.offset = in.u32le();
    // WRITE has a byte of format and the length in front of its data, the other one byte of
    // padding.
    plain.begin = block.data_at + (block.command == c_write ? 3 : 1);
    if (in.ok()) at = plain;
  }
  if (!at) return session_.flaw(Event::malformed_data, Direction::to_server, 1);
  const std::string file = id_text(at->file);
  const Bytes data = present(message, *at);
  const Origin from = origin(header, block.command);
  if (session_.is_pipe(header.tree, file, data)) {
    (void)session_.pipe_data(Direction::to_server, file, from, data);
    return;
  }
  wait(header, block.command, nullptr, file);
  if (!data.empty()) {
    session_.begin_chunk(Direction::to_server, file, guid_text(at->file), from, at->offset);
    session_.file_data(Direction::to_server, file, at->offset, data);
  }
  if (block.command == c_write_and_close) session_.close(file);
}

void Messages1::was_read(const Header1& header, const Block& block, Bytes message,
                         const Pending& pending) {
  if (header.status.nt && header.status.code == kEndOfFile)
    return session_.end_transfer(Direction::to_client, pending.file, FileView::State::closed);
  const auto at = locate_read(block);
  if (!at) return;
  const Bytes data = present(message, *at);
  const Origin from = origin(header, block.command);
  if (session_.is_pipe(header.tree, pending.file, data)) {
    (void)session_.pipe_data(Direction::to_client, pending.file, from, data);
    return;
  }
  if (data.empty()) return;
  session_.begin_chunk(Direction::to_client, pending.file, guid_text(as_bytes(pending.file)), from,
                       pending.offset);
  session_.file_data(Direction::to_client, pending.file, pending.offset, data);
}

void Messages1::response(const Header1& header, const Block& block, Bytes message) {
  const auto pending = session_.take_pending(header.key() << 8 | block.command);
  if (!pending) return;
  switch (block.command) {
    case c_negotiate:
      negotiated(header, block, *pending->tx);
      break;
    case c_session_setup:
      set_up(header, block, *pending->tx);
      break;
    case c_tree_connect:
      connected(header, block, *pending->tx);
      break;
    case c_create:
      created(block, *pending->tx);
      break;
    case c_read_andx:
      return was_read(header, block, message, *pending);
    case c_write_andx:
    case c_write:
    case c_write_and_close:
      return session_.set_transfer_status(Direction::to_server, pending->file, header.status);
    case c_trans:
      if (pending->tx == nullptr) return transacted(header, block, message, *pending);
      break;
    default:
      break;
  }
  if (pending->tx != nullptr) session_.complete(*pending->tx, origin(header, block.command));
}

}  // namespace chieng::collector::smb
