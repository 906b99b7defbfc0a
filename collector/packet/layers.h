// The decoders of single headers. Each reads its header from the front of bytes (captured bytes
// only), fills in the packet and returns what follows. To add one: a file, a line here, a Layer,
// and a line in decoder.cpp's tables.
#pragma once

#include "collector/packet/decoded.h"

namespace chieng::collector {

Next decode_ethernet(Decoded& out, Bytes bytes);
Next decode_vlan(Decoded& out, Bytes bytes);     // 802.1Q and 802.1ad
Next decode_cooked(Decoded& out, Bytes bytes);   // Linux "any" device, version 1
Next decode_cooked2(Decoded& out, Bytes bytes);  // version 2
Next decode_raw_ip(Decoded& out, Bytes bytes);
Next decode_null_loopback(Decoded& out, Bytes bytes);  // BSD loopback
Next decode_arp(Decoded& out, Bytes bytes);
Next decode_ipv4(Decoded& out, Bytes bytes);
Next decode_ipv6(Decoded& out, Bytes bytes);
Next decode_tcp(Decoded& out, Bytes bytes);
Next decode_udp(Decoded& out, Bytes bytes);
Next decode_icmp(Decoded& out, Bytes bytes);
Next decode_icmpv6(Decoded& out, Bytes bytes);
Next decode_sctp(Decoded& out, Bytes bytes);
Next decode_igmp(Decoded& out, Bytes bytes);
Next decode_esp(Decoded& out, Bytes bytes);
Next decode_gre(Decoded& out, Bytes bytes);
Next decode_ppp(Decoded& out, Bytes bytes);
Next decode_pppoe_session(Decoded& out, Bytes bytes);
Next decode_pppoe_discovery(Decoded& out, Bytes bytes);
Next decode_vntag(Decoded& out, Bytes bytes);
Next decode_etag(Decoded& out, Bytes bytes);
Next decode_8021ah(Decoded& out, Bytes bytes);
Next decode_dce(Decoded& out, Bytes bytes);
Next decode_nsh(Decoded& out, Bytes bytes);
Next decode_80211(Decoded& out, Bytes bytes);
Next decode_radiotap(Decoded& out, Bytes bytes);
Next decode_prism(Decoded& out, Bytes bytes);
Next decode_chdlc(Decoded& out, Bytes bytes);
Next decode_serial(Decoded& out, Bytes bytes);
Next decode_ppp_with_direction(Decoded& out, Bytes bytes);
Next decode_nflog(Decoded& out, Bytes bytes);
Next decode_enc(Decoded& out, Bytes bytes);
void look_into_udp(Decoded& out);  // VXLAN, GENEVE, Teredo and GTP-U, by port
Next decode_erspan(Decoded& out, Bytes bytes, bool has_header);
Next decode_mpls(Decoded& out, Bytes bytes);
Next decode_ip_in_ip(Decoded& out, Bytes bytes);
Next decode_ipv6_in_ip(Decoded& out, Bytes bytes);

}  // namespace chieng::collector
