#include "rules/suricata/classification.h"

#include <array>

#include "rules/suricata/text.h"

namespace chieng::suricata {
namespace {

struct Row {
  std::string_view name, text;
  std::uint8_t priority;
};

constexpr std::array kUsual = {
    Row{"not-suspicious", "Not Suspicious Traffic", 3},
    Row{"unknown", "Unknown Traffic", 3},
    Row{"bad-unknown", "Potentially Bad Traffic", 2},
    Row{"attempted-recon", "Attempted Information Leak", 2},
    Row{"successful-recon-limited", "Information Leak", 2},
    Row{"successful-recon-largescale", "Large Scale Information Leak", 2},
    Row{"attempted-dos", "Attempted Denial of Service", 2},
    Row{"successful-dos", "Denial of Service", 2},
    Row{"attempted-user", "Attempted User Privilege Gain", 1},
    Row{"unsuccessful-user", "Unsuccessful User Privilege Gain", 1},
    Row{"successful-user", "Successful User Privilege Gain", 1},
    Row{"attempted-admin", "Attempted Administrator Privilege Gain", 1},
    Row{"successful-admin", "Successful Administrator Privilege Gain", 1},
    Row{"rpc-portmap-decode", "Decode of an RPC Query", 2},
    Row{"shellcode-detect", "Executable code was detected", 1},
    Row{"string-detect", "A suspicious string was detected", 3},
    Row{"suspicious-filename-detect", "A suspicious filename was detected", 2},
    Row{"suspicious-login", "An attempted login using a suspicious username was detected", 2},
    Row{"system-call-detect", "A system call was detected", 2},
    Row{"tcp-connection", "A TCP connection was detected", 4},
    Row{"trojan-activity", "A Network Trojan was detected", 1},
    Row{"unusual-client-port-connection", "A client was using an unusual port", 2},
    Row{"network-scan", "Detection of a Network Scan", 3},
    Row{"denial-of-service", "Detection of a Denial of Service Attack", 2},
    Row{"non-standard-protocol", "Detection of a non-standard protocol or event", 2},
    Row{"protocol-command-decode", "Generic Protocol Command Decode", 3},
    Row{"web-application-activity", "access to a potentially vulnerable web application", 2},
    Row{"web-application-attack", "Web Application Attack", 1},
    Row{"misc-activity", "Misc activity", 3},
    Row{"misc-attack", "Misc Attack", 2},
    Row{"icmp-event", "Generic ICMP event", 3},
    Row{"inappropriate-content", "Inappropriate Content was Detected", 1},
    Row{"policy-violation", "Potential Corporate Privacy Violation", 1},
    Row{"default-login-attempt", "Attempt to login by a default username and password", 2},
    Row{"targeted-activity", "Targeted Malicious Activity was Detected", 1},
    Row{"exploit-kit", "Exploit Kit Activity Detected", 1},
    Row{"external-ip-check", "Device Retrieving External IP Address Detected", 2},
    Row{"domain-c2", "Domain Observed Used for C2 Detected", 1},
    Row{"pup-activity", "Possibly Unwanted Program Detected", 2},
    Row{"credential-theft", "Successful Credential Theft Detected", 1},
    Row{"social-engineering", "Possible Social Engineering Attempted", 2},
    Row{"coin-mining", "Crypto Currency Mining Activity Detected", 2},
    Row{"command-and-control", "Malware Command and Control Activity Detected", 1},
};

}  // namespace

Classification::Classification() {
  for (const Row& r : kUsual) classes_[std::string(r.name)] = {std::string(r.text), r.priority};
}

void Classification::load(std::string_view text) {
  for (std::string_view line : split(text, '\n')) {
    constexpr std::string_view kStart = "config classification:";
    if (!line.starts_with(kStart)) continue;
    const auto fields = split(line.substr(kStart.size()), ',');
    if (fields.size() != 3 || fields[0].empty()) continue;
    const auto priority = to_number(fields[2]);
    if (!priority || *priority < 1 || *priority > 255) continue;
    classes_[lower(fields[0])] = {std::string(fields[1]), static_cast<std::uint8_t>(*priority)};
  }
}

const RuleClass* Classification::find(std::string_view name) const {
  const auto at = classes_.find(lower(name));
  return at == classes_.end() ? nullptr : &at->second;
}

}  // namespace chieng::suricata
