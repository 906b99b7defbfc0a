#include "collector/protocol/smb/session.h"

#include <algorithm>

namespace chieng::collector::smb {

SmbTransaction& Session::begin(const Origin& origin) {
  auto made = std::make_unique<SmbTransaction>(proto_, host_.next_transaction_id(), origin.version,
                                               origin.command);
  made->dialect = dialect;
  made->session = origin.session;
  made->tree = origin.tree;
  made->status = origin.status;
  return *static_cast<SmbTransaction*>(host_.add(std::move(made)));
}

void Session::complete(SmbTransaction& tx, const Origin& response) {
  if (response.status) tx.status = response.status;
  if (&tx == negotiation) negotiation = nullptr;
  tx.set_progress(Direction::to_server, 1);
  tx.set_progress(Direction::to_client, 1);
}

void Session::event(SmbTransaction& tx, Event e, Direction d) {
  const auto number = static_cast<std::uint16_t>(e);
  if (std::ranges::find(tx.events(), number) == tx.events().end()) host_.event(&tx, number, d);
}

void Session::flaw(Event e, Direction d, int version) {
  SmbTransaction& tx = begin({.version = version});
  tx.logging_disabled = true;
  event(tx, e, d);
  complete(tx, {});
}

void Session::add_pending(std::uint64_t key, Pending pending) {
  const auto old = pending_.find(key);
  if (old != pending_.end()) {
    if (old->second.tx != nullptr) complete(*old->second.tx, {});
    pending_.erase(old);
  } else if (pending_.size() >= kMostPending) {
    const auto first = pending_.begin();
    if (SmbTransaction* tx = first->second.tx; tx != nullptr) {
      event(*tx, Event::too_many_transactions, Direction::to_server);
      complete(*tx, {});
    }
    pending_.erase(first);
  }
  pending_.emplace(key, std::move(pending));
}

std::optional<Pending> Session::take_pending(std::uint64_t key) {
  const auto at = pending_.find(key);
  if (at == pending_.end()) return std::nullopt;
  return std::move(pending_.extract(at).mapped());
}

void Session::forget(const SmbTransaction& tx) {
  std::erase_if(pending_, [&](const auto& entry) { return entry.second.tx == &tx; });
}

Pending* Session::find_pending(std::uint64_t key) {
  const auto at = pending_.find(key);
  return at == pending_.end() ? nullptr : &at->second;
}

void Session::set_tree(std::uint32_t id, Tree tree) {
  if (trees_.size() >= kMostTrees && !trees_.contains(id)) trees_.erase(trees_.begin());
  trees_[id] = std::move(tree);
}

const Tree* Session::tree(std::uint32_t id) const {
  const auto at = trees_.find(id);
  return at == trees_.end() ? nullptr : &at->second;
}

OpenFile& Session::open_file(const std::string& id) {
  if (files_.size() >= kMostFiles && !files_.contains(id)) {
    const std::string oldest = files_.begin()->first;
    close(oldest);
    files_.erase(oldest);
  }
  return files_[id];
}

void Session::set_file_name(const std::string& id, std::string name) {
  open_file(id).name = std::move(name);
}

std::string Session::file_name(const std::string& id) const {
  const auto at = files_.find(id);
  return at == files_.end() || at->second.name.empty() ? "<unknown>" : at->second.name;
}

bool Session::is_pipe(std::uint32_t tree_id, const std::string& file, Bytes data) const {
  if (const Tree* t = tree(tree_id)) return t->is_pipe;
  const auto at = files_.find(file);
  if (at != files_.end() && at->second.pipe) return true;
  return data.size() >= dcerpc::Header::kSize && dcerpc::read_header(data);
}

bool Session::pipe_data(Direction d, const std::string& file, const Origin& origin, Bytes data) {
  OpenFile& open = open_file(file);
  if (!open.pipe) open.pipe = std::make_unique<Pipe>();
  return open.pipe->data(
      d, data, [&]() -> SmbTransaction& { return begin(origin); },
      [&](SmbTransaction& tx) { complete(tx, origin); });
}

FileTransfer* Session::transfer(Direction d, const std::string& file) {
  const auto at = files_.find(file);
  return at == files_.end() ? nullptr : at->second.transfers[index(d)].get();
}

void Session::begin_chunk(Direction d, const std::string& file, const std::string& shown,
                          const Origin& origin, std::uint64_t offset) {
  FileTransfer* t = transfer(d, file);
  if (t == nullptr) {
    if (transfers_ >= kMostTransfers)
      for (auto& [id, open] : files_)
        if (open.transfers[0] || open.transfers[1]) {
          end_transfer(Direction::to_server, id, FileView::State::truncated);
          end_transfer(Direction::to_client, id, FileView::State::truncated);
          break;
        }
    const std::string name = file_name(file);
    const Tree* share = tree(origin.tree);
    SmbTransaction& tx = begin(origin);
    tx.detail.emplace<Transfer>(
        Transfer{.name = name,
                 .share = share != nullptr ? share->name : std::string(),
                 .fuid = shown,
                 .direction = d,
                 .tracked = TrackedFile(name, d, host_.settings().files),
                 .window = InspectionWindow({Transfer::kMostData, 32 * 1024, 4096})});
    auto& slot = open_file(file).transfers[index(d)];
    slot = std::make_unique<FileTransfer>(host_, tx);
    t = slot.get();
    ++transfers_;
  } else if (origin.status) {
    t->tx().status = origin.status;
  }
  if (const auto flaw = t->begin(offset)) event(t->tx(), *flaw, d);
}

void Session::file_data(Direction d, const std::string& file, std::uint64_t offset, Bytes data) {
  FileTransfer* t = transfer(d, file);
  if (t == nullptr) return;
  if (const auto flaw = t->data(offset, data)) event(t->tx(), *flaw, d);
}

void Session::file_gap(Direction d, const std::string& file, std::uint64_t offset,
                       std::uint64_t bytes) {
  if (FileTransfer* t = transfer(d, file)) t->gap(offset, bytes);
}

void Session::transfer_event(Direction d, const std::string& file, Event e) {
  if (FileTransfer* t = transfer(d, file)) event(t->tx(), e, d);
}

void Session::set_transfer_status(Direction d, const std::string& file, const Status& status) {
  if (FileTransfer* t = transfer(d, file)) t->tx().status = status;
}

void Session::end_transfer(Direction d, const std::string& file, FileView::State state) {
  const auto at = files_.find(file);
  if (at == files_.end()) return;
  auto& slot = at->second.transfers[index(d)];
  if (!slot) return;
  slot->finish(state);
  slot.reset();
  --transfers_;
}

void Session::close(const std::string& file) {
  const auto at = files_.find(file);
  if (at == files_.end()) return;
  end_transfer(Direction::to_server, file, FileView::State::closed);
  end_transfer(Direction::to_client, file, FileView::State::closed);
  if (at->second.pipe) {
    at->second.pipe->end();
    return;  // answers may still be on their way
  }
  files_.erase(at);
}

void Session::end(Direction d) {
  for (auto& [id, open] : files_) {
    end_transfer(d, id, FileView::State::truncated);
    if (open.pipe) open.pipe->end();
  }
  for (auto& [key, pending] : pending_)
    if (pending.tx != nullptr) pending.tx->set_progress(Direction::to_server, 1);
}

}  // namespace chieng::collector::smb
