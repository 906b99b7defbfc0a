#include "collector/protocol/nfs/session.h"

#include <algorithm>
#include <utility>

#include "core/hash/crc32.h"

namespace chieng::collector::nfs {
namespace {

// RFC 1813, as far as arguments are read.
enum Procedure3 : std::uint32_t {
  p_getattr = 1,
  p_lookup = 3,
  p_access = 4,
  p_read = 6,
  p_write = 7,
  p_create = 8,
  p_mkdir = 9,
  p_remove = 12,
  p_rmdir = 13,
  p_rename = 14,
  p_readdirplus = 17,
  p_commit = 21
};
constexpr std::uint32_t kRead2 = 6;
constexpr std::size_t kAttributes3 = 84;

std::string take_text(Reader& in) {
  return std::string(as_text(take_opaque(in)));
}

void skip_attributes3(Reader& in) {
  if (in.u32() != 0) in.skip(kAttributes3);
}

}  // namespace

const Session::Pending* Session::pending(std::uint32_t xid) const {
  const auto at = std::ranges::find(pending_, xid, &Pending::xid);
  return at == pending_.end() ? nullptr : &*at;
}

Session::Head Session::look(Direction d, Bytes message, Bulk& bulk) const {
  return d == Direction::to_server ? look_at_call(message, bulk) : look_at_reply(message, bulk);
}

Session::Head Session::look_at_call(Bytes message, Bulk& bulk) const {
  const auto c = read_call(message);
  if (!c) return Head::more;
  if (c->program != kNfsProgram) return Head::whole;
  const Bytes body = message.subspan(c->body);
  if (c->version == 3 && c->procedure == p_write) {
    Reader in(body);
    (void)take_opaque(in);
    in.skip(8 + 4 + 4);
    bulk.length = in.u32();
    bulk.begin = c->body + in.position();
    return in.ok() ? Head::bulk : Head::more;
  }
  if (c->version != 4 || c->procedure == 0) return Head::whole;
  Compound compound;
  const Outcome outcome = read_compound(body, compound);
  if (compound.write) {
    bulk = {c->body + compound.write->data.begin, compound.write->data.length};
    return Head::bulk;
  }
  return outcome == Outcome::more ? Head::more : Head::whole;
}

Session::Head Session::look_at_reply(Bytes message, Bulk& bulk) const {
  const auto r = read_reply(message);
  if (!r) return Head::more;
  const Pending* p = pending(r->xid);
  if (p == nullptr || r->denied || r->accept_state != 0) return Head::whole;
  const Bytes body = message.subspan(r->body);
  if (p->version == 3 && p->procedure == p_read) {
    Reader in(body);
    const std::uint32_t status = in.u32();
    if (in.ok() && status != 0) return Head::whole;
    skip_attributes3(in);
    in.skip(4 + 4);
    bulk.length = in.u32();
    bulk.begin = r->body + in.position();
    return in.ok() ? Head::bulk : Head::more;
  }
  if (!p->reads) return Head::whole;
  CompoundReply reply;
  const Outcome outcome = read_compound_reply(body, reply);
  if (reply.data) {
    bulk = {r->body + reply.data->begin, reply.data->length};
    return Head::bulk;
  }
  return outcome == Outcome::more ? Head::more : Head::whole;
}

void Session::message(Direction d, Bytes message, const Place& place) {
  if (d == Direction::to_server)
    call(message, place);
  else
    reply(message, place);
}

void Session::malformed(Direction d) {
  NfsTransaction* tx = nullptr;
  for (const Pending& p : pending_)
    if (p.tx != nullptr) tx = p.tx;
  host_.event(tx, static_cast<std::uint16_t>(Event::malformed_data), d);
}

void Session::call(Bytes message, const Place& place) {
  const auto c = read_call(message);
  if (!c) {
    if (message_type(message) != 1) malformed(Direction::to_server);  // replies to callbacks
    return;
  }
  if (c->program != kNfsProgram || pending(c->xid) != nullptr) return;  // or sent again
  call_frames(*c, place);
  const Bytes body = message.subspan(c->body);
  if (c->version == 4)
    call4(*c, body);
  else if (c->version == 3)
    call3(*c, Reader(body));
  else if (c->version == 2 && c->procedure != kRead2)
    call2(*c);
}

void Session::call2(const Call& c) {
  NfsTransaction& tx = open(c);
  tx.logging_disabled = c.procedure == p_getattr;
  expect({.xid = c.xid, .version = 2, .procedure = c.procedure, .tx = &tx});
}

void Session::call3(const Call& c, Reader in) {
  Pending p{.xid = c.xid, .version = 3, .procedure = c.procedure};
  std::string to;
  switch (c.procedure) {
    case p_getattr:
    case p_access:
    case p_readdirplus:
      p.handle = take_text(in);
      p.name = name_of(p.handle);
      break;
    case p_lookup:
      (void)take_opaque(in);
      p.name = take_text(in);
      break;
    case p_create:
    case p_mkdir:
    case p_remove:
    case p_rmdir:
      p.handle = take_text(in);
      p.name = take_text(in);
      break;
    case p_rename:
      p.handle = take_text(in);
      p.name = take_text(in);
      (void)take_opaque(in);
      to = take_text(in);
      break;
    case p_read:
      p.handle = take_text(in);
      p.offset = in.u64();
      break;
    case p_write: {
      const std::string handle = take_text(in);
      const std::uint64_t offset = in.u64();
      in.skip(4);
      const bool stable = in.u32() > 1;
      if (in.ok()) write(c, handle, offset, stable);
      break;
    }
    case p_commit:
      commit(take_text(in), c.xid, true);
      break;
    default:
      break;
  }
  if (!in.ok()) return malformed(Direction::to_server);
  if (c.procedure == p_write || c.procedure == p_commit) return;
  if (c.procedure == p_read) {
    NfsTransaction* known = file(p.handle, Direction::to_client);
    p.tx = known != nullptr ? known : &begin_file(c, p.handle, Direction::to_client);
    if (known == nullptr) p.tx->credentials = c.credentials;
  } else {
    p.tx = &open(c);
    p.tx->name = p.name;
    p.tx->to = std::move(to);
    if (!p.handle.empty()) p.tx->hash = crc32(as_bytes(p.handle));
    p.tx->logging_disabled = c.procedure == p_getattr;  // far too many
  }
  expect(std::move(p));
}

void Session::call4(const Call& c, Bytes body) {
  if (c.procedure == 0) return;
  Compound compound;
  if (read_compound(body, compound) == Outcome::more) return malformed(Direction::to_server);
  Pending p{.xid = c.xid, .version = 4, .procedure = compound.main};
  if (compound.read) {
    p.handle = compound.read->handle;
    p.offset = compound.read->offset;
    p.reads = true;
  }
  p.name = compound.found_name;
  if (compound.write)
    write(c, compound.write->handle, compound.write->offset, compound.write->stable);
  if (compound.commits) commit(*compound.commits, c.xid, false);
  if (compound.closes)
    for (const Direction d : {Direction::to_server, Direction::to_client})
      if (NfsTransaction* tx = file(*compound.closes, d); tx != nullptr) {
        tx->transfer->last = true;
        end_file(*tx, FileView::State::closed);
      }
  if (compound.main != 0) {
    p.tx = &open(c);
    p.tx->procedure = compound.main;
    p.tx->name = compound.name;
    p.tx->to = compound.to;
    if (compound.main == op_create) p.tx->hash = crc32(as_bytes(compound.main_handle));
  }
  if (p.reads || p.tx != nullptr || !p.name.empty()) expect(std::move(p));
}

// The data follow (bulk_data). A file that is written anew from a place that was written already is
// not what was seen.
void Session::write(const Call& c, const std::string& handle, std::uint64_t offset, bool last) {
  Chunk& chunk = chunks_[index(Direction::to_server)];
  NfsTransaction* tx = file(handle, Direction::to_server);
  if (tx != nullptr && tx->transfer->call == c.xid) {  // sent again
    chunk.tx = nullptr;
    return;
  }
  if (tx != nullptr) {
    ++tx->transfer->chunks;
    if (offset < tx->transfer->order.at()) tx->finish_file(host_, FileView::State::truncated);
  } else {
    tx = &begin_file(c, handle, Direction::to_server);
  }
  if (last) {
    tx->transfer->last = true;
    tx->transfer->last_xid = c.xid;
  }
  tx->transfer->call = c.xid;
  tx->touch(Direction::to_server);
  chunk = {tx, offset, last};
  expect({.xid = c.xid, .version = c.version, .procedure = tx->procedure, .tx = tx});
}

void Session::commit(const std::string& handle, std::uint32_t xid, bool counts) {
  NfsTransaction* tx = file(handle, Direction::to_server);
  if (tx == nullptr) return;
  tx->transfer->last = true;
  tx->transfer->last_xid = xid;
  if (counts) ++tx->transfer->chunks;
  end_file(*tx, FileView::State::closed);
}

void Session::reply(Bytes message, const Place& place) {
  const auto r = read_reply(message);
  if (!r) {
    if (message_type(message) != 0) malformed(Direction::to_client);  // callbacks
    return;
  }
  const auto at = std::ranges::find(pending_, r->xid, &Pending::xid);
  reply_frames(*r, at == pending_.end() ? nullptr : &*at, place);
  if (at == pending_.end()) return;
  Pending p = std::move(*at);
  pending_.erase(at);
  if (r->denied && p.tx != nullptr) p.tx->denied = true;
  const bool done = !r->denied && r->accept_state == 0;
  if (done && p.version == 4) reply4(p, message.subspan(r->body));
  if (done && p.version != 4) reply3(p, Reader(message.subspan(r->body)));
  if (p.tx != nullptr && !p.tx->transfer) p.tx->finish();
}

void Session::reply3(Pending& p, Reader in) {
  if (p.procedure == 0) return;
  const std::uint32_t status = in.u32();
  if (!in.ok()) return malformed(Direction::to_client);
  if (p.tx != nullptr) p.tx->status = status;
  if (p.version != 3) return;
  if (p.procedure == p_read && p.tx != nullptr) {
    ++p.tx->transfer->chunks;
    if (status != 0) return end_file(*p.tx, FileView::State::truncated);
    skip_attributes3(in);
    in.skip(4);
    const bool end = in.u32() != 0;
    const std::uint32_t length = in.u32();
    if (!in.ok()) return malformed(Direction::to_client);
    p.tx->transfer->last_xid = end ? p.xid : p.tx->transfer->last_xid;
    return read_data(*p.tx, p.offset, length, end);
  }
  if (status != 0) return;
  if (p.procedure == p_lookup) {
    const std::string handle = take_text(in);
    if (!in.ok()) return malformed(Direction::to_client);
    p.tx->hash = crc32(as_bytes(handle));
    learn(handle, p.name);
  } else if (p.procedure == p_create || p.procedure == p_mkdir) {
    const std::string handle = in.u32() != 0 ? take_text(in) : std::string();
    if (in.ok()) learn(handle, p.name);
  } else if (p.procedure == p_readdirplus) {
    learn_names(in);
  }
}

// entryplus3, RFC 1813 section 3.3.17
void Session::learn_names(Reader in) {
  skip_attributes3(in);
  in.skip(8);
  while (in.u32() != 0 && in.ok()) {
    in.skip(8);
    const std::string name = take_text(in);
    in.skip(8);
    skip_attributes3(in);
    const std::string handle = in.u32() != 0 ? take_text(in) : std::string();
    if (in.ok() && name != "." && name != "..") learn(handle, name);
  }
}

void Session::reply4(Pending& p, Bytes body) {
  CompoundReply reply;
  if (read_compound_reply(body, reply) == Outcome::more) return malformed(Direction::to_client);
  if (p.tx != nullptr) p.tx->status = reply.status;
  if (reply.handle && !p.name.empty()) learn(*reply.handle, p.name);
  if (!reply.data || !p.reads) return;
  NfsTransaction* tx = file(p.handle, Direction::to_client);
  if (tx != nullptr) {
    ++tx->transfer->chunks;
  } else {
    tx = &begin_file({.xid = p.xid, .version = 4, .procedure = op_read}, p.handle,
                     Direction::to_client);
  }
  if (reply.end_of_file) tx->transfer->last_xid = p.xid;
  read_data(*tx, p.offset, reply.data->length, reply.end_of_file);
}

void Session::read_data(NfsTransaction& tx, std::uint64_t offset, std::uint64_t length, bool end) {
  if (end) {
    tx.transfer->last = true;
    tx.transfer->end = offset + length;
  }
  chunks_[index(Direction::to_client)] = {&tx, offset, end};
  tx.touch(Direction::to_client);
}

void Session::bulk_data(Direction d, Bytes data) {
  Chunk& chunk = chunks_[index(d)];
  if (chunk.tx != nullptr) chunk.tx->file_data(chunk.offset, data);
  chunk.offset += data.size();
}

void Session::bulk_gap(Direction d, std::uint64_t bytes) {
  Chunk& chunk = chunks_[index(d)];
  if (chunk.tx != nullptr) chunk.tx->file_gap(chunk.offset, bytes);
  chunk.offset += bytes;
}

// A read that came before others does not end the file: what it has to wait for may be under way.
void Session::bulk_end(Direction d) {
  const Chunk chunk = std::exchange(chunks_[index(d)], {});
  if (chunk.tx == nullptr) return;
  const TransferredFile& f = *chunk.tx->transfer;
  const bool whole = d == Direction::to_server ? chunk.last : f.end && f.order.at() >= *f.end;
  if (whole) end_file(*chunk.tx, FileView::State::closed);
}

void Session::end(Direction d) {
  for (std::size_t i = files_.size(); i-- > 0;)
    if (files_[i]->transfer->direction == d) end_file(*files_[i], FileView::State::truncated);
}

NfsTransaction& Session::open(const Call& c) {
  auto made = std::make_unique<NfsTransaction>(proto_, host_.next_transaction_id(), datagrams_);
  made->xid = c.xid;
  made->version = c.version;
  made->procedure = c.procedure;
  made->credentials = c.credentials;
  auto& tx = static_cast<NfsTransaction&>(*host_.add(std::move(made)));
  tx.set_progress(Direction::to_server, kCallsDone);
  return tx;
}

NfsTransaction& Session::begin_file(const Call& c, const std::string& handle, Direction d) {
  if (files_.size() >= kMostFiles) end_file(*files_.front(), FileView::State::truncated);
  auto made = std::make_unique<NfsTransaction>(proto_, host_.next_transaction_id(), datagrams_);
  const std::string name = name_of(handle);
  made->xid = c.xid;
  made->version = c.version;
  if (c.version == 3) made->name = name;
  made->procedure = c.version == 3 ? c.procedure : d == Direction::to_client ? op_read : op_write;
  made->hash = crc32(as_bytes(handle));
  made->transfer = std::make_unique<TransferredFile>(name, d, host_.settings().files);
  made->transfer->handle = handle;
  auto& tx = static_cast<NfsTransaction&>(*host_.add(std::move(made)));
  tx.set_progress(Direction::to_server, kCalled);
  files_.push_back(&tx);
  return tx;
}

NfsTransaction* Session::file(const std::string& handle, Direction d) {
  const auto at = std::ranges::find_if(files_, [&](const NfsTransaction* tx) {
    return tx->transfer->direction == d && tx->transfer->handle == handle;
  });
  return at == files_.end() ? nullptr : *at;
}

// Nobody may speak of it afterwards.
void Session::end_file(NfsTransaction& tx, FileView::State state) {
  tx.finish_file(host_, state);
  std::erase(files_, &tx);
  for (Chunk& chunk : chunks_)
    if (chunk.tx == &tx) chunk.tx = nullptr;
  for (Pending& p : pending_)
    if (p.tx == &tx) p.tx = nullptr;
  tx.finish();
}

void Session::expect(Pending p) {
  if (pending_.size() >= kMostCalls) {
    NfsTransaction* oldest = pending_.front().tx;
    host_.event(oldest, static_cast<std::uint16_t>(Event::too_many_transactions),
                Direction::to_server);
    pending_.erase(pending_.begin());
    if (oldest != nullptr && !oldest->transfer) oldest->finish();
  }
  pending_.push_back(std::move(p));
}

void Session::learn(const std::string& handle, const std::string& name) {
  if (handle.empty() || name.empty()) return;
  if (names_.size() >= kMostNames) names_.clear();
  names_[handle] = name;
}

std::string Session::name_of(const std::string& handle) const {
  const auto at = names_.find(handle);
  return at == names_.end() ? std::string() : at->second;
}

}  // namespace chieng::collector::nfs
