// Frames of NFS: what rules name by frame:nfs.pdu and the like.
#include "collector/protocol/nfs/session.h"

namespace chieng::collector::nfs {
namespace {

constexpr std::uint64_t kMark = 4, kHead4 = 8, kReplyHead = 8;

struct Frames {
  ParserHost& host;
  Direction d;
  std::uint64_t start, end;

  void add(Frame type, std::uint64_t from, std::uint64_t to) const {
    if (from <= to && to <= end - start)
      host.frame(d, static_cast<std::uint8_t>(type), start + from, to - from);
  }
  void add_compound(std::uint64_t body) const {
    add(Frame::nfs4_hdr, body, body + kHead4);
    add(Frame::nfs4_ops, body + kHead4, end - start);
  }
};

}  // namespace

void Session::call_frames(const Call& c, const Place& place) {
  if (!place.framed) return;
  const std::uint64_t mark = datagrams_ ? 0 : kMark;
  const Frames frames{host_, Direction::to_server, place.start, place.start + place.size};
  const std::uint64_t body = mark + c.body;
  frames.add(Frame::rpc_pdu, 0, place.size);
  frames.add(Frame::rpc_creds, mark + kCredentials, mark + kCredentials + c.credentials_size);
  frames.add(c.version == 4 ? Frame::nfs4_pdu : Frame::nfs_pdu, body, place.size);
  if (c.version == 4) frames.add_compound(body);
}

void Session::reply_frames(const Reply& r, const Pending* p, const Place& place) {
  if (!place.framed) return;
  const std::uint64_t mark = datagrams_ ? 0 : kMark;
  const Frames frames{host_, Direction::to_client, place.start, place.start + place.size};
  const std::uint64_t body = mark + r.body;
  frames.add(Frame::rpc_pdu, 0, place.size);
  frames.add(Frame::rpc_hdr, 0, mark + kReplyHead);
  frames.add(Frame::rpc_data, mark + kReplyHead, place.size);
  if (p == nullptr) return;
  const bool four = p->version == 4;
  frames.add(four ? Frame::nfs4_pdu : Frame::nfs_pdu, body, place.size);
  frames.add(four ? Frame::nfs4_status : Frame::nfs_status, body, body + 4);
  if (four) frames.add_compound(body);
}

}  // namespace chieng::collector::nfs
