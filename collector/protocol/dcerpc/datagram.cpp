#include "collector/protocol/dcerpc/datagram.h"

namespace chieng::collector::dcerpc {

std::optional<DatagramHeader> read_datagram_header(Bytes data) {
  if (data.size() < DatagramHeader::kSize) return std::nullopt;
  const auto at = [&](std::size_t i) { return std::to_integer<unsigned>(data[i]); };
  if (at(0) != 4 || at(1) > static_cast<unsigned>(PduType::cancel_ack) || (at(4) & 0xee) != 0 ||
      at(5) > 3)
    return std::nullopt;
  DatagramHeader out;
  out.type = static_cast<PduType>(data[1]);
  out.flags = static_cast<std::uint8_t>(at(2));
  out.little = at(4) >> 4 == 1;
  OrderedReader in(data, out.little);
  in.skip(24);  // up to here, and the object
  out.interface = in.uuid();
  out.activity = in.uuid();
  in.skip(4);  // the server's boot time
  out.version = in.u32();
  out.sequence = in.u32();
  out.opnum = in.u16();
  in.skip(4);  // hints
  out.length = in.u16();
  out.fragment = in.u16();
  if (out.length > data.size() - DatagramHeader::kSize) return std::nullopt;
  return out;
}

DcerpcTransaction& DatagramParser::call_of(Direction d, const DatagramHeader& header) {
  DcerpcTransaction* tx = calls_.find([&](const DcerpcTransaction& t) {
    return t.activity->uuid == header.activity && t.activity->sequence == header.sequence &&
           !t.call.side(d).done;
  });
  if (tx != nullptr) return *tx;
  auto made =
      std::make_unique<DcerpcTransaction>(proto_, host_.next_transaction_id(), header.sequence);
  made->activity = Activity{header.activity, header.sequence};
  tx = static_cast<DcerpcTransaction*>(host_.add(std::move(made)));
  calls_.add(tx);
  return *tx;
}

void DatagramParser::data(Direction d, Bytes data) {
  const auto header = read_datagram_header(data);
  if (!header) return;
  const bool client = d == Direction::to_server;
  const bool carries = header->type == (client ? PduType::request : PduType::response);
  const bool refuses =
      !client && (header->type == PduType::fault || header->type == PduType::reject);
  if (!carries && !refuses) return;
  DcerpcTransaction& tx = call_of(d, *header);
  if (refuses) return calls_.mark(tx, d, header->type, header->little);
  Header like;
  like.type = header->type;
  like.little = header->little;
  const bool first = !header->is_fragmented() || header->fragment == 0;
  const bool last = !header->is_fragmented() || header->is_last();
  like.flags = static_cast<std::uint8_t>((first ? 1 : 0) | (last ? 2 : 0));
  if (client && tx.call.side(d).fragments == 0) {
    // There is no bind: every datagram names its interface.
    Interface item{.uuid = header->interface, .first_fragment = true};
    item.version = static_cast<std::uint16_t>(header->version);
    item.version_minor = static_cast<std::uint16_t>(header->version >> 16);
    tx.call.set_interfaces({item});
  }
  calls_.add(tx, d, like,
             {.opnum = header->opnum, .stub = data.subspan(DatagramHeader::kSize, header->length)});
}

}  // namespace chieng::collector::dcerpc
