#include "agent/settings.h"

namespace chieng::agent {
namespace {

using enum SettingKind;

constexpr std::int64_t kPort = 65535;

const std::vector<SettingSpec>& table() {
  static const std::vector<SettingSpec> specs = {
      {"agent.folder", text, "/var/lib/chieng-agent", "Folder of everything that the agent keeps: keys, spools, positions in log files."},
      {"agent.status_file", text, "", "Where `status` finds the running agent's state; empty: status.json in agent.folder."},
      {"agent.health_interval", duration, "30s", "How often a health event is written: packets, drops, flows, rules loaded and failed.", {}, 1000, 86'400'000},
      {"agent.log_level", choice, "info", "The least level of messages on standard error.", {"debug", "info", "warn", "error"}},

      {"capture.interfaces", texts, "", "Network interfaces to listen on; an empty list means no capture."},
      {"capture.filter", text, "", "A packet filter in libpcap's language, as in \"not port 4505\"; empty: everything."},
      {"capture.buffer", size, "64mb", "Kernel buffer of each interface: what arrives while it is full is dropped, and counted.", {}, 1 << 16, std::int64_t{4} << 30},
      {"capture.snap_length", integer, "65535", "Bytes of a packet that are captured; what lies beyond is not seen by rules.", {}, 96, 262'144},
      {"capture.promiscuous", boolean, "true", "Whether packets to other machines are captured too, as a mirror port needs."},

      {"stream.checksum_validation", boolean, "true", "Whether TCP segments with a wrong checksum are left out, as the receiver does; off where the network card fills checksums in."},
      {"stream.midstream", boolean, "false", "Whether connections are followed whose beginning was not seen."},
      {"stream.async_oneside", boolean, "false", "Whether only one direction of the traffic reaches this place."},
      {"stream.reassembly_depth", size, "1mb", "Bytes of each direction of a connection that are reassembled; 0: all."},
      {"stream.memory", size, "256mb", "Memory for segments that wait for others, of all connections together; beyond it the oldest go, and are counted.", {}, 1 << 20},
      {"stream.chunk_size", size, "2560", "New bytes of a connection after which rules look at it.", {}, 64, 1 << 20},

      {"flow.capacity", integer, "262144", "Flows held at once; beyond it the longest idle one goes, and is counted.", {}, 64, 100'000'000},
      {"flow.max_transactions", integer, "1024", "Open requests of one flow; beyond it the oldest goes, and is reported as an anomaly.", {}, 1, 1'000'000},
      {"flow.tcp_new", duration, "60s", "Idle time after which a TCP flow that was not established ends.", {}, 1000},
      {"flow.tcp_established", duration, "10m", "Idle time after which an established TCP flow ends.", {}, 1000},
      {"flow.tcp_closed", duration, "60s", "How long a closed TCP flow is remembered.", {}, 1000},
      {"flow.udp_new", duration, "30s", "Idle time after which an unanswered UDP flow ends.", {}, 1000},
      {"flow.udp_established", duration, "5m", "Idle time after which an answered UDP flow ends.", {}, 1000},
      {"flow.icmp_new", duration, "30s", "Idle time after which an unanswered ICMP flow ends.", {}, 1000},
      {"flow.icmp_established", duration, "5m", "Idle time after which an answered ICMP flow ends.", {}, 1000},
      {"flow.other_new", duration, "30s", "Idle time after which an unanswered flow of another protocol ends.", {}, 1000},
      {"flow.other_established", duration, "5m", "Idle time after which an answered flow of another protocol ends.", {}, 1000},

      {"http.request_body_limit", size, "100kb", "Bytes of a request's body that rules see; 0: all."},
      {"http.response_body_limit", size, "100kb", "Bytes of a response's body that rules see; 0: all."},
      {"http.response_body_decompress_layers", integer, "2", "Content encodings over one another that are undone in a response.", {}, 0, 16},
      {"http.request_inspect_minimum", size, "32kb", "Bytes of a request's body before rules look at it for the first time, unless it ends earlier."},
      {"http.response_inspect_minimum", size, "40kb", "Bytes of a response's body before rules look at it for the first time, unless it ends earlier."},

      {"file.hashes", texts, "sha256", "Digests of transferred files: any of md5, sha1, sha256; an empty list computes none."},
      {"community_id.seed", integer, "0", "Seed of the Community ID; equal on every sensor whose events are to be joined.", {}, 0, kPort},

      {"logs.files", tree, "", "Log files to follow: a list of {path: GLOB, format: NAME}; without format it is told by content."},
      {"logs.read_all", boolean, "false", "Whether `run` may read log files that its user has no right to (CAP_DAC_READ_SEARCH)."},
      {"logs.start", choice, "end", "Where reading begins in a file that is seen for the first time.", {"end", "beginning"}},
      {"logs.poll", duration, "500ms", "How often log files are looked at.", {}, 50, 60'000},

      {"rules.files", texts, "", "Suricata rules: files, or folders whose .rules files are taken."},
      {"sigma.files", texts, "", "Sigma rules: files, or folders whose .yml and .yaml files are taken."},
      {"vars", tree, "", "Variables of rules, as in {HOME_NET: \"[10.0.0.0/8]\", HTTP_PORTS: 80}; those not given keep their defaults."},

      {"eve.types", texts, "all", "Event types that `scan` writes: all, or a list such as alert,flow,http,dns,tls,fileinfo,anomaly,stats,health."},
      {"eve.anomalies", texts, "applayer,decode,stream", "Layers whose anomalies are written: any of applayer, decode, stream."},
      {"eve.explain", boolean, "true", "Whether an alert tells which bytes met which option of the rule."},
      {"eve.payload", boolean, "false", "Whether an alert carries the inspected bytes in base64; never where fields are masked."},
      {"eve.payload_printable", boolean, "false", "Whether an alert carries the inspected bytes as text; never where fields are masked."},
      {"eve.packet", boolean, "false", "Whether an alert carries the packet in base64; never where fields are masked."},

      {"privacy.mask", boolean, "false", "Whether `scan` masks passwords and identity numbers; `run` always does."},
      {"privacy.personal", choice, "keep", "What happens to personal fields such as user names where fields are masked.", {"keep", "mask", "hash", "drop"}},
      {"privacy.content", choice, "mask", "What happens to free text such as URLs and log lines where fields are masked; mask replaces the secrets inside it.", {"mask", "hash", "drop"}},
      {"privacy.hash_key_file", text, "", "File with the key for hashed fields, readable by the agent alone; needed where something is hashed."},

      {"spool.folder", text, "", "Folder of the spools; empty: spool in agent.folder."},
      {"spool.budget", size, "1gb", "Disk space of each spool; beyond it the least important events go first, counted and reported.", {}, 1 << 20},
      {"upload.metadata", boolean, "false", "Whether flow, http, dns, tls, fileinfo and log events go to the server too, not only alerts and health."},

      {"server.connect_timeout", duration, "10s", "How long a connection to the server may take.", {}, 100, 600'000},

      {"users.packets", text, "chieng-packets", "System user of the process that reads packets."},
      {"users.logs", text, "chieng-logs", "System user of the process that reads logs."},
      {"users.shipper", text, "chieng-shipper", "System user of the process that holds the keys and speaks with the server."},
      {"users.group", text, "chieng", "System group that shares the spools."},
  };
  return specs;
}

}  // namespace

std::span<const SettingSpec> setting_specs() { return table(); }

}  // namespace chieng::agent
