#include "collector/packet/defragmenter.h"

#include <functional>
#include <string_view>

#include "collector/packet/checksum.h"

namespace chieng::collector {

std::size_t Defragmenter::KeyHash::operator()(const Key& k) const {
  const std::hash<std::string_view> hash;
  const std::size_t a = hash(as_text(k.src.raw())), b = hash(as_text(k.dst.raw()));
  return a * 31 + b * 17 + k.id * std::size_t{0x9e3779b97f4a7c15} + k.proto;
}

Defragmenter::Iterator Defragmenter::find(const Decoded& packet) {
  const PacketView& view = packet.view;
  const Key key{view.src, view.dst, packet.fragment.id,
                view.ip_version == 4 ? view.proto : std::uint8_t{0},
                view.vlan_count > 0 ? view.vlan[0] : std::uint16_t{0}};
  if (const auto it = index_.find(key); it != index_.end()) return it->second;
  if (datagrams_.size() >= settings_.capacity && !datagrams_.empty()) {
    ++dropped_;
    drop(datagrams_.begin());
  }
  datagrams_.emplace_back();
  datagrams_.back().key = key;
  datagrams_.back().pieces.set_policy(settings_.overlaps);
  datagrams_.back().first = view.time;
  const Iterator added = std::prev(datagrams_.end());
  index_.emplace(key, added);
  return added;
}

void Defragmenter::drop(Iterator it) {
  memory_ -= it->pieces.cost();
  index_.erase(it->key);
  datagrams_.erase(it);
}

void Defragmenter::insert(Datagram& datagram, Decoded& packet) {
  const Fragment& f = packet.fragment;
  const bool v4 = packet.view.ip_version == 4;
  const Segments::Insertion done = datagram.pieces.insert(f.offset, f.data);
  memory_ = static_cast<std::size_t>(static_cast<std::int64_t>(memory_) + done.cost);
  if (done.overlap)
    packet.event(v4 ? PacketEvent::ipv4_frag_overlap : PacketEvent::ipv6_frag_overlap);
  if (done.refused)
    packet.event(v4 ? PacketEvent::ipv4_frag_ignored : PacketEvent::ipv6_frag_ignored);
  if (f.offset == 0 && datagram.header.empty()) {
    datagram.header.assign(f.header.begin(), f.header.end());
    datagram.next_header = f.next_header;
    datagram.next_header_at = f.next_header_at;
  }
  if (!f.more && !datagram.total) datagram.total = f.offset + f.data.size();
}

bool Defragmenter::complete(const Datagram& datagram) const {
  if (!datagram.total || datagram.header.empty()) return false;
  std::uint64_t next = 0;
  for (const Segments::Piece& piece : datagram.pieces.pieces()) {
    if (piece.start != next) return false;
    next = piece.end();
  }
  return next >= *datagram.total;
}

Bytes Defragmenter::build(Datagram& datagram) {
  whole_ = datagram.header;
  const std::size_t header = whole_.size();
  for (const Segments::Piece& piece : datagram.pieces.pieces())
    whole_.insert(whole_.end(), piece.data.begin(), piece.data.end());
  whole_.resize(header + *datagram.total);
  const auto put16 = [this](std::size_t at, std::uint16_t v) {
    whole_[at] = static_cast<std::byte>(v >> 8);
    whole_[at + 1] = static_cast<std::byte>(v & 0xff);
  };
  if (datagram.key.src.version == 4) {
    put16(2, static_cast<std::uint16_t>(whole_.size()));
    put16(6, 0);
    put16(10, 0);
    InternetChecksum sum;
    sum.add(Bytes(whole_).first(header));
    const std::uint16_t checksum = sum.finish();
    whole_[10] = static_cast<std::byte>(checksum & 0xff);  // the sum is in memory order
    whole_[11] = static_cast<std::byte>(checksum >> 8);
  } else {
    put16(4, static_cast<std::uint16_t>(whole_.size() - 40));
    whole_[datagram.next_header_at] = static_cast<std::byte>(datagram.next_header);
  }
  return whole_;
}

std::optional<Bytes> Defragmenter::add(Decoded& packet) {
  const Fragment& f = packet.fragment;
  if (f.data.empty() || f.offset + f.data.size() + f.header.size() > 65'535) return std::nullopt;
  if (f.more && f.data.size() % 8 != 0) return std::nullopt;
  const Iterator it = find(packet);
  insert(*it, packet);
  if (complete(*it)) {
    const Bytes whole = build(*it);
    drop(it);
    return whole;
  }
  while (memory_ > settings_.memory && !datagrams_.empty()) {
    ++dropped_;
    drop(datagrams_.begin());
  }
  return std::nullopt;
}

void Defragmenter::expire(Timestamp now) {
  while (!datagrams_.empty() && now - datagrams_.front().first > settings_.timeout * 1'000'000) {
    ++dropped_;
    drop(datagrams_.begin());
  }
}

}  // namespace chieng::collector
