// What the collector is told: plain values, filled by agent/ from the settings table; immutable
// while it runs.
#pragma once

#include <cstddef>
#include <cstdint>

namespace chieng::collector {

// Which bytes count where two pieces of a stream or datagram overlap; receivers differ. Of the new
// piece and the old one:
enum class OverlapPolicy : std::uint8_t {
  bsd,     // the one that begins first, else the old one (Windows, macOS as well)
  first,   // the old one
  last,    // the new one (Cisco IOS)
  longer,  // as bsd, but of two that begin together the longer one (Linux)
  solaris  // the new one, unless the old one ends after it, or with it and began before it
};

struct StreamSettings {
  bool checksum_validation = true;  // a packet with a wrong checksum is not reassembled
  bool midstream = false;           // take up connections whose handshake was not seen
  bool async_oneside = false;       // only one direction is seen
  std::uint64_t reassembly_depth = std::uint64_t{1} << 20;  // bytes a direction; 0: no limit
  std::size_t memory = std::size_t{256}
                       << 20;       // out-of-order segments and raw windows, all flows together
  std::uint32_t chunk_size = 2560;  // new bytes that make a raw-stream chunk due
  OverlapPolicy overlaps = OverlapPolicy::bsd;  // of segments that wait for others
};

struct DefragSettings {
  std::size_t capacity = 16'384;               // datagrams being put together
  std::size_t memory = std::size_t{32} << 20;  // their bytes; beyond it the oldest goes, counted
  std::int64_t timeout = 60;                   // seconds, by packet time
  OverlapPolicy overlaps = OverlapPolicy::bsd;
};

struct FlowSettings {
  std::size_t capacity = 262'144;  // flows; beyond it the oldest idle one goes, counted
  std::int64_t tcp_new = 60, tcp_established = 600, tcp_closed = 60;  // seconds, by packet time
  std::int64_t udp_new = 30, udp_established = 300;
  std::int64_t icmp_new = 30, icmp_established = 300;
  std::int64_t other_new = 30, other_established = 300;
};

struct HttpSettings {
  std::uint64_t request_body_limit = 100 * 1024;  // bytes kept for rules; 0: no limit
  std::uint64_t response_body_limit = 100 * 1024;
  std::uint32_t response_body_decompress_layers = 2;
  std::uint32_t request_inspect_minimum = 32 * 1024,
                response_inspect_minimum = 40 * 1024;  // before a first look
};

struct FileSettings {
  bool md5 = false, sha1 = false, sha256 = true;
};

struct SensorSettings {
  // Whether only counters advance once a TCP connection is encrypted in both directions. Without it
  // rules that look at no payload (addresses, sizes, flags) still see each of its packets.
  bool bypass_encrypted = false;
  StreamSettings stream;
  FlowSettings flow;
  DefragSettings defrag;
  HttpSettings http;
  FileSettings files;
  std::size_t max_transactions =
      1024;  // live ones of a flow; the oldest goes, counted as an anomaly
};

}  // namespace chieng::collector
