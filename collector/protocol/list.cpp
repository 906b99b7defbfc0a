// The one list of protocols. A new one takes a folder, an include and a line at the end here.
#include <algorithm>
#include <array>
#include <vector>

#include "collector/protocol/bittorrent/bittorrent.h"
#include "collector/protocol/dcerpc/dcerpc.h"
#include "collector/protocol/dhcp/dhcp.h"
#include "collector/protocol/dnp3/dnp3.h"
#include "collector/protocol/dns/dns.h"
#include "collector/protocol/dtls/dtls.h"
#include "collector/protocol/enip/enip.h"
#include "collector/protocol/ftp/ftp.h"
#include "collector/protocol/ftp/ftp_data.h"
#include "collector/protocol/http/http.h"
#include "collector/protocol/http2/http2.h"
#include "collector/protocol/iec104/iec104.h"
#include "collector/protocol/ike/ike.h"
#include "collector/protocol/imap/imap.h"
#include "collector/protocol/krb5/krb5.h"
#include "collector/protocol/ldap/ldap.h"
#include "collector/protocol/mdns/mdns.h"
#include "collector/protocol/modbus/modbus.h"
#include "collector/protocol/mqtt/mqtt.h"
#include "collector/protocol/mysql/mysql.h"
#include "collector/protocol/nfs/nfs.h"
#include "collector/protocol/ntp/ntp.h"
#include "collector/protocol/parser.h"
#include "collector/protocol/pgsql/pgsql.h"
#include "collector/protocol/pop3/pop3.h"
#include "collector/protocol/quic/quic.h"
#include "collector/protocol/radius/radius.h"
#include "collector/protocol/rdp/rdp.h"
#include "collector/protocol/rfb/rfb.h"
#include "collector/protocol/s7comm/s7comm.h"
#include "collector/protocol/sip/sip.h"
#include "collector/protocol/smb/smb.h"
#include "collector/protocol/smtp/smtp.h"
#include "collector/protocol/snmp/snmp.h"
#include "collector/protocol/ssh/ssh.h"
#include "collector/protocol/syslog/syslog.h"
#include "collector/protocol/telnet/telnet.h"
#include "collector/protocol/tftp/tftp.h"
#include "collector/protocol/tls/tls.h"
#include "collector/protocol/websocket/websocket.h"

namespace chieng::collector {

std::span<const Protocol* const> protocols() {
  // clang-format off: one on a line, so that branches merge
  static const std::array list{
      &kHttp,
      &kDns,
      &kTls,
      &kSsh,
      &kQuic,
      &kTftp,
      &kSnmp,
      &kKrb5,
      &kLdap,
      &kDcerpc,
      &kSmtp,
      &kPop3,
      &kImap,
      &kHttp2,
      &http2::doh2(),
      &kWebsocket,
      &kSmb,
      &kFtp,
      &kFtpData,
      &kIke,
      &kRfb,
      &kDnp3,
      &kMqtt,
      &kSip,
      &kDhcp,
      &kNtp,
      &kMdns,
      &kLlmnr,
      &kModbus,
      &kPgsql,
      &kBittorrentDht,
      &kEnip,
      &kRadius,
      &kSyslog,
      &kMysql,
      &kIec104,
      &kS7comm,
      &kNfs,
      &kRdp,
      &kTelnet,
      &kDtls,
  };
  // clang-format on
  return list;
}

AppProto number_of(const Protocol& protocol) {
  const auto at = std::ranges::find(protocols(), &protocol);
  return AppProto{static_cast<std::uint8_t>(at - protocols().begin() + 2)};
}

std::span<const ProtocolSpec* const> protocol_specs() {
  static const auto specs = [] {
    std::vector<const ProtocolSpec*> out(protocols().size());
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = protocols()[i]->spec;
    return out;
  }();
  return specs;
}

}  // namespace chieng::collector
