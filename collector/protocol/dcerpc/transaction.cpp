#include "collector/protocol/dcerpc/transaction.h"

namespace chieng::collector::dcerpc {

namespace {
constexpr std::array kBuffers = {kStubDataBuffer, kInterfacesBuffer};
constexpr std::array kIntegers = {kOpnumInteger};
constexpr std::string_view kFrames[] = {"pdu", "hdr", "data"};
}  // namespace

const ProtocolSpec kSpec{.name = "dcerpc",
                         .rule_names = {"dcerpc"},
                         .transport = TransportMask::both,
                         .complete = {1, 1},
                         .buffers = kBuffers,
                         .integers = kIntegers,
                         .frames = kFrames};

std::optional<BufferSlice> DcerpcTransaction::buffer(unsigned local, Direction d,
                                                     std::uint32_t instance) const {
  switch (static_cast<Buffer>(local)) {
    case Buffer::stub_data:
      return call.buffer(CallBuffer::stub_data, d, instance);
    case Buffer::interfaces:
      return call.buffer(CallBuffer::interfaces, d, instance);
  }
  return std::nullopt;
}

std::optional<std::uint64_t> DcerpcTransaction::integer(unsigned, Direction, std::uint32_t) const {
  return call.is_request() ? call.opnum() : std::nullopt;
}

void DcerpcTransaction::write(JsonWriter& out) const {
  out.key("dcerpc").begin_object();
  write_requests(out, call);
  write_side(out, call, Direction::to_server, true);
  write_interfaces(out, call, {.result = true, .reason = false});
  write_side(out, call, Direction::to_client, false);
  if (activity) {
    out.field("activityuuid", to_string(activity->uuid)).field("seqnum", activity->sequence);
    out.field("rpc_version", "4.0");
  } else {
    out.field("call_id", call.id()).field("rpc_version", "5.0");
  }
  out.end_object();
}

}  // namespace chieng::collector::dcerpc
