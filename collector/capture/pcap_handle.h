// libpcap's handle as a value, for this folder only.
#pragma once

#include <pcap.h>

#include <algorithm>
#include <memory>

#include "collector/capture/frame.h"

namespace chieng::collector {

struct PcapClose {
  void operator()(pcap_t* p) const { pcap_close(p); }
};
using PcapHandle = std::unique_ptr<pcap_t, PcapClose>;

[[nodiscard]] inline Frame make_frame(pcap_t* pcap, const pcap_pkthdr& header, const u_char* data) {
  // A pcapng file can claim any 64-bit time: kept to years that can be written.
  constexpr std::int64_t last_second = 253'402'300'799;
  const std::int64_t seconds = std::clamp<std::int64_t>(header.ts.tv_sec, 0, last_second);
  return {as_bytes(data, header.caplen), header.len,
          Timestamp::from_seconds(seconds, std::clamp<std::int64_t>(header.ts.tv_usec, 0, 999'999)),
          pcap_datalink(pcap)};
}

}  // namespace chieng::collector
